"""Slabs of a small grid, what writes cubes over them, and a cube held against its slabs."""

import importlib.util
from itertools import product
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr
from aespectra.slabs.cube import write_standalone_cube, write_virtual_cube
from aespectra.slabs.grid import NETWORK, Key
from aespectra.slabs.slab import ALL, PER_MATRIX

LATENT_DIMS, SEEDS = (3, 2, 6), (7, 0)
KEYS = [Key(*each) for each in product(["autoencoder"], LATENT_DIMS, SEEDS)]
CONFIG = {"experiment": "test", "seeds": [7, 0]}
WRITERS = {"virtual": write_virtual_cube, "standalone": write_standalone_cube}
ENGINES = [name for name in ("netcdf4", "h5netcdf") if importlib.util.find_spec(name.replace("cdf4", "CDF4"))]


def path_of(folder: Path, key: Key) -> Path:
    return folder / f"{NETWORK.format(**key._asdict())}.nc"


def grid(folder: Path, make_slab, keys=KEYS) -> dict[Key, Path]:
    return {key: make_slab(path_of(folder, key), key.latent_dim, key.seed, family=key.family) for key in keys}


def assert_cube_of(file: xr.Dataset, slabs: dict) -> None:
    """Every value of every slab is in its place, and everything else is nan."""
    largest = max(key[1] for key in slabs)
    checked = dict.fromkeys(file.data_vars, 0)
    for (family, latent_dim, seed), path in slabs.items():
        cell = file.sel(family=family, latent_dim=latent_dim, seed=seed)
        with netCDF4.Dataset(path) as source:
            source.set_auto_mask(False)
            for name, (_, dimensions, _) in ALL.items():
                if name not in source.variables or "sample" not in dimensions:
                    assert name not in file
                    continue
                found, wanted = cell[name].transpose(*dimensions).values, source[name][:]
                assert file[name].dtype == wanted.dtype
                if dimensions[-1] in PER_MATRIX:
                    assert found.shape[-1] == largest
                    assert np.isnan(found[..., latent_dim:]).all()
                    found = found[..., :latent_dim]
                np.testing.assert_array_equal(found, wanted, err_msg=name)
                checked[name] += 1
    assert all(count == len(slabs) for name, count in checked.items() if name != "mean_pixel")
    assert len(checked) >= 7
