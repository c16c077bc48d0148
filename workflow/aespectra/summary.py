"""The summary: every statistic that a figure shows, one small netCDF-4 file made from the slabs.

The root group holds the statistics of each seed, the group ``pooled`` those of the points of all seeds together. Dims
are those of the cube less sample and eigenvalue. Statistics and their definitions: statistics.py.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import netCDF4
import numpy as np
import xarray as xr

from .cube import GRID, Slabs, grid_axes, slab_axes
from .datasets import Pixels
from .files import provenance, written_whole
from .logs import Progress
from .statistics import LONG_NAMES, PLANE_BINS, PLANE_EXTENT, QUANTILES, point_statistics, spectrum_statistics

EXTRA_DIMENSIONS = {
    "quantiles": ("quantile",),
    "whiskers": ("whisker",),
    "density": ("plane_imag", "plane_real"),
}
"""Dimensions of the statistics that are not single numbers, by the end of their name."""

BESIDE = {
    "loss": "training loss, mean over the images of each epoch",
    "reconstruction": "y = f_dec(f_enc(x)) at the first samples of the set",
    "original": "the first samples of the set",
}
"""Long names of what is not a statistic."""


class Summary(NamedTuple):
    by_seed: xr.Dataset
    pooled: xr.Dataset


def open_summary(path: str | Path) -> Summary:
    """Read a summary file into memory."""
    return Summary(xr.load_dataset(path), xr.load_dataset(path, group="pooled"))


def write_summary(
    path: Path, slabs: Slabs, losses: Mapping[tuple, Path], datasets: Sequence[Path], config: dict
) -> None:
    """Make the summary of a study.

    Parameters
    ----------
    path : file to make, whole or not at all
    slabs : slab files by (family, latent_dim, seed), a full grid
    losses : loss curves (csv: epoch, loss) by the same keys
    datasets : dataset files, in the order of the slabs' dimension dataset
    config : the study's, kept as attribute
    """
    summary = _statistics(slabs)
    summary.by_seed["loss"] = _by_grid(losses, _read_loss, ("epoch",))
    summary.by_seed["reconstruction"] = _by_grid(slabs, _read_reconstruction, ("dataset", "example", "pixel"))
    examples = summary.by_seed.sizes["example"]
    summary.by_seed["original"] = (("dataset", "example", "pixel"), _first_samples(datasets, examples))
    first = next(iter(slabs.values()))
    with netCDF4.Dataset(first) as slab:
        attributes = {name: slab.getncattr(name) for name in ("device", "precision")}
        attributes["samples"] = slab.dimensions["sample"].size
    attributes |= provenance("Statistics of Jacobian spectra of a family of autoencoders", config)
    with written_whole(path) as part:
        for mode, group, data in (("w", None, summary.by_seed), ("a", "pooled", summary.pooled)):
            for name in data:
                units = "rad" if name.startswith("abs_arg") else "1"
                data[name].attrs |= {"long_name": (LONG_NAMES | BESIDE)[name], "units": units}
            compress = {name: {"zlib": True, "complevel": 4} for name in data if data[name].ndim > 4}
            data.assign_attrs(attributes).to_netcdf(part, mode=mode, group=group, engine="netcdf4", encoding=compress)


def _statistics(slabs: Slabs) -> Summary:
    axes = slab_axes(slabs)
    by_seed, pooled = [], []
    progress = Progress("summary", len(slabs) * len(axes["dataset"]), "sets")
    for family, latent_dim in product(axes["family"], axes["latent_dim"]):
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(netCDF4.Dataset(slabs[family, latent_dim, seed])) for seed in axes["seed"]]
            for dataset in range(len(axes["dataset"])):
                samples = [_read(file, dataset) for file in files]
                by_seed += [_cell(sample) for sample in samples]
                pooled.append(_cell({name: np.concatenate([s[name] for s in samples], axis=-1) for name in samples[0]}))
                progress.advance(len(files))
    with netCDF4.Dataset(next(iter(slabs.values()))) as slab:
        mean_pixel = ("dataset", slab["mean_pixel"][:].data)
    grid = ("family", "latent_dim", "dataset", "seed")
    coordinates = {dim: axes[dim] for dim in (*grid, "jacobian")} | {"mean_pixel": mean_pixel}
    return Summary(_table(by_seed, grid, coordinates), _table(pooled, grid[:-1], coordinates))


def _read(file: netCDF4.Dataset, dataset: int) -> dict[str, np.ndarray]:
    """What a slab holds of one set, the samples along the last axis so that seeds can be pooled along it."""
    file.set_auto_mask(False)
    values = file["eigenvalue_real"][:, dataset] + 1j * file["eigenvalue_imag"][:, dataset]
    return {
        "eigenvalue": values.swapaxes(1, 2),  # (jacobian, eigenvalue, sample)
        "zero_eigenvalues": file["zero_eigenvalues"][:, dataset],  # (jacobian, sample)
        "reconstruction_mse": file["reconstruction_mse"][dataset],
        "latent_norm": file["latent_norm"][dataset],
        "same_pattern": file["same_activation_pattern"][dataset],
    }


def _cell(sample: dict[str, np.ndarray]) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """All statistics of one autoencoder (or of those of all seeds) on one set: (dims, values) by name."""
    sample = dict(sample)
    spectra = sample.pop("eigenvalue").swapaxes(1, 2)
    zeros = sample.pop("zero_eigenvalues")
    of_each = [spectrum_statistics(values, zero) for values, zero in zip(spectra, zeros, strict=True)]
    both = {name: np.stack([statistics[name] for statistics in of_each]) for name in of_each[0]}
    cell = {name: (("jacobian", *_extra(name)), values) for name, values in both.items()}
    points = point_statistics(*spectra, **sample)
    return cell | {name: (_extra(name), np.asarray(values)) for name, values in points.items()}


def _extra(name: str) -> tuple[str, ...]:
    return EXTRA_DIMENSIONS.get(name.rsplit("_", 1)[-1], ())


def _table(cells: list[dict], grid: tuple[str, ...], coordinates: dict) -> xr.Dataset:
    """Cells in the order of ``grid`` as one data set."""
    lengths = [len(coordinates[dim]) for dim in grid]
    variables = {}
    for name, (dims, first) in cells[0].items():
        values = np.stack([cell[name][1] for cell in cells]).reshape(*lengths, *first.shape)
        variables[name] = ((*grid, *dims), values)
    size = PLANE_EXTENT / PLANE_BINS
    centres = {
        "quantile": np.array(QUANTILES),
        "whisker": ["low", "high"],
        "plane_imag": (np.arange(PLANE_BINS) + 0.5) * size,
        "plane_real": (np.arange(2 * PLANE_BINS) + 0.5) * size - PLANE_EXTENT,
    }
    kept = {name: values for name, values in coordinates.items() if name != "seed" or "seed" in grid}
    return xr.Dataset(variables, kept | centres)


def _by_grid(slabs: Mapping[tuple, Path], read: Callable[[Path], np.ndarray], dims: tuple[str, ...]) -> xr.DataArray:
    """One array a slab, stacked along family, latent_dim and seed."""
    axes = grid_axes(slabs)
    lengths = [len(axes[dim]) for dim in GRID]
    values = np.stack([read(slabs[key]) for key in product(*(axes[dim] for dim in GRID))])
    return xr.DataArray(values.reshape(*lengths, *values.shape[1:]), dims=(*GRID, *dims))


def _read_loss(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)[:, 1]


def _read_reconstruction(path: Path) -> np.ndarray:
    with netCDF4.Dataset(path) as slab:
        return slab["reconstruction"][:].data


def _first_samples(datasets: Sequence[Path], examples: int) -> np.ndarray:
    first = []
    for path in datasets:
        with Pixels(path) as pixels:
            first.append(pixels[:examples])
    return np.stack(first)
