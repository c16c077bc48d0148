"""Values of the virtual cube, read slab by slab: any selection, one file open at a time, and what is broken named."""

import json
import os
import pickle
import shutil
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from aespectra.checksums import check_recorded, record_checksum
from aespectra.integrity import BrokenFileError
from aespectra.slabs import cube as library
from aespectra.slabs import slabwise
from aespectra.slabs.cube import open_cube, write_standalone_cube, write_virtual_cube
from aespectra.slabs.grid import Key
from aespectra.slabs.reading import open_slab
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from .cubes import CONFIG, KEYS, LATENT_DIMS, assert_cube_of, grid


def indexers(size: int) -> st.SearchStrategy:
    """What may stand in isel: whole numbers, slices, lists in any order with places twice, arrays along a new axis."""
    place = st.integers(-size, size - 1)
    return st.one_of(
        place,
        st.builds(slice, place, place, st.integers(1, 3)),
        st.just(slice(None, None, -1)),  # xarray itself fails on some others that run backwards
        st.lists(place, max_size=4).map(lambda places: np.array(places, int)),
        st.lists(place, min_size=2, max_size=2).map(lambda places: xr.DataArray(places, dims="point")),
    )


@pytest.fixture(scope="module")
def in_memory(study):
    with open_cube(study[1]["standalone"]) as file:
        return file.load()


@pytest.mark.long
@settings(max_examples=100, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_any_selection_is_that_of_the_same_values_in_memory(study, in_memory, data):
    name = data.draw(st.sampled_from(sorted(set(in_memory.data_vars) - {"mean_pixel"})))
    sizes = in_memory[name].sizes
    chosen = {dim: data.draw(indexers(size)) for dim, size in sizes.items() if data.draw(st.booleans())}
    with open_cube(study[1]["virtual"]) as file:
        xr.testing.assert_identical(file[name].isel(chosen).load(), in_memory[name].isel(chosen))


def test_a_selection_opens_its_own_slabs_one_at_a_time(study, monkeypatch):
    opened, made = [], []

    def opening(path):
        assert not any(file.isopen() for file in made)
        opened.append(path)
        made.append(open_slab(path))
        return made[-1]

    monkeypatch.setattr(slabwise, "open_slab", opening)
    slabs, cubes = study
    with open_cube(cubes["virtual"]) as file:
        assert opened == []
        file["latent_norm"].sel(latent_dim=6, seed=[7, 0], dataset="dark")[..., :3].load()
        assert [path.resolve() for path in opened] == [slabs[Key("autoencoder", 6, seed)] for seed in (7, 0)]
    assert not any(file.isopen() for file in made)


def test_values_stay_in_memory_once_they_are_read(study, monkeypatch):
    opened = []
    monkeypatch.setattr(slabwise, "open_slab", lambda path: opened.append(path) or open_slab(path))
    with open_cube(study[1]["virtual"]) as file:
        for _ in range(3):
            assert np.isfinite(file["latent_norm"].values).all()
    assert len(opened) == len(KEYS)


def test_it_can_be_sent_to_another_process(study):
    with open_cube(study[1]["virtual"]) as file, open_cube(study[1]["standalone"]) as expected:
        again = pickle.loads(pickle.dumps(file))
        xr.testing.assert_identical(again.load(), expected.load())


def sums(path: Path) -> dict[str, float]:
    with open_cube(path) as file:
        return {name: float(file[name].sum()) for name in file}


@pytest.mark.long
def test_more_slabs_are_read_than_files_may_be_open(tmp_path, make_slab, few_files):
    keys = [Key(*each) for each in product(["autoencoder"], LATENT_DIMS, range(30))]
    slabs = grid(tmp_path, make_slab, keys)
    write_virtual_cube(tmp_path / "cube.nc", slabs.values(), CONFIG)
    found = few_files.submit(sums, tmp_path / "cube.nc").result()
    write_standalone_cube(tmp_path / "standalone.nc", slabs.values(), CONFIG)
    assert found == sums(tmp_path / "standalone.nc")


def test_a_slab_that_goes_missing_later_is_no_fill_value(own_study):
    slabs, path = own_study
    with open_cube(path) as file:
        slabs[KEYS[2]].unlink()
        assert np.isfinite(file["latent_norm"].sel(latent_dim=3)).all()
        with pytest.raises(BrokenFileError, match=r"d2_seed7\.nc could not be read"):
            file["zero_eigenvalues"].sel(latent_dim=2, seed=7).load()


@pytest.mark.parametrize("name", ["latent_norm", "zero_eigenvalues"])
def test_a_corrupted_slab_is_named(own_study, name):
    slabs, path = own_study
    with h5py.File(slabs[KEYS[3]], "r+") as file:
        chunk = file[name].id.get_chunk_info(0)
    content = bytearray(slabs[KEYS[3]].read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 8
    slabs[KEYS[3]].write_bytes(content)
    with open_cube(path) as file, pytest.raises(BrokenFileError, match=r"d2_seed0\.nc could not be read"):
        file[name].load()


def test_a_small_slab_is_held_against_its_checksum_once(own_study, monkeypatch):
    """Before HDF5 sees it, which a flipped bit in its structure can crash: the campaign of tests/faults has seen it."""
    slabs, path = own_study
    for slab in slabs.values():
        record_checksum(slab, path.parent)
    checked = []
    monkeypatch.setattr(slabwise, "check_recorded", lambda path: checked.append(path) or check_recorded(path))
    with open_cube(path) as file:
        file.load()
    assert sorted(path.resolve() for path in checked) == sorted(slabs.values())

    content = bytearray(slabs[KEYS[3]].read_bytes())
    content[-1] ^= 1
    slabs[KEYS[3]].write_bytes(content)
    with open_cube(path) as file, pytest.raises(BrokenFileError, match=r"d2_seed0\.nc is not as it was written"):
        file["latent_norm"].load()
    monkeypatch.setattr(slabwise, "SOON_REREAD", len(content))
    with open_cube(path) as file:  # a large one is left to the checksums of its blocks
        assert np.isfinite(file["latent_norm"].values).all()


@pytest.mark.parametrize("odd", [{"samples": 31}, {"names": ("digits", "dark", "uniform")}])
def test_a_slab_that_was_replaced_by_another_is_named(own_study, make_slab, odd):
    slabs, path = own_study
    make_slab(slabs[KEYS[3]], KEYS[3].latent_dim, KEYS[3].seed, **odd)
    with open_cube(path) as file, pytest.raises(BrokenFileError, match=r"d2_seed0\.nc has other sets or samples"):
        file["latent_norm"].load()


def test_a_slab_under_the_name_of_another_is_not_read(own_study):
    slabs, path = own_study
    shutil.copy(slabs[KEYS[2]], slabs[KEYS[3]])
    with open_cube(path) as file, pytest.raises(BrokenFileError, match="by its name those of"):
        file["latent_norm"].load()


def test_a_cube_of_before_there_was_a_coordinate_is_read_slab_by_slab_too(own_study, monkeypatch):
    slabs, path = own_study

    def as_attribute(file, frame, folder):
        file.slabs = json.dumps([os.path.relpath(slab, folder) for slab in frame.slabs.values()])

    monkeypatch.setattr(library, "_create_names", as_attribute)
    write_virtual_cube(path, slabs.values(), CONFIG)
    with open_cube(path) as file:
        assert_cube_of(file, slabs)
        slabs[KEYS[0]].unlink()
    with pytest.raises(BrokenFileError, match="missing"):
        open_cube(path)
