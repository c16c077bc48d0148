"""The statistics of one family at one latent dimension, from its slabs: a part of the summary (layout.py)."""

import csv
from collections.abc import Iterable
from pathlib import Path

import netCDF4
import numpy as np

from ..files import provenance, written_whole
from ..integrity import reading
from ..logs import Progress
from ..netcdf import created
from ..slabs.grid import by_key
from ..slabs.reading import frame_of, open_slab
from .geometry_statistics import geometry_statistics, volume_statistics
from .layout import GEOMETRY, OF_NETWORKS, STEPS, create_summary
from .statistics import point_statistics, spectrum_statistics


def write_statistics(path: Path, slabs: Iterable[Path], losses: Iterable[Path]) -> None:
    """Make one part of a summary; no more than one slab is open at a time, and of one evaluation set in memory.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    slabs : Iterable[Path]
        Of every seed of one family and latent dimension, named by grid.NETWORK.
    losses : Iterable[Path]
        Loss curves of the same networks, as csv with columns epoch and loss; others are left alone.

    Raises
    ------
    ValueError
        The slabs are of several families or latent dimensions, differ in their evaluation sets, samples, pixels or
        variables, or are of other networks than the loss curves.
    BrokenFileError
        The attributes of a slab name another network than its path.
    """
    frame = frame_of(slabs)
    (family, *more), (latent_dim, *further) = frame.labels["family"], frame.labels["latent_dim"]
    if more or further:
        raise ValueError(f"a part is of one family and latent dimension, the slabs are of {sorted(frame.slabs)}.")
    curves = {key: _read_loss(each) for key, each in by_key(losses).items()}
    if set(curves) != set(frame.slabs):
        raise ValueError(f"the loss curves are of {sorted(curves)}, the slabs of {sorted(frame.slabs)}.")
    made_from = {"family": family, "latent_dim": latent_dim, "seeds": frame.labels["seed"]}
    attributes = frame.made_by | {"samples": frame.sizes["sample"]}
    attributes |= provenance("Statistics of Jacobian spectra at one latent dimension", made_from)
    # of initial weights there is no loss, and netCDF has no dimension of length 0
    epochs = max([1, *map(len, curves.values())])
    sizes = {"epoch": epochs, "example": frame.sizes["example"], "pixel": frame.sizes["pixel"]}
    progress = Progress("statistics", len(frame.slabs) * frame.sizes["dataset"], "sets")
    with written_whole(path) as part, created(part) as file:
        variables = OF_NETWORKS | (GEOMETRY if "singular_values" in frame.variables else {})
        create_summary(file, variables, frame.labels, sizes, frame.mean_pixel, attributes)
        for key, slab in frame.slabs.items():
            seed = frame.places[key]["seed"]
            file["loss"][0, 0, seed, : len(curves[key])] = curves[key]
            with open_slab(slab) as source, reading(slab):
                examples = source["reconstruction"][:]
            file["reconstruction"][0, 0, seed] = np.round(examples * STEPS) / STEPS
        for dataset in range(frame.sizes["dataset"]):
            samples = []
            for key, slab in frame.slabs.items():
                with open_slab(slab) as source, reading(slab):
                    samples.append(_read(source, dataset))
                for name, values in _statistics(samples[-1]).items():
                    file[name][0, 0, dataset, frame.places[key]["seed"]] = values
                progress.advance(1)
            together = {name: np.concatenate([each[name] for each in samples], axis=-1) for name in samples[0]}
            for name, values in _statistics(together).items():
                file["pooled"][name][0, 0, dataset] = values


def _read(slab: netCDF4.Dataset, dataset: int) -> dict[str, np.ndarray]:
    """What a slab holds of one set, the samples along the last axis so that seeds can be pooled along it."""
    values = slab["eigenvalue_real"][:, dataset] + 1j * slab["eigenvalue_imag"][:, dataset]
    found = {
        "eigenvalue": values.swapaxes(1, 2),  # (jacobian, eigenvalue, sample)
        "zero_eigenvalues": slab["zero_eigenvalues"][:, dataset],  # (jacobian, sample)
        "reconstruction_mse": slab["reconstruction_mse"][dataset],
        "latent_norm": slab["latent_norm"][dataset],
        "same_pattern": slab["same_activation_pattern"][dataset],
    }
    if "singular_values" in slab.variables:
        found |= {
            "singular_values": slab["singular_values"][:, dataset].swapaxes(1, 2),
            "departure": slab["departure_from_normality"][:, dataset],
            "log_volume": slab["log_volume"][dataset],
        }
    return found


def _statistics(sample: dict[str, np.ndarray]) -> dict[str, float | np.ndarray]:
    """All of one autoencoder (or of those of all seeds) on one set; of each Jacobian, these along the first axis."""
    sample = dict(sample)
    spectra = sample.pop("eigenvalue").swapaxes(1, 2)
    zeros = sample.pop("zero_eigenvalues")
    found = _stacked([spectrum_statistics(values, zero) for values, zero in zip(spectra, zeros, strict=True)])
    if "singular_values" in sample:
        singular, departures = sample.pop("singular_values").swapaxes(1, 2), sample.pop("departure")
        found |= _stacked([geometry_statistics(*each) for each in zip(singular, departures, strict=True)])
        found |= volume_statistics(sample.pop("log_volume"))
    return found | point_statistics(*spectra, **sample)


def _stacked(of_each: list[dict[str, float | np.ndarray]]) -> dict[str, float | np.ndarray]:
    return {name: np.stack([statistics[name] for statistics in of_each]) for name in of_each[0]}


def _read_loss(path: Path) -> np.ndarray:
    with path.open(newline="", encoding="utf-8") as file:
        return np.array([float(row["loss"]) for row in csv.DictReader(file)])
