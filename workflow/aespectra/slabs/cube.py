"""The cube: all slabs of a study as one netCDF-4 file.

Its dimensions are (family, jacobian, dataset, latent_dim, seed, sample, eigenvalue), and singular_value where the slabs
have that. As an HDF5 virtual dataset it has some kilobytes and reads from the slabs, by names relative to itself;
eigenvalues beyond latent_dim are nan. The self-contained form holds the same values in one file.

Read either with ``open_cube``: it gives every value or says what is wrong. ``xarray.open_dataset`` reads the virtual
form through HDF5 (slabwise.py), which needs as many open files as slabs are read, and where it cannot read one it
silently gives nan, and -1 in variables of whole numbers, which have no negative values; its coordinate ``slab`` names
the file of every network.
"""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

from ..checksums import check_recorded
from ..files import provenance, written_whole
from ..integrity import BrokenFileError, check_netcdf
from ..logs import Progress
from ..netcdf import created
from .grid import GRID, Key, by_key
from .reading import Frame, frame_of, open_slab
from .slab import ALL, BLOCK, PER_MATRIX
from .slabwise import SOON_REREAD, VirtualCube

DIMENSIONS = ("family", "jacobian", "dataset", "latent_dim", "seed", "sample", *PER_MATRIX)


def complex_eigenvalues(spectra: xr.Dataset) -> xr.DataArray:
    """Complex eigenvalues of a slab, a cube or, better, a selection from either.

    Parameters
    ----------
    spectra : xr.Dataset
        With eigenvalue_real and eigenvalue_imag, which are read into memory.

    Returns
    -------
    xr.DataArray
        complex64, with their dimensions and coordinates.

    Examples
    --------
    >>> cube = open_cube("results/digits/cube.nc")  # doctest: +SKIP
    >>> complex_eigenvalues(cube.sel(dataset="uniform", latent_dim=8, seed=0).squeeze())  # doctest: +SKIP
    """
    values = spectra["eigenvalue_real"] + 1j * spectra["eigenvalue_imag"]
    return values.rename("eigenvalue").assign_attrs(long_name="eigenvalues by decreasing norm", units="1")


def open_cube(path: str | Path) -> xr.Dataset:
    """Open either form of the cube lazily.

    Of the virtual cube no more than one slab is open at a time, and only those that a selection needs: the number of
    networks is not limited by the number of files that may be open.

    Parameters
    ----------
    path : str or Path
        The cube; the virtual one beside its slabs.

    Returns
    -------
    xr.Dataset
        Reading values from it raises BrokenFileError if a slab is corrupted, or has been replaced by another.

    Raises
    ------
    BrokenFileError
        The cube is not what was written, or a slab that it reads from is missing or truncated.
    """
    path = Path(path)
    check_netcdf(path)
    if path.stat().st_size < SOON_REREAD:
        check_recorded(path)  # a corrupted one can crash HDF5
    with xr.open_dataset(path) as cube:
        # an attribute, before there was a coordinate
        names = cube["slab"].values.ravel() if "slab" in cube.coords else json.loads(cube.attrs.get("slabs", "[]"))
    if not len(names):
        return xr.open_dataset(path)
    slabs = by_key(path.parent / name for name in names)
    for slab in slabs.values():
        if not slab.exists():
            raise BrokenFileError(
                f"{path} reads from {slab}, which is missing: run the workflow, or move both together."
            )
        check_netcdf(slab)
    return xr.open_dataset(path, engine=VirtualCube, slabs=slabs)


def write_virtual_cube(path: Path, slabs: Iterable[Path], config: dict) -> None:
    """Write the virtual cube, whose values stay in the slabs.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    slabs : Iterable[Path]
        Of a full grid, named by grid.NETWORK; the axes have the order in which they come.
    config : dict
        The study's, kept as attribute.

    Raises
    ------
    ValueError
        The slabs form no full grid, or differ in their evaluation sets, samples or pixels.
    BrokenFileError
        The attributes of a slab name another network than its path.
    """
    frame = frame_of(slabs)
    with written_whole(path) as part:
        with created(part) as file:
            _create_axes(file, frame, config)
            _create_names(file, frame, path.parent)
        with h5py.File(part, "r+") as file:
            for name in _of_points(frame):
                _create_virtual_variable(file, name, frame, path.parent)


def write_standalone_cube(path: Path, slabs: Iterable[Path], config: dict) -> None:
    """Write the self-contained cube: the values of all slabs in one compressed file, copied a slab at a time.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    slabs : Iterable[Path]
        As of write_virtual_cube, which raises what this raises.
    config : dict
        The study's, kept as attribute.
    """
    frame = frame_of(slabs)
    progress = Progress("cube", len(frame.slabs), "slabs")
    with written_whole(path) as part, created(part) as file:
        _create_axes(file, frame, config)
        for name in _of_points(frame):
            _create_standalone_variable(file, name, frame.sizes)
        for key, slab in frame.slabs.items():
            with open_slab(slab) as source:
                for name in _of_points(frame):
                    for dataset in range(frame.sizes["dataset"]):
                        place = _place(file[name].dimensions, key, frame, dataset)
                        index = [dataset if dim == "dataset" else slice(None) for dim in source[name].dimensions]
                        file[name][place] = source[name][tuple(index)]
            progress.advance(1)


