"""The cube: all slabs of a study as one netCDF-4 file, dims (family, jacobian, dataset, latent_dim, seed, sample,
eigenvalue).

As an HDF5 virtual dataset it has some kilobytes and reads from the slabs, by names relative to itself; eigenvalues
beyond latent_dim are nan. The self-contained form holds the same values in one file. Read either with
``xarray.open_dataset``, or with ``open_cube``, which notices missing slabs where HDF5 would silently give nan.
"""

import json
import os
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

from .files import provenance, written_whole
from .integrity import BrokenFileError, check_netcdf
from .logs import Progress
from .slab import JACOBIANS, VARIABLES

GRID = ("family", "latent_dim", "seed")
DIMENSIONS = ("family", "jacobian", "dataset", "latent_dim", "seed", "sample", "eigenvalue")
Slabs = Mapping[tuple[str, int, int], Path]
"""Slab files by (family, latent_dim, seed), a full grid."""

CUBE_VARIABLES = [name for name, (_, dimensions, _) in VARIABLES.items() if "sample" in dimensions]


def by_grid(files: Sequence[str], config: dict) -> dict[tuple[str, int, int], Path]:
    """Files listed over the grid of a study, by (family, latent_dim, seed)."""
    grid = product(config["families"], config["latent_dims"], config["seeds"])
    return dict(zip(grid, map(Path, files), strict=True))


def complex_eigenvalues(spectra: xr.Dataset) -> xr.DataArray:
    """Complex eigenvalues of a slab, a cube or, better, a selection from either (this reads it into memory).

    >>> cube = open_cube("results/digits/cube.nc")  # doctest: +SKIP
    >>> complex_eigenvalues(cube.sel(dataset="uniform", latent_dim=8, seed=0).squeeze())  # doctest: +SKIP
    """
    values = spectra["eigenvalue_real"] + 1j * spectra["eigenvalue_imag"]
    return values.rename("eigenvalue").assign_attrs(long_name="eigenvalues by decreasing norm", units="1")


def open_cube(path: str | Path) -> xr.Dataset:
    """Open either form of the cube lazily; BrokenFileError where a slab it reads from is missing or truncated."""
    path = Path(path)
    cube = xr.open_dataset(path)
    for name in json.loads(cube.attrs.get("slabs", "[]")):
        slab = path.parent / name
        if not slab.exists():
            raise BrokenFileError(
                f"{path} reads from {slab}, which is missing: run the workflow, or move both together."
            )
        check_netcdf(slab)
    return cube


def write_virtual_cube(path: Path, slabs: Slabs, config: dict) -> None:
    """Write the virtual cube over ``slabs``; values stay in the slabs."""
    path = Path(path)
    sizes = _sizes(slabs)
    with written_whole(path) as part:
        with netCDF4.Dataset(part, "w") as file:
            _create_axes(file, slabs, config)
            file.slabs = json.dumps([os.path.relpath(slab, path.parent) for slab in slabs.values()])
        with h5py.File(part, "r+") as file:
            for name in CUBE_VARIABLES:
                _create_virtual_variable(file, name, slabs, sizes, path.parent)


def write_standalone_cube(path: Path, slabs: Slabs, config: dict) -> None:
    """Write the self-contained cube: the values of all slabs in one compressed file, copied a slab at a time."""
    sizes = _sizes(slabs)
    progress = Progress("cube", len(CUBE_VARIABLES) * len(slabs), "arrays")
    with written_whole(path) as part, netCDF4.Dataset(part, "w") as file:
        _create_axes(file, slabs, config)
        for name in CUBE_VARIABLES:
            dtype, dimensions, long_name = VARIABLES[name]
            dims = _cube_dimensions(dimensions)
            chunks = [
                sizes[dim] if dim == "eigenvalue" else min(4096, sizes[dim]) if dim == "sample" else 1 for dim in dims
            ]
            variable = file.createVariable(
                name,
                dtype,
                dims,
                zlib=True,
                complevel=1,
                shuffle=True,
                chunksizes=chunks,
                fill_value=_fill_value(dtype),
            )
            variable.setncatts({"long_name": long_name, "units": "1", "coordinates": "mean_pixel"})
            for key, slab in slabs.items():
                with netCDF4.Dataset(slab) as source:
                    for dataset in range(sizes["dataset"]):
                        _copy_dataset(variable, source[name], _place(dims, key, slabs, sizes, dataset), dataset)
                progress.advance(1)


def _copy_dataset(variable: netCDF4.Variable, source: netCDF4.Variable, place: tuple, dataset: int) -> None:
    source.set_auto_mask(False)
    index = [dataset if dim == "dataset" else slice(None) for dim in source.dimensions]
    variable[place] = source[tuple(index)]


