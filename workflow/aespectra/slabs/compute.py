"""Both spectra of a trained autoencoder at every point of every evaluation set, block by block into a slab.

Memory does not grow with the number of samples.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import torch

from ..data.pixels import Pixels
from ..determinism import device_name, make_deterministic
from ..files import provenance, written_whole
from ..linalg.eigenvalues import eigenvalues
from ..linalg.geometry import geometry
from ..linalg.jacobian import jacobians
from ..linalg.zeros import count_zeros
from ..logs import Progress
from ..memory import has_run_out
from ..models.checkpoint import load_checkpoint
from ..models.family import Family, Network
from ..netcdf import created
from .slab import ALL, BLOCK, create_slab

log = logging.getLogger(__name__)

BLOCKS = {"cpu": BLOCK, "cuda": 16 * BLOCK}
"""Samples read, computed and written at once: whole chunks, and on a GPU enough matrices to fill it."""

CHUNK_CACHE = 1 << 20
"""Bytes that netCDF may cache of each variable: with its own default, memory would grow with the samples."""


def write_slab(
    path: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    datasets: Sequence[Path],
    samples: int,
    spectra: dict[str, Any],
    device: str = "cpu",
) -> None:
    """Compute both spectra of one trained network and write its slab, whole or not at all.

    Parameters
    ----------
    path : Path
        Slab to make.
    checkpoint : Path
        Safetensors file of the trained network.
    family : Family
        Of the network.
    made_for : dict
        What the checkpoint must have been made with: at least ``latent_dim`` and ``autoencoder``; its ``pixels`` are
        those of the first data set.
    datasets : Sequence[Path]
        Dataset files in the order of the dimension ``dataset``.
    samples : int
        Points of each set.
    spectra : dict
        ``precision``, float64 or float32: that of Jacobians and eigenvalues; ``geometry``, where it is there and true,
        for singular values beside them.
    device : str
        cpu or cuda

    Raises
    ------
    BrokenFileError
        The checkpoint is no such network.
    ValueError
        A data set has other pixels than the first, or too few samples.
    MemoryError
        Not even one point fits.
    """
    make_deterministic(device)
    netCDF4.set_chunk_cache(CHUNK_CACHE)
    with Pixels(datasets[0]) as first:
        pixels, image_shape = first.pixels, first.image_shape
    network, made_by = load_checkpoint(checkpoint, family, made_for | {"image_shape": image_shape}, device)
    network = network.to(getattr(torch, spectra["precision"]))
    what = {key: made_by[key] for key in ("family", "latent_dim", "seed")}
    title = "Jacobian spectra of {family}, latent_dim {latent_dim}, seed {seed}".format(**what)
    config = made_by | {"spectra": spectra, "samples": samples}
    with_geometry = spectra.get("geometry", False)
    attributes = what | provenance(title, config, device=device_name(device), precision=spectra["precision"])
    with written_whole(path) as part, created(part) as file:
        create_slab(file, made_by["latent_dim"], pixels, len(datasets), samples, with_geometry)
        file.setncatts(attributes)
        log.info("spectra on %s, %s", device, spectra["precision"])
        failures, size = 0, BLOCKS[device]
        progress = Progress("latent_dim {latent_dim}, seed {seed}".format(**what), samples * len(datasets), "points")
        for index, dataset in enumerate(datasets):
            with Pixels(dataset) as points:
                _check_fits(points, dataset, pixels, samples)
                file["dataset"][index] = points.name
                file["mean_pixel"][index] = points.mean_pixel
                _write_examples(file, index, network, points)
                failed, size = _write_dataset(file, index, network, points, samples, size, progress, with_geometry)
                failures += failed
        file.solver_failures = failures
        if failures:
            log.warning("the eigenvalues of %d matrices did not converge: nan", failures)


def block_spectra(network: Network, x: np.ndarray, with_geometry: bool = False) -> dict[str, np.ndarray]:
    """Everything a slab keeps of each of n points.

    Parameters
    ----------
    network : Network
        With ``encoder`` and ``decoder``, in the precision and on the device to compute with.
    x : np.ndarray
        (n, pixels), or (n, …) as the encoder takes them; floats.
    with_geometry : bool
        Whether to find singular values and what belongs to them.

    Returns
    -------
    dict[str, np.ndarray]
        By the names in VARIABLES, all but the reconstruction, and in GEOMETRY where that is asked for; (2, n, d)
        eigenvalues, input and latent, as complex ``eigenvalue``.
    """
    points = torch.from_numpy(x).to(network.like.device)
    batch = jacobians(network.encoder, network.decoder, points, grams=with_geometry)
    d = batch.latent.shape[1]
    matrices = batch.matrices.flatten(0, 1)
    norms = torch.linalg.matrix_norm(matrices).cpu().numpy()
    values, failed = _solve(matrices)
    zeros = count_zeros(values, matrices, norms)
    found = {
        "eigenvalue": values.reshape(2, len(x), d),
        "solver_failed": failed.reshape(2, len(x)),
        "zero_eigenvalues": zeros.reshape(2, len(x)),
        "frobenius_norm": norms.reshape(2, len(x)),
        "latent_norm": torch.linalg.vector_norm(batch.latent, dim=1).cpu().numpy(),
        "reconstruction_mse": batch.reconstruction_mse.cpu().numpy(),
        "same_activation_pattern": batch.same_pattern.cpu().numpy(),
    }
    if batch.grams is not None:
        of = geometry(batch.grams, batch.matrices[1], found["eigenvalue"])
        found |= {
            "singular_values": of.singular_values,
            "departure_from_normality": of.departure,
            "log_volume": of.log_volume,
        }
    return found


def spectra_that_fit(network: Network, x: np.ndarray, with_geometry: bool = False) -> dict[str, np.ndarray]:
    """``block_spectra`` of all points or, where memory runs out, of the first half of them, or the first quarter, ...

    MemoryError if there is not enough of it for one point.
    """
    while True:
        try:
            return block_spectra(network, x, with_geometry)
        except (RuntimeError, MemoryError) as error:
            if not has_run_out(error):
                raise
            if len(x) == 1:
                raise MemoryError(
                    "not even one point at a time fits into memory: give the job more, or choose another device."
                ) from error
        # only here has the exception let go of the tensors; numba, and other jobs, get none that torch keeps
        torch.cuda.empty_cache()
        x = x[: len(x) // 2]
        log.warning("out of memory: from here on %d points at a time", len(x))


def _solve(matrices: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    if matrices.is_cuda:
        from ..linalg import eigenvalues_cuda  # needs the driver

        return eigenvalues_cuda.eigenvalues(matrices)
    return eigenvalues(matrices.numpy())


def _check_fits(pixels: Pixels, path: Path, expected: int, samples: int) -> None:
    if pixels.pixels != expected:
        raise ValueError(f"{path} has {pixels.pixels} pixels a sample, the first data set {expected}.")
    if len(pixels) < samples:
        raise ValueError(f"{path} has {len(pixels)} samples, {samples} are asked for.")


@torch.no_grad()
def _write_examples(file: netCDF4.Dataset, index: int, network: Network, pixels: Pixels) -> None:
    points = torch.from_numpy(pixels[: file.dimensions["example"].size]).to(network.like)
    file["reconstruction"][index] = network.decoder(network.encoder(points)).cpu().numpy()


def _write_dataset(
    file: netCDF4.Dataset,
    index: int,
    network: Network,
    pixels: Pixels,
    samples: int,
    size: int,
    progress: Progress,
    with_geometry: bool,
) -> tuple[int, int]:
    """Returns how many matrices' eigenvalues did not converge, and the size of blocks that fits into memory."""
    failures = start = 0
    while start < samples:
        points = pixels[start : min(start + size, samples)]
        block = spectra_that_fit(network, points, with_geometry)
        stop = start + len(block["latent_norm"])
        if stop - start < len(points):
            size = stop - start
        failures += int(block["solver_failed"].sum())
        values = block.pop("eigenvalue")
        block |= {"eigenvalue_real": values.real, "eigenvalue_imag": values.imag}
        for name, array in block.items():
            # (jacobian, sample, ...) or (sample, ...) of one dataset
            where = (slice(None), index) if "jacobian" in ALL[name][1] else (index,)
            file[name][(*where, slice(start, stop))] = array
        progress.advance(stop - start)
        start = stop
    return failures, size
