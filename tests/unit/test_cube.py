"""The cube, virtual and self-contained, against its slabs value by value."""

import importlib.util
import json
import os
import shutil
import time
from itertools import product
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra import cube as library
from aespectra.cube import by_grid, complex_eigenvalues, open_cube, write_standalone_cube, write_virtual_cube
from aespectra.integrity import BrokenFileError
from aespectra.slab import VARIABLES

LATENT_DIMS, SEEDS = (3, 2, 6), (7, 0)
KEYS = list(product(["autoencoder"], LATENT_DIMS, SEEDS))
CONFIG = {"experiment": "test", "seeds": [7, 0]}
WRITERS = {"virtual": write_virtual_cube, "standalone": write_standalone_cube}
ENGINES = [name for name in ("netcdf4", "h5netcdf") if importlib.util.find_spec(name.replace("cdf4", "CDF4"))]


def grid(folder: Path, make_slab, **sizes) -> dict:
    return {key: make_slab(folder / f"d{key[1]}" / f"seed{key[2]}.nc", key[1], key[2], **sizes) for key in KEYS}


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab):
    """A folder with slabs and both cubes: (slabs, {form: path})."""
    folder = tmp_path_factory.mktemp("study")
    slabs = grid(folder / "spectra", make_slab)
    cubes = {form: folder / "cubes" / f"{form}.nc" for form in WRITERS}
    for form, write in WRITERS.items():
        write(cubes[form], slabs, CONFIG)
    return slabs, cubes


@pytest.fixture
def own_study(tmp_path, make_slab):
    """The same in a folder that a test may spoil, only the virtual cube."""
    slabs = grid(tmp_path / "study" / "spectra", make_slab)
    write_virtual_cube(tmp_path / "study" / "cube.nc", slabs, CONFIG)
    return slabs, tmp_path / "study" / "cube.nc"


def assert_cube_of(file: xr.Dataset, slabs: dict) -> None:
    """Every value of every slab is in its place, and everything else is nan."""
    largest = max(key[1] for key in slabs)
    checked = dict.fromkeys(file.data_vars, 0)
    for (family, latent_dim, seed), path in slabs.items():
        cell = file.sel(family=family, latent_dim=latent_dim, seed=seed)
        with netCDF4.Dataset(path) as source:
            source.set_auto_mask(False)
            for name, (_, dimensions, _) in VARIABLES.items():
                if "sample" not in dimensions:
                    assert name not in file
                    continue
                found, wanted = cell[name].transpose(*dimensions).values, source[name][:]
                assert file[name].dtype == wanted.dtype
                if "eigenvalue" in dimensions:
                    assert found.shape[-1] == largest
                    assert np.isnan(found[..., latent_dim:]).all()
                    found = found[..., :latent_dim]
                np.testing.assert_array_equal(found, wanted, err_msg=name)
                checked[name] += 1
    assert all(count == len(slabs) for name, count in checked.items() if name != "mean_pixel")
    assert len(checked) >= 7


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("engine", ENGINES)
def test_cube_holds_its_slabs(study, form, engine):
    slabs, cubes = study
    with xr.open_dataset(cubes[form], engine=engine) as file:
        assert_cube_of(file, slabs)


@pytest.mark.parametrize("form", WRITERS)
def test_open_cube_holds_its_slabs(study, form):
    slabs, cubes = study
    with open_cube(str(cubes[form])) as file:
        assert_cube_of(file, slabs)


@pytest.mark.parametrize("form", WRITERS)
def test_axes_and_attributes(study, form):
    _, cubes = study
    with open_cube(cubes[form]) as file:
        dims = ("family", "jacobian", "dataset", "latent_dim", "seed", "sample", "eigenvalue")
        assert file["eigenvalue_real"].dims == dims
        assert file["eigenvalue_real"].shape == (1, 2, 3, 3, 2, 30, 6)
        assert file["latent_norm"].dims == ("family", "dataset", "latent_dim", "seed", "sample")
        assert file["latent_dim"].values.tolist() == list(LATENT_DIMS)
        assert file["seed"].values.tolist() == list(SEEDS)
        assert file["family"].values.tolist() == ["autoencoder"]
        assert file["jacobian"].values.tolist() == ["input", "latent"]
        assert file["dataset"].values.tolist() == ["digits", "uniform", "dark"]
        assert file["mean_pixel"].values.tolist() == [0.125, 0.5, 0.25]
        assert json.loads(file.attrs["config"]) == CONFIG
        assert file.attrs["Conventions"] == "CF-1.11"
        assert file.attrs["device"] == "cpu"
        assert file.attrs["precision"] == "float64"
        for name in file.data_vars:
            assert file[name].attrs["long_name"]
            assert file[name].attrs["units"] == "1"


def test_both_forms_are_one_dataset(study):
    _, cubes = study
    with open_cube(cubes["virtual"]) as virtual, open_cube(cubes["standalone"]) as standalone:
        for file in (virtual, standalone):
            file.attrs.pop("slabs", None)
        xr.testing.assert_identical(virtual.load(), standalone.load())


def test_the_virtual_cube_holds_no_values(study):
    slabs, cubes = study
    assert cubes["virtual"].stat().st_size < 60_000
    with netCDF4.Dataset(cubes["virtual"]) as file:
        assert sorted(json.loads(file.slabs)) == sorted(
            os.path.relpath(path, cubes["virtual"].parent) for path in slabs.values()
        )


def test_the_virtual_cube_follows_its_slabs(own_study):
    slabs, path = own_study
    key = KEYS[3]
    with netCDF4.Dataset(slabs[key], "a") as slab:
        slab["latent_norm"][1, 4] = 123
    with open_cube(path) as file:
        cell = file["latent_norm"].sel(family=key[0], latent_dim=key[1], seed=key[2]).isel(dataset=1, sample=4)
        assert cell.item() == 123