def _cube_dimensions(dimensions: Sequence[str]) -> tuple[str, ...]:
    """Dimensions in the cube of a variable that has ``dimensions`` in a slab."""
    return tuple(dim for dim in DIMENSIONS if dim in GRID or dim in dimensions)


def _fill_value(dtype: str) -> np.generic | None:
    return np.float32(np.nan) if dtype == "f4" else None


def grid_axes(slabs: Mapping[tuple, Path]) -> dict[str, list]:
    """Coordinates along family, latent_dim and seed, in order of first appearance."""
    return {dim: list(dict.fromkeys(key[i] for key in slabs)) for i, dim in enumerate(GRID)}


def slab_axes(slabs: Slabs) -> dict[str, list]:
    """Coordinates along all labelled dimensions: family, latent_dim, seed, jacobian, dataset."""
    with netCDF4.Dataset(next(iter(slabs.values()))) as slab:
        return grid_axes(slabs) | {"jacobian": list(JACOBIANS), "dataset": list(slab["dataset"][:])}


def _place(dims: Sequence[str], key: tuple, slabs: Slabs, sizes: Mapping[str, int], dataset: int | slice) -> tuple:
    """Index of one slab's values in a cube variable."""
    axes = grid_axes(slabs)
    where: dict[str, int | slice] = {dim: axes[dim].index(value) for dim, value in zip(GRID, key, strict=True)}
    where |= {"dataset": dataset, "eigenvalue": slice(0, key[1])}
    return tuple(where.get(dim, slice(0, sizes[dim])) for dim in dims)


def _sizes(slabs: Slabs) -> dict[str, int]:
    """Length of every dimension; ValueError unless the slabs form a full grid over the same sets and samples."""
    axes = grid_axes(slabs)
    if set(slabs) != set(product(*axes.values())):
        raise ValueError("the slabs do not form a full grid of family, latent_dim and seed.")
    shapes = set()
    for slab in slabs.values():
        with netCDF4.Dataset(slab) as file:
            shapes.add((tuple(file["dataset"][:]), file.dimensions["sample"].size))
    if len(shapes) != 1:
        raise ValueError(f"the slabs differ in their evaluation sets or samples: {sorted(shapes)}.")
    ((datasets, samples),) = shapes
    sizes = {dim: len(values) for dim, values in axes.items()}
    return sizes | {
        "jacobian": len(JACOBIANS),
        "dataset": len(datasets),
        "sample": samples,
        "eigenvalue": max(axes["latent_dim"]),
    }


def _create_axes(file: netCDF4.Dataset, slabs: Slabs, config: dict) -> None:
    """Dimensions, coordinates (none for sample, it would be most of the file) and global attributes."""
    axes, sizes = slab_axes(slabs), _sizes(slabs)
    for dim in DIMENSIONS:
        file.createDimension(dim, sizes[dim])
    with netCDF4.Dataset(next(iter(slabs.values()))) as slab:
        mean_pixel = slab["mean_pixel"][:]
        attributes = {name: slab.getncattr(name) for name in ("device", "precision")}
    for dim, values in axes.items():
        text = isinstance(values[0], str)
        variable = file.createVariable(dim, str if text else "i4", (dim,))
        variable[:] = np.array(values, dtype=object if text else "i4")
    file["latent_dim"].long_name = "latent dimension d"
    file["seed"].long_name = "seed of initial weights and batch order"
    variable = file.createVariable("mean_pixel", "f8", ("dataset",))
    variable.setncatts({"long_name": "mean pixel value of the set", "units": "1"})
    variable[:] = mean_pixel
    file.setncatts(provenance("Jacobian spectra of a family of autoencoders", config, **attributes))


def _create_virtual_variable(file: h5py.File, name: str, slabs: Slabs, sizes: Mapping[str, int], folder: Path) -> None:
    dtype, dimensions, long_name = VARIABLES[name]
    dims = _cube_dimensions(dimensions)
    layout = h5py.VirtualLayout(tuple(sizes[dim] for dim in dims), dtype)
    layout.dcpl.set_obj_track_times(False)  # else the same cube has other bytes every second
    for key, slab in slabs.items():
        shape = tuple(key[1] if dim == "eigenvalue" else sizes[dim] for dim in dimensions)
        source = h5py.VirtualSource(os.path.relpath(slab, folder), name, shape, dtype)
        layout[_place(dims, key, slabs, sizes, slice(0, sizes["dataset"]))] = source
    fill = _fill_value(dtype)
    variable = file.create_virtual_dataset(name, layout, fillvalue=fill)
    for axis, dim in enumerate(dims):
        variable.dims[axis].attach_scale(file[dim])
    variable.attrs.update({"long_name": long_name, "units": "1", "coordinates": "mean_pixel"})
    if fill is not None:
        variable.attrs.create("_FillValue", np.array([fill]))
