"""The file of a summary: whole or not at all, the same bytes, checksums, what it is not made from."""

import csv
from itertools import product

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra.checksums import record_checksum
from aespectra.integrity import BrokenFileError
from aespectra.summary import compute, merge
from aespectra.summary.compute import write_statistics
from aespectra.summary.file import open_summary
from aespectra.summary.merge import write_summary
from aespectra.summary.table import write_statistics_table

from .summaries import CONFIG, SAMPLES, Study, write_loss


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab) -> Study:
    return Study(tmp_path_factory.mktemp("study"), make_slab)


def test_every_number_has_a_checksum(study, tmp_path):
    write_summary(tmp_path / "summary.nc", study.parts.values(), study.datasets, CONFIG)
    for path in (tmp_path / "summary.nc", *study.parts.values()):
        with netCDF4.Dataset(path) as file:
            variables = [*file.variables.values(), *file["pooled"].variables.values()]
            without = {each.name for each in variables if not (each.filters() or {}).get("fletcher32")}
        assert without == {"family", "dataset", "jacobian", "whisker"}


def test_a_flipped_value_is_noticed_where_no_checksum_is_kept(study, tmp_path):
    path = tmp_path / "summary.nc"
    write_summary(path, study.parts.values(), study.datasets, CONFIG)
    with netCDF4.Dataset(path) as file:
        stored = file["mean_abs"][0, 0].tobytes()
    content = bytearray(path.read_bytes())
    assert content.count(stored) == 1
    content[content.index(stored) + 5] ^= 4
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"summary\.nc is corrupted"):
        open_summary(path)


@pytest.mark.parametrize("place", np.linspace(0, 1, 23))
def test_any_flipped_bit_is_noticed_by_the_checksum_that_is_kept(study, tmp_path, place):
    path = tmp_path / "summary.nc"
    write_summary(path, study.parts.values(), study.datasets, CONFIG)
    record_checksum(path, tmp_path)
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 16
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"summary\.nc is not as it was written"):
        open_summary(path)


