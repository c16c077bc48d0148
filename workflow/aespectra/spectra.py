"""Both spectra of a trained autoencoder at every point of every evaluation set, block by block into a slab.

Memory does not grow with the number of samples.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import netCDF4
import numpy as np
import torch

from .autoencoder import Autoencoder, load_checkpoint
from .datasets import Pixels
from .determinism import device_name, make_deterministic
from .eigenvalues import eigenvalues
from .files import provenance, written_whole
from .jacobian import jacobians
from .logs import Progress
from .slab import BLOCK, VARIABLES, create_slab
from .zeros import count_zeros

log = logging.getLogger(__name__)

BLOCKS = {"cpu": BLOCK, "cuda": 16 * BLOCK}
"""Samples read, computed and written at once: whole chunks, and on a GPU enough matrices to fill it."""

OUT_OF_MEMORY = (torch.OutOfMemoryError, MemoryError)

CHUNK_CACHE = 1 << 20
"""Bytes that netCDF may cache of each variable: with its own default, memory would grow with the samples."""


def write_slab(
    path: Path, checkpoint: Path, datasets: Sequence[Path], samples: int, spectra: dict, device: str = "cpu"
) -> None:
    """Compute both spectra of one trained autoencoder and write its slab, whole or not at all.

    Parameters
    ----------
    path : slab to make
    checkpoint : safetensors file of the trained autoencoder
    datasets : dataset files in the order of the dimension ``dataset``
    samples : points of each set
    spectra : config key spectra; ``precision`` is that of Jacobians and eigenvalues
    device : cpu or cuda
    """
    make_deterministic(device)
    netCDF4.set_chunk_cache(CHUNK_CACHE)
    model, made_by = load_checkpoint(checkpoint, device)
    model = model.to(getattr(torch, spectra["precision"]))
    what = {key: made_by[key] for key in ("family", "latent_dim", "seed")}
    title = "Jacobian spectra of {family}, latent_dim {latent_dim}, seed {seed}".format(**what)
    config = made_by | {"spectra": spectra, "samples": samples}
    attributes = what | provenance(title, config, device=device_name(device), precision=spectra["precision"])
    with written_whole(path) as part, netCDF4.Dataset(part, "w") as file:
        create_slab(file, made_by["latent_dim"], made_by["pixels"], len(datasets), samples)
        file.setncatts(attributes)
        log.info("spectra on %s, %s", device, spectra["precision"])
        failures, size = 0, BLOCKS[device]
        progress = Progress("latent_dim {latent_dim}, seed {seed}".format(**what), samples * len(datasets), "points")
        for index, dataset in enumerate(datasets):
            with Pixels(dataset) as pixels:
                _check_fits(pixels, dataset, made_by["pixels"], samples)
                file["dataset"][index] = pixels.name
                file["mean_pixel"][index] = pixels.mean_pixel
                _write_examples(file, index, model, pixels)
                failed, size = _write_dataset(file, index, model, pixels, samples, size, progress)
                failures += failed
        file.solver_failures = failures
        if failures:
            log.warning("the eigenvalues of %d matrices did not converge: nan", failures)


def block_spectra(model: Autoencoder, x: np.ndarray) -> dict[str, np.ndarray]:
    """Everything a slab keeps of each of n points.

    Parameters
    ----------
    model : in the precision and on the device to compute with
    x : (n, pixels) float32

    Returns
    -------
    arrays by the names in VARIABLES, all but the reconstruction; (2, n, d) eigenvalues, input and latent, as complex
    ``eigenvalue``
    """
    points = torch.from_numpy(x).to(next(model.parameters()).device)
    d = model.encoder[-1].out_features
    batch = jacobians(model.encoder, model.decoder, points)
    matrices = batch.matrices.flatten(0, 1)
    norms = torch.linalg.matrix_norm(matrices).cpu().numpy()
    values, failed = _solve(matrices)
    zeros = count_zeros(values, matrices, norms)
    return {
        "eigenvalue": values.reshape(2, len(x), d),
        "solver_failed": failed.reshape(2, len(x)),
        "zero_eigenvalues": zeros.reshape(2, len(x)),
        "frobenius_norm": norms.reshape(2, len(x)),
        "latent_norm": torch.linalg.vector_norm(batch.latent, dim=1).cpu().numpy(),
        "reconstruction_mse": batch.reconstruction_mse.cpu().numpy(),
        "same_activation_pattern": batch.same_pattern.cpu().numpy(),
    }


def _spectra_that_fit(model: Autoencoder, x: np.ndarray) -> dict[str, np.ndarray]:
    """``block_spectra`` of all points or, where memory runs out, of the first half of them, or the first quarter, ...

    MemoryError if there is not enough of it for one point.
    """
    while True:
        try:
            return block_spectra(model, x)
        except OUT_OF_MEMORY as error:
            if len(x) == 1:
                raise MemoryError(
                    "not even one point at a time fits into memory: give the job more (on a GPU: fewer jobs at once, "
                    "resource gpu), or choose another device with config key 'device'."
                ) from error
        # only here has the exception let go of the tensors; numba, and other jobs, get none that torch keeps
        torch.cuda.empty_cache()
        x = x[: len(x) // 2]
        log.warning("out of memory: from here on %d points at a time", len(x))


def _solve(matrices: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    if matrices.is_cuda:
        from . import eigenvalues_cuda  # needs the driver

        return eigenvalues_cuda.eigenvalues(matrices)
    return eigenvalues(matrices.numpy())


def _check_fits(pixels: Pixels, path: Path, expected: int, samples: int) -> None:
    if pixels.pixels != expected:
        raise ValueError(f"{path} has {pixels.pixels} pixels a sample, the autoencoder was trained on {expected}.")
    if len(pixels) < samples:
        raise ValueError(f"{path} has {len(pixels)} samples; config key 'evaluation.samples' asks for {samples}.")


@torch.no_grad()
def _write_examples(file: netCDF4.Dataset, index: int, model: Autoencoder, pixels: Pixels) -> None:
    points = torch.from_numpy(pixels[: file.dimensions["example"].size])
    file["reconstruction"][index] = model(points.to(next(model.parameters()))).cpu().numpy()


def _write_dataset(
    file: netCDF4.Dataset, index: int, model: Autoencoder, pixels: Pixels, samples: int, size: int, progress: Progress
) -> tuple[int, int]:
    """Returns how many matrices' eigenvalues did not converge, and the size of blocks that fits into memory."""
    failures = start = 0
    while start < samples:
        points = pixels[start : min(start + size, samples)]
        block = _spectra_that_fit(model, points)
        stop = start + len(block["latent_norm"])
        if stop - start < len(points):
            size = stop - start
        failures += int(block["solver_failed"].sum())
        values = block.pop("eigenvalue")
        block |= {"eigenvalue_real": values.real, "eigenvalue_imag": values.imag}
        for name, array in block.items():
            # (jacobian, sample, ...) or (sample, ...) of one dataset
            where = (slice(None), index) if "jacobian" in VARIABLES[name][1] else (index,)
            file[name][(*where, slice(start, stop))] = array
        progress.advance(stop - start)
        start = stop
    return failures, size