def test_the_standalone_cube_needs_no_slabs(study, tmp_path):
    slabs, cubes = study
    shutil.copy(cubes["standalone"], tmp_path / "alone.nc")
    with open_cube(tmp_path / "alone.nc") as file:
        assert "slabs" not in file.attrs
        assert_cube_of(file, slabs)


@pytest.mark.parametrize("start", ["study", "elsewhere"])
def test_moved_together_it_still_reads(own_study, tmp_path, monkeypatch, make_slab, start):
    _, path = own_study
    moved = tmp_path / "elsewhere" / "moved"
    moved.parent.mkdir()
    shutil.move(path.parent, moved)
    same = grid(tmp_path / "again", make_slab)
    monkeypatch.chdir(tmp_path if start == "study" else tmp_path / "elsewhere")
    name = os.path.relpath(moved / "cube.nc")
    with open_cube(name) as file:
        assert_cube_of(file, same)


def test_relative_names_work_from_the_folder_of_the_study(tmp_path, monkeypatch, make_slab):
    monkeypatch.chdir(tmp_path)
    slabs = grid(Path("results/x/spectra"), make_slab)
    write_virtual_cube("results/x/cube.nc", slabs, CONFIG)
    with open_cube("results/x/cube.nc") as file:
        assert_cube_of(file, slabs)


def test_a_missing_slab_is_named(own_study):
    slabs, path = own_study
    slabs[KEYS[2]].unlink()
    with pytest.raises(BrokenFileError, match="missing") as caught:
        open_cube(path)
    assert "d2" in str(caught.value)
    assert "seed7.nc" in str(caught.value)


@pytest.mark.parametrize("left", [0.99, 0.5, 0.0])
def test_a_truncated_slab_is_named(own_study, left):
    slabs, path = own_study
    content = slabs[KEYS[5]].read_bytes()
    slabs[KEYS[5]].write_bytes(content[: int(len(content) * left)])
    with pytest.raises(BrokenFileError) as caught:
        open_cube(path)
    assert "d6" in str(caught.value)
    assert "seed0.nc" in str(caught.value)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_an_incomplete_grid_is_refused(study, tmp_path, write):
    slabs = dict(study[0])
    del slabs[KEYS[1]]
    with pytest.raises(ValueError, match="do not form a full grid"):
        write(tmp_path / "cube.nc", slabs, CONFIG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("odd", [{"samples": 29}, {"names": ("digits", "dark", "uniform")}, {"names": ("digits",)}])
def test_slabs_that_differ_are_refused(study, tmp_path, make_slab, write, odd):
    slabs = dict(study[0])
    slabs[KEYS[1]] = make_slab(tmp_path / "odd.nc", KEYS[1][1], KEYS[1][2], **odd)
    with pytest.raises(ValueError, match="differ in their evaluation sets or samples"):
        write(tmp_path / "cube.nc", slabs, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["odd.nc"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_crash_while_writing_leaves_no_cube(study, tmp_path, monkeypatch, form):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "_place", crash)
    with pytest.raises(KeyboardInterrupt):
        WRITERS[form](tmp_path / "cube.nc", study[0], CONFIG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_slabs_make_the_same_bytes(study, form):
    slabs, cubes = study
    time.sleep(1.1)  # HDF5 would note the second
    again = cubes[form].with_name("again.nc")
    WRITERS[form](again, slabs, CONFIG)
    assert again.read_bytes() == cubes[form].read_bytes()


def test_several_families_stand_side_by_side(tmp_path, make_slab):
    slabs = {
        (family, d, seed): make_slab(tmp_path / f"{family}-{d}-{seed}.nc", d, seed, family=family)
        for family, d, seed in product(["vae", "autoencoder"], [2, 4], [1])
    }
    for form, write in WRITERS.items():
        write(tmp_path / f"{form}.cube", slabs, CONFIG)
        with open_cube(tmp_path / f"{form}.cube") as file:
            assert file["family"].values.tolist() == ["vae", "autoencoder"]
            assert_cube_of(file, slabs)


def test_complex_eigenvalues_of_a_slab_and_of_the_cube(study):
    slabs, cubes = study
    with netCDF4.Dataset(slabs[KEYS[4]]) as source:
        real, imag = source["eigenvalue_real"][:].data, source["eigenvalue_imag"][:].data
    with xr.open_dataset(slabs[KEYS[4]]) as file:
        values = complex_eigenvalues(file)
        assert values.name == "eigenvalue"
        assert np.iscomplexobj(values)
        np.testing.assert_array_equal(values.values.real, real)
        np.testing.assert_array_equal(values.values.imag, imag)
    with open_cube(cubes["virtual"]) as file:
        cell = file.sel(family="autoencoder", latent_dim=KEYS[4][1], seed=KEYS[4][2], dataset="dark", jacobian="latent")
        values = complex_eigenvalues(cell)
        assert values.dims == ("sample", "eigenvalue")
        np.testing.assert_array_equal(values.values, (real + 1j * imag)[1, 2])


def test_files_by_grid_come_in_the_order_of_the_config():
    config = {"families": ["autoencoder", "vae"], "latent_dims": [3, 2], "seeds": [1, 0]}
    names = [f"{family}-{d}-{seed}" for family, d, seed in product(["autoencoder", "vae"], [3, 2], [1, 0])]
    found = by_grid(names, config)
    assert len(found) == 8
    assert all(path == Path("-".join(map(str, key))) for key, path in found.items())
    with pytest.raises(ValueError, match="zip"):
        by_grid(names[:-1], config)