def _create_standalone_variable(file: netCDF4.Dataset, name: str, sizes: dict[str, int]) -> None:
    dtype, dimensions, long_name = ALL[name]
    dims = _cube_dimensions(dimensions)
    chunks = {
        **dict.fromkeys(dims, 1),
        "sample": min(BLOCK, sizes["sample"]),
        **dict.fromkeys(PER_MATRIX, sizes["eigenvalue"]),
    }
    variable = file.createVariable(
        name,
        dtype,
        dims,
        zlib=True,
        complevel=1,
        shuffle=True,
        fletcher32=True,
        chunksizes=[chunks[dim] for dim in dims],
        fill_value=_fill_value(dtype),
    )
    variable.setncatts({"long_name": long_name, "units": "1", "coordinates": "mean_pixel"})


def _of_points(frame: Frame) -> list[str]:
    """The variables of a cube."""
    return [name for name in frame.variables if "sample" in ALL[name][1]]


def _cube_dimensions(dimensions: Sequence[str]) -> tuple[str, ...]:
    """Dimensions in the cube of a variable that has ``dimensions`` in a slab."""
    return tuple(dim for dim in DIMENSIONS if dim in GRID or dim in dimensions)


def _fill_value(dtype: str) -> np.generic | None:
    return np.float32(np.nan) if dtype == "f4" else None


def _place(dims: Sequence[str], key: Key, frame: Frame, dataset: int | slice) -> tuple:
    """Index of one slab's values in a cube variable."""
    where = frame.places[key] | {"dataset": dataset} | dict.fromkeys(PER_MATRIX, slice(0, key.latent_dim))
    return tuple(where.get(dim, slice(0, frame.sizes[dim])) for dim in dims)


def _create_axes(file: netCDF4.Dataset, frame: Frame, config: dict) -> None:
    """Dimensions, coordinates (none for sample, it would be most of the file) and global attributes."""
    for dim in DIMENSIONS:
        if dim in frame.sizes:
            file.createDimension(dim, frame.sizes[dim])
    for dim, values in frame.labels.items():
        text = isinstance(values[0], str)
        variable = file.createVariable(dim, str if text else "i4", (dim,))
        variable[:] = np.array(values, dtype=object if text else "i4")
    file["latent_dim"].long_name = "latent dimension d"
    file["seed"].long_name = "seed of initial weights and batch order"
    variable = file.createVariable("mean_pixel", "f8", ("dataset",))
    variable.setncatts({"long_name": "mean pixel value of the set", "units": "1"})
    variable[:] = frame.mean_pixel
    file.setncatts(provenance("Jacobian spectra of a family of autoencoders", config, **frame.made_by))


def _create_names(file: netCDF4.Dataset, frame: Frame, folder: Path) -> None:
    """The coordinate that says from which file the values of a network come."""
    names = np.empty([frame.sizes[dim] for dim in GRID], object)
    for key, slab in frame.slabs.items():
        names[tuple(frame.places[key][dim] for dim in GRID)] = os.path.relpath(slab, folder)
    variable = file.createVariable("slab", str, GRID)
    variable.long_name = "file that the values of this network are read from, as seen from this one"
    variable[:] = names


def _create_virtual_variable(file: h5py.File, name: str, frame: Frame, folder: Path) -> None:
    dtype, dimensions, long_name = ALL[name]
    dims, sizes = _cube_dimensions(dimensions), frame.sizes
    layout = h5py.VirtualLayout(tuple(sizes[dim] for dim in dims), dtype)
    layout.dcpl.set_obj_track_times(False)  # else the same cube has other bytes every second
    for key, slab in frame.slabs.items():
        shape = tuple(key.latent_dim if dim in PER_MATRIX else sizes[dim] for dim in dimensions)
        source = h5py.VirtualSource(os.path.relpath(slab, folder), name, shape, dtype)
        layout[_place(dims, key, frame, slice(0, sizes["dataset"]))] = source
    fill = _fill_value(dtype)
    # -1 is no attribute _FillValue, with which xarray would read whole numbers as fractions
    variable = file.create_virtual_dataset(name, layout, fillvalue=-1 if fill is None else fill)
    for axis, dim in enumerate(dims):
        variable.dims[axis].attach_scale(file[dim])
    variable.attrs.update({"long_name": long_name, "units": "1", "coordinates": "mean_pixel slab"})
    if fill is not None:
        variable.attrs.create("_FillValue", np.array([fill]))
