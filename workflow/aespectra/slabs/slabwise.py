"""The values of the virtual cube, read from its slabs one at a time: none is open for longer than it is read.

HDF5 itself keeps every source of a virtual dataset open, and reads fill values, without a word, where it cannot open
one: of a source that is missing or broken, and of all that are more than the files that a process may have open.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.backends.locks import HDF5_LOCK, NETCDFC_LOCK, combine_locks
from xarray.core import indexing

from ..checksums import check_recorded
from ..integrity import BrokenFileError
from .grid import GRID, Key
from .reading import open_slab
from .slab import PER_MATRIX

LOCK = combine_locks([NETCDFC_LOCK, HDF5_LOCK])
"""Of xarray, for all that reads netCDF: HDF5 knows no threads."""


SOON_REREAD = 1 << 26
"""Bytes, 64 MB: a file of fewer is reread whole before it is read, for its checksum. In larger ones nearly all bytes
are values, in blocks that have checksums of their own; in small ones many are structure, which HDF5 takes as it is."""


class SlabValues(BackendArray):
    """One variable of the cube, as an array that xarray indexes.

    Parameters
    ----------
    name : str
        The variable, in slabs and cube.
    dimensions : Sequence[str]
        Of the cube's variable.
    labels : Mapping[str, Sequence]
        The cube's coordinates along family, latent_dim, seed and dataset.
    slabs : Mapping[Key, Path]
        Of all networks.
    checked : set[Path]
        Slabs that were held against their checksums, shared by all variables.
    shape : tuple[int, ...]
        Of the cube's variable.
    dtype : np.dtype
        Of both.
    """

    def __init__(
        self,
        name: str,
        dimensions: Sequence[str],
        labels: Mapping[str, Sequence],
        slabs: Mapping[Key, Path],
        checked: set[Path],
        shape: tuple[int, ...],
        dtype: np.dtype,
    ):
        self.name, self.dimensions, self.labels, self.slabs = name, dimensions, labels, slabs
        self.checked, self.shape, self.dtype = checked, shape, dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        """What ``key`` asks for along every dimension, as of numpy.ix_; whole numbers take their dimension away."""
        wanted = {
            dim: np.atleast_1d(np.arange(size)[part])
            for dim, size, part in zip(self.dimensions, self.shape, key, strict=True)
        }
        values = np.full([len(each) for each in wanted.values()], np.nan if self.dtype.kind == "f" else 0, self.dtype)
        within = {dim: each for dim, each in wanted.items() if dim not in GRID}
        for place in product(*(range(len(wanted[dim])) for dim in GRID)):
            network = Key(*(self.labels[dim][wanted[dim][i]] for dim, i in zip(GRID, place, strict=True)))
            there = dict(zip(GRID, place, strict=True))
            of_network = values[tuple(there.get(dim, slice(None)) for dim in self.dimensions)]
            if of_network.size:
                of_network[...] = self._read_slab(network, within, of_network)
        return values[tuple(0 if np.ndim(part) == 0 and not isinstance(part, slice) else slice(None) for part in key)]

    def _read_slab(self, network: Key, wanted: dict[str, np.ndarray], values: np.ndarray) -> np.ndarray:
        """``values`` of one network, those beyond its latent dimension as they are."""
        path = self.slabs[network]
        sizes = dict(zip(self.dimensions, self.shape, strict=True)) | dict.fromkeys(PER_MATRIX, network.latent_dim)
        there = {dim: each < sizes[dim] for dim, each in wanted.items()}
        inside = {dim: each[there[dim]] for dim, each in wanted.items()}
        if all(map(len, inside.values())):
            # one block from the file: HDF5 reads lists of places far slower
            block = tuple(slice(each.min(), each.max() + 1) for each in inside.values())
            try:
                self._check(path)
                with LOCK, open_slab(path) as slab:
                    source = slab[self.name]
                    if (
                        source.shape != tuple(sizes[dim] for dim in wanted)
                        or list(slab["dataset"][:]) != self.labels["dataset"]
                    ):
                        raise BrokenFileError(f"{path} has other sets or samples than the cube: run the workflow.")
                    found = source[block]
            except (OSError, RuntimeError) as error:
                raise BrokenFileError(
                    f"{path} could not be read ({error}): if it is corrupted, delete it and run again to make it anew."
                ) from error
            values[np.ix_(*there.values())] = found[np.ix_(*(each - each.min() for each in inside.values()))]
        return values

    def _check(self, path: Path) -> None:
        """Once for each slab, BrokenFileError if it differs from its checksum: a corrupted one can crash HDF5."""
        if path not in self.checked:
            if path.stat().st_size < SOON_REREAD:
                check_recorded(path)
            self.checked.add(path)


class VirtualCube(BackendEntrypoint):
    """How xarray opens it: ``xarray.open_dataset(path, engine=VirtualCube, slabs=...)``."""

    open_dataset_parameters = ("filename_or_obj", "drop_variables", "slabs")

    def open_dataset(  # type: ignore[override]  # with an argument of its own
        self, filename_or_obj: Path, *, drop_variables: Any = None, slabs: Mapping[Key, Path]
    ) -> xr.Dataset:
        """The cube, its values from ``slabs``; what it holds itself, such as coordinates, is in memory."""
        with xr.open_dataset(filename_or_obj, drop_variables=drop_variables, cache=False) as file:
            labels = {dim: file[dim].values.tolist() for dim in (*GRID, "dataset")}
            found, checked = file.drop_vars("slab", errors="ignore"), set[Path]()
            for name, variable in file.data_vars.items():
                dimensions = [str(dim) for dim in variable.dims]
                array = SlabValues(str(name), dimensions, labels, slabs, checked, variable.shape, variable.dtype)
                found[name] = variable.dims, indexing.LazilyIndexedArray(array), variable.attrs
            return found.assign_coords({name: each.load() for name, each in found.coords.items()})
