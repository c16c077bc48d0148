"""Writing netCDF-4 files on disks that may be full: an exception where netCDF's own way ends Python.

When a write fails while HDF5 closes a file, netCDF (4.9.3) lists what HDF5 still has open, which is gone already: the
process dies of a segmentation fault, without a word. Of a flush that fails before that, it says so. What is left is one
write, of the bytes that were written with success the moment before: the mark that the file is no longer open.
"""

import contextlib
import ctypes
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np

if TYPE_CHECKING:
    import xarray as xr

HEAD = 64
"""Bytes: what HDF5 writes last is its superblock, at the beginning of the file."""


@contextlib.contextmanager
def created(part: Path) -> Iterator[netCDF4.Dataset]:
    """Make a netCDF-4 file, and close it only once all of it is written.

    Parameters
    ----------
    part : Path
        File to make, as a rule the temporary one of files.written_whole.

    Yields
    ------
    netCDF4.Dataset
        Empty and open for writing.

    Raises
    ------
    OSError, RuntimeError
        Something could not be written; HDF5 has the file open until the process ends.
    """
    file = netCDF4.Dataset(part, "w")
    try:
        yield file
    finally:
        try:
            file.sync()
            _rewrite_head(part)
        except BaseException:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(file))  # never deleted, as it would then be closed
            raise
        file.close()


def put(file: netCDF4.Dataset, name: str, dimensions: tuple[str, ...], values: np.ndarray) -> None:
    """Write a variable, and those of its dimensions that the file has not yet; images are compressed."""
    for dimension, size in zip(dimensions, values.shape, strict=True):
        if dimension not in file.dimensions:
            file.createDimension(dimension, size)
    if values.dtype.kind == "U":
        file.createVariable(name, str, dimensions)[:] = values.astype(object)
    else:
        compressed = "pixel" in dimensions
        variable = file.createVariable(name, values.dtype, dimensions, zlib=compressed, fletcher32=bool(dimensions))
        variable[...] = values


def write_xarray(part: Path, data: "xr.Dataset", encoding: Mapping[str, Any] | None = None) -> None:
    """Write a data set of xarray's, as its ``to_netcdf`` would; ``created`` says how and what it raises."""
    from xarray.backends import NetCDF4DataStore  # most who write have no use for xarray, which takes a while

    with created(part) as file:
        data.dump_to_store(NetCDF4DataStore(file), encoding=dict(encoding or {}))


def _rewrite_head(part: Path) -> None:
    """Try what HDF5 does on closing, where a failure can be told: the first bytes as they are, once more."""
    with part.open("r+b", buffering=0) as file:
        head = file.read(HEAD)
        file.seek(0)
        file.write(head)