def test_the_table_has_every_plain_number_of_every_network_and_set(study, tmp_path):
    write_summary(tmp_path / "summary.nc", study.parts.values(), study.datasets, CONFIG)
    summary = open_summary(tmp_path / "summary.nc")
    write_statistics_table(tmp_path / "statistics.csv", summary)
    with (tmp_path / "statistics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    data, axes = summary.by_seed, ("family", "latent_dim", "seed", "dataset", "jacobian")
    places = list(product(*(data[axis].values.tolist() for axis in axes)))
    assert [tuple(row[axis] for axis in axes) for row in rows] == [tuple(map(str, place)) for place in places]
    names = {name for name, each in data.variables.items() if set(each.dims) <= set(axes)} - set(axes)
    assert {"mean_abs", "reversed_share", "difference_mean", "mean_pixel"} < names
    assert set(rows[0]) == names | {*axes, "samples"}
    for place, row in zip(places, rows, strict=True):
        assert row["samples"] == str(SAMPLES)
        here = dict(zip(axes, place, strict=True))
        for name in names:
            expected = data[name].sel({axis: here[axis] for axis in data[name].dims}).item()
            assert float(row[name] or "nan") == pytest.approx(expected, rel=0, nan_ok=True), name


def test_a_crash_leaves_no_file(study, tmp_path, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(compute, "spectrum_statistics", crash)
    monkeypatch.setattr(merge, "_copy", crash)
    with pytest.raises(KeyboardInterrupt):
        write_statistics(tmp_path / "part.nc", study.of(study.slabs, "vae", 5), study.of(study.losses, "vae", 5))
    with pytest.raises(KeyboardInterrupt):
        write_summary(tmp_path / "summary.nc", study.parts.values(), study.datasets, CONFIG)
    assert list(tmp_path.iterdir()) == []


def test_the_same_slabs_make_the_same_bytes(study, tmp_path):
    for number in "12":
        each = ("vae", 5)
        write_statistics(tmp_path / f"part{number}", study.of(study.slabs, *each), study.of(study.losses, *each))
        write_summary(tmp_path / f"summary{number}", study.parts.values(), study.datasets, CONFIG)
    assert (tmp_path / "part1").read_bytes() == (tmp_path / "part2").read_bytes()
    assert (tmp_path / "summary1").read_bytes() == (tmp_path / "summary2").read_bytes()


def test_parts_that_make_no_study_are_refused(study, tmp_path):
    again, other_seeds = tmp_path / "again.nc", tmp_path / "other-seeds.nc"
    slabs, losses = study.of(study.slabs, "vae", 5), study.of(study.losses, "vae", 5)
    write_statistics(again, slabs, losses)
    write_statistics(other_seeds, slabs[:1], losses[:1])
    parts = list(study.parts.values())
    for given, message in (
        (parts[:3], "do not form a full grid"),
        ([*parts, again], "do not form a full grid"),
        ([other_seeds, *parts[1:]], "differ in their seeds"),
    ):
        with pytest.raises(ValueError, match=message):
            write_summary(tmp_path / "summary.nc", given, study.datasets, CONFIG)
    assert set(tmp_path.iterdir()) == {again, other_seeds}


@pytest.mark.parametrize(
    ("which", "message"), [([0, 1], "no dataset is given for: dark"), ([0, 1, 1], "still lack dark")]
)
def test_other_sets_than_those_of_the_parts_are_refused(study, tmp_path, which, message):
    with pytest.raises(ValueError, match=message):
        write_summary(tmp_path / "s.nc", study.parts.values(), [study.datasets[i] for i in which], CONFIG)
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_other_networks_is_refused(study, tmp_path):
    slabs, losses = study.of(study.slabs, "vae", 2), study.of(study.losses, "vae", 2)
    with pytest.raises(ValueError, match="of one family and latent dimension"):
        write_statistics(tmp_path / "part.nc", study.slabs.values(), study.losses.values())
    with pytest.raises(ValueError, match="the loss curves are of"):
        write_statistics(tmp_path / "part.nc", slabs, losses[:1])
    with pytest.raises(ValueError, match="of one network"):
        write_statistics(tmp_path / "part.nc", slabs, [*losses, tmp_path / "vae" / "d2_seed1.csv"])
    renamed = tmp_path / "vae" / "d2_seed9.nc"
    renamed.parent.mkdir()
    renamed.write_bytes(slabs[0].read_bytes())
    with pytest.raises(BrokenFileError, match=r"d2_seed9\.nc holds the spectra of .*seed=3.*seed=9"):
        write_statistics(tmp_path / "part.nc", [renamed, slabs[1]], losses)
    assert not (tmp_path / "part.nc").exists()


def test_many_seeds_need_few_open_files(tmp_path, make_slab, few_files):
    slabs, losses = [], []
    for seed in range(90):
        slabs.append(make_slab(tmp_path / "a" / f"d2_seed{seed}.nc", 2, seed, ("digits",), 4, family="a"))
        losses.append(tmp_path / "a" / f"d2_seed{seed}_loss.csv")
        write_loss(losses[-1], [seed])
    few_files.submit(write_statistics, tmp_path / "part.nc", slabs, losses).result()
    by_seed, pooled = open_summary(tmp_path / "part.nc")
    assert by_seed["loss"].values.ravel().tolist() == list(range(90))
    np.testing.assert_allclose(by_seed["latent_norm_mean"].mean("seed"), pooled["latent_norm_mean"])


def test_many_parts_need_few_open_files(study, tmp_path, few_files):
    parts = []
    for latent_dim in range(90):
        parts.append(tmp_path / f"{latent_dim}.nc")
        parts[-1].write_bytes(study.parts["vae", 5].read_bytes())
        with netCDF4.Dataset(parts[-1], "a") as file:
            file["latent_dim"][0] = file["pooled"]["latent_dim"][0] = latent_dim
            file["mean_abs"][:] = latent_dim
    few_files.submit(write_summary, tmp_path / "summary.nc", parts, study.datasets, CONFIG).result()
    with xr.open_dataset(tmp_path / "summary.nc") as file:
        assert file["latent_dim"].values.tolist() == list(range(90))
        assert (file["mean_abs"] == file["latent_dim"]).all()
