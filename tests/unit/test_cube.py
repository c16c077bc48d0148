"""The cube, virtual and self-contained, against its slabs value by value."""

import json
import os
import shutil
import sys
import time
from itertools import product
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra.checksums import record_checksum
from aespectra.integrity import BrokenFileError
from aespectra.slabs import cube as library
from aespectra.slabs.cube import complex_eigenvalues, open_cube, write_virtual_cube
from aespectra.slabs.grid import Key
from aespectra.slabs.slab import VARIABLES

from .cubes import CONFIG, ENGINES, KEYS, LATENT_DIMS, SEEDS, WRITERS, assert_cube_of, grid, path_of


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
        xr.testing.assert_identical(virtual.load(), standalone.load())


def test_the_virtual_cube_holds_no_values(study):
    _, cubes = study
    assert cubes["virtual"].stat().st_size < 60_000


def test_plain_xarray_says_where_the_values_of_a_network_are(study):
    slabs, cubes = study
    with xr.open_dataset(cubes["virtual"]) as file:
        for key, path in slabs.items():
            of_network = file["latent_norm"].sel(family=key.family, latent_dim=key.latent_dim, seed=key.seed)
            assert of_network["slab"].item() == os.path.relpath(path, cubes["virtual"].parent)


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
        assert "slab" not in file.coords
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
    write_virtual_cube(Path("results/x/cube.nc"), slabs.values(), CONFIG)
    with open_cube("results/x/cube.nc") as file:
        assert_cube_of(file, slabs)


def test_a_missing_slab_is_named(own_study):
    slabs, path = own_study
    slabs[KEYS[2]].unlink()
    with pytest.raises(BrokenFileError, match="missing") as caught:
        open_cube(path)
    assert "d2_seed7.nc" in str(caught.value)


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
        write(tmp_path / "cube.nc", slabs.values(), CONFIG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_slab_under_the_name_of_another_is_refused(own_study, write):
    slabs, path = own_study
    shutil.copy(slabs[KEYS[0]], slabs[KEYS[4]])
    path.unlink()
    with pytest.raises(BrokenFileError) as caught:
        write(path, slabs.values(), CONFIG)
    assert str(slabs[KEYS[4]]) in str(caught.value)
    assert f"{KEYS[0]}, by its name those of {KEYS[4]}" in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize(
    "odd", [{"samples": 29}, {"pixels": 5}, {"names": ("digits", "dark", "uniform")}, {"names": ("digits",)}]
)
def test_slabs_that_differ_are_refused(study, tmp_path, make_slab, write, odd):
    slabs = dict(study[0])
    slabs[KEYS[1]] = make_slab(path_of(tmp_path, KEYS[1]), KEYS[1].latent_dim, KEYS[1].seed, **odd)
    with pytest.raises(ValueError, match="differ in their evaluation sets, samples, pixels or variables"):
        write(tmp_path / "cube.nc", slabs.values(), CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["autoencoder"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_crash_while_writing_leaves_no_cube(study, tmp_path, monkeypatch, form):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "_place", crash)
    with pytest.raises(KeyboardInterrupt):
        WRITERS[form](tmp_path / "cube.nc", study[0].values(), CONFIG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_slabs_make_the_same_bytes(study, form):
    slabs, cubes = study
    time.sleep(1.1)  # HDF5 would note the second
    again = cubes[form].with_name("again.nc")
    WRITERS[form](again, slabs.values(), CONFIG)
    assert again.read_bytes() == cubes[form].read_bytes()


def test_several_families_stand_side_by_side(tmp_path, make_slab):
    keys = [Key(*each) for each in product(["vae", "autoencoder"], [2, 4], [1])]
    slabs = grid(tmp_path, make_slab, keys)
    for form, write in WRITERS.items():
        write(tmp_path / f"{form}.cube", slabs.values(), CONFIG)
        with open_cube(tmp_path / f"{form}.cube") as file:
            assert file["family"].values.tolist() == ["vae", "autoencoder"]
            assert_cube_of(file, slabs)


@pytest.mark.parametrize("form", WRITERS)
def test_a_slab_finds_its_place_by_its_name(study, tmp_path, form):
    """The order in which they come is that of the axes, whatever the order within."""
    order = [KEYS[i] for i in (5, 0, 3, 2, 4, 1)]
    slabs = {key: study[0][key] for key in order}
    WRITERS[form](tmp_path / "cube.nc", slabs.values(), CONFIG)
    with open_cube(tmp_path / "cube.nc") as file:
        assert file["latent_dim"].values.tolist() == [6, 3, 2]
        assert file["seed"].values.tolist() == [0, 7]
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


def calls_to_write(folder: Path, make_slab, seeds: int) -> int:
    """Calls within the library that a virtual cube of three latent dimensions and this many seeds takes."""
    keys = [Key(*each) for each in product(["autoencoder"], LATENT_DIMS, range(seeds))]
    slabs = grid(folder / str(seeds), make_slab, keys)
    calls = 0

    def count(frame, event, _):
        nonlocal calls
        calls += event == "call" and "aespectra" in frame.f_code.co_filename

    sys.setprofile(count)
    try:
        write_virtual_cube(folder / f"{seeds}.nc", slabs.values(), CONFIG)
    finally:
        sys.setprofile(None)
    return calls


def test_the_virtual_cube_takes_as_many_calls_more_for_every_slab_more(tmp_path, make_slab):
    few, more, most = (calls_to_write(tmp_path, make_slab, seeds) for seeds in (2, 4, 8))
    assert few > 100
    assert most - more == 2 * (more - few)


def test_the_cube_of_many_slabs_needs_few_open_files(tmp_path, make_slab, few_files):
    keys = [Key(*each) for each in product(["autoencoder"], LATENT_DIMS, range(30))]
    slabs = grid(tmp_path, make_slab, keys)
    for form, write in WRITERS.items():
        few_files.submit(write, tmp_path / f"{form}.nc", list(slabs.values()), CONFIG).result()
        with open_cube(tmp_path / f"{form}.nc") as file:
            assert file.sizes["seed"] == 30
            assert_cube_of(file, {key: slabs[key] for key in keys[::11]})


@pytest.mark.parametrize("place", np.linspace(0, 1, 40))
def test_a_corrupted_cube_does_not_reach_hdf5(own_study, place):
    _, path = own_study
    record_checksum(path, path.parent)
    open_cube(path).close()
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 32
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"cube\.nc is"):
        open_cube(path)


@pytest.mark.parametrize("engine", ENGINES)
def test_plain_xarray_can_tell_what_could_not_be_read(own_study, engine):
    slabs, path = own_study
    slabs[KEYS[3]].unlink()
    with xr.open_dataset(path, engine=engine) as file:
        for name in ("zero_eigenvalues", "solver_failed", "same_activation_pattern"):
            unread = (file[name] < 0).any([dim for dim in file[name].dims if dim not in ("latent_dim", "seed")])
            assert unread.sel(latent_dim=2, seed=0).item()
            assert unread.sum() == 1


def test_values_of_the_self_contained_cube_have_checksums(study):
    with netCDF4.Dataset(study[1]["standalone"]) as file:
        assert all(file[name].filters()["fletcher32"] for name in VARIABLES if name != "reconstruction")
