"""Slabs as their readers have them: opened one at a time, by the network each is of, and what they all share."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import netCDF4
import numpy as np

from ..integrity import BrokenFileError, reading
from .grid import GRID, Key, axes_of, by_key, key_of, places_in
from .slab import ALL, JACOBIANS, PER_MATRIX


class Frame(NamedTuple):
    """The slabs of a full grid, the place of each, and what they share."""

    slabs: dict[Key, Path]
    places: dict[Key, dict[str, int]]
    """Index of each network along family, latent_dim and seed."""
    labels: dict[str, list]
    """Coordinates along family, latent_dim, seed (in order of first appearance), jacobian and dataset."""
    sizes: dict[str, int]
    """Length of every dimension; of those in slab.PER_MATRIX, the largest latent_dim."""
    variables: tuple[str, ...]
    """Of slab.ALL those that the slabs have."""
    mean_pixel: np.ndarray
    """(dataset,) float64"""
    made_by: dict[str, str]
    """Device and precision, of the first slab."""


def open_slab(path: Path) -> netCDF4.Dataset:
    """Open a slab whose variables read as plain arrays; to be closed, as by ``with``.

    Parameters
    ----------
    path : Path
        Named by grid.NETWORK.

    Returns
    -------
    netCDF4.Dataset

    Raises
    ------
    BrokenFileError
        The slab is corrupted, or its attributes name another network than its path.
    """
    with reading(path):
        file = netCDF4.Dataset(path)
        said, named = Key(str(file.family), int(file.latent_dim), int(file.seed)), key_of(path)
    if said != named:
        file.close()
        raise BrokenFileError(f"{path} holds the spectra of {said}, by its name those of {named}: move or delete it.")
    file.set_auto_mask(False)
    return file


def frame_of(paths: Iterable[Path]) -> Frame:
    """What the slabs of a study have in common.

    Parameters
    ----------
    paths : Iterable[Path]
        Slabs of a full grid, named by grid.NETWORK.

    Returns
    -------
    Frame

    Raises
    ------
    ValueError
        The slabs form no full grid, or differ in their evaluation sets, samples, pixels or variables.
    BrokenFileError
        The attributes of a slab name another network than its path.
    """
    slabs = by_key(paths)
    axes = axes_of(slabs)
    shapes = set()
    for path in slabs.values():
        with open_slab(path) as slab:
            lengths = (slab.dimensions[dim].size for dim in ("sample", "pixel"))
            shapes.add((tuple(slab["dataset"][:]), *lengths, tuple(name for name in ALL if name in slab.variables)))
    if len(shapes) > 1:
        raise ValueError(f"the slabs differ in their evaluation sets, samples, pixels or variables: {sorted(shapes)}.")
    with open_slab(next(iter(slabs.values()))) as first:
        labels = axes | {"jacobian": list(JACOBIANS), "dataset": list(first["dataset"][:])}
        sizes = {dim: dimension.size for dim, dimension in first.dimensions.items()}
        sizes |= {dim: len(axes[dim]) for dim in GRID}
        sizes |= {dim: max(axes["latent_dim"]) for dim in PER_MATRIX if dim in sizes}
        made_by = {name: first.getncattr(name) for name in ("device", "precision")}
        variables = tuple(name for name in ALL if name in first.variables)
        return Frame(slabs, places_in(axes), labels, sizes, variables, first["mean_pixel"][:], made_by)
