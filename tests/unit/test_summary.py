"""Parts of the summary and the whole of them, against loops over the slabs' values."""

import json
import math
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra.checksums import record_checksum
from aespectra.data import pixels as pixel_files
from aespectra.files import provenance
from aespectra.integrity import BrokenFileError
from aespectra.slabs.grid import NETWORK, Key
from aespectra.summary import compute, merge
from aespectra.summary.compute import write_statistics
from aespectra.summary.file import Summary, open_summary
from aespectra.summary.layout import STATISTICS, VARIABLES
from aespectra.summary.merge import write_summary
from aespectra.summary.statistics import (
    PLANE_BINS,
    PLANE_EXTENT,
    QUANTILES,
    point_statistics,
    spectrum_statistics,
)
from matplotlib.cbook import boxplot_stats

FAMILIES, LATENT_DIMS, SEEDS = ("vae", "autoencoder"), (5, 2), (3, 1)
SETS = ("digits", "uniform", "dark")
KEYS = [Key(*each) for each in product(FAMILIES, LATENT_DIMS, SEEDS)]
PIXELS, SAMPLES = 6, 30
CONFIG = {"experiment": "test"}
EPOCHS = {"vae": 2, "autoencoder": 3}


def loss_of(key: Key) -> np.ndarray:
    return np.array([1.0, 0.5, 0.25])[: EPOCHS[key.family]] + key.latent_dim + key.seed / 10


def write_loss(path: Path, values: Iterable[float]) -> None:
    """With a column for a term of the loss, before the one that counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{epoch},9,{value:.9g}" for epoch, value in enumerate(values, start=1)]
    path.write_text("\n".join(["epoch,penalty,loss", *rows, ""]))


class Study:
    """Invented slabs and loss curves of a grid by their key, the sets they are of, and the parts by (family, d)."""

    def __init__(self, folder: Path, make_slab, keys: Iterable[Key] = KEYS):
        self.slabs, self.losses, self.parts = {}, {}, {}
        for key in keys:
            name = NETWORK.format(**key._asdict())
            path = folder / "spectra" / f"{name}.nc"
            self.slabs[key] = make_slab(path, key.latent_dim, key.seed, SETS, SAMPLES, PIXELS, key.family)
            self.losses[key] = folder / "models" / f"{name}_loss.csv"
            write_loss(self.losses[key], loss_of(key))
        self.datasets = []
        for i, name in enumerate(SETS):
            self.datasets.append(folder / f"{name}.nc")
            values = np.random.default_rng(i).random((SAMPLES, PIXELS)).astype(np.float32)
            pixel_files.write_dataset(self.datasets[-1], name, [values], {})
        for each in dict.fromkeys(key[:2] for key in keys):
            self.parts[each] = folder / "statistics" / each[0] / f"d{each[1]}.nc"
            write_statistics(self.parts[each], self.of(self.slabs, *each), self.of(self.losses, *each))

    @staticmethod
    def of(files: dict[Key, Path], family: str, latent_dim: int) -> list[Path]:
        return [path for key, path in files.items() if key[:2] == (family, latent_dim)]


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab) -> Study:
    return Study(tmp_path_factory.mktemp("study"), make_slab)


@pytest.fixture(scope="module")
def summary(study, tmp_path_factory) -> Summary:
    path = tmp_path_factory.mktemp("summary") / "new" / "summary.nc"
    write_summary(path, study.parts.values(), study.datasets, CONFIG)
    return open_summary(str(path))


def read(slabs: dict, family: str, latent_dim: int, seeds: tuple, dataset: int) -> dict[str, np.ndarray]:
    """The points of some seeds on one set, one after another; samples first."""
    parts = []
    for seed in seeds:
        with netCDF4.Dataset(slabs[family, latent_dim, seed]) as file:
            file.set_auto_mask(False)
            parts.append(
                {
                    "eigenvalue": np.moveaxis(
                        file["eigenvalue_real"][:, dataset].astype(complex) + 1j * file["eigenvalue_imag"][:, dataset],
                        0,
                        1,
                    ),
                    "zeros": file["zero_eigenvalues"][:, dataset].T,
                    "mse": file["reconstruction_mse"][dataset].astype(float),
                    "norm": file["latent_norm"][dataset].astype(float),
                    "same": file["same_activation_pattern"][dataset].astype(float),
                }
            )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def expected_cell(points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every statistic of some points, by name; (jacobian, ...) or (...)."""
    n, _, d = points["eigenvalue"].shape
    by_jacobian = []
    for j in range(2):
        rows = [[complex(v) for v in row] for row in points["eigenvalue"][:, j]]
        zeros = points["zeros"][:, j].tolist()
        rows = [row[: d - zero] + [0j] * zero for row, zero in zip(rows, zeros, strict=True)]
        kept = [v for row, zero in zip(rows, zeros, strict=True) for v in row[: d - zero]]
        logs, angles = [math.log(abs(v)) for v in kept], [abs(math.atan2(v.imag, v.real)) for v in kept]
        negative = [sum(v.imag == 0 and v.real < 0 for v in row) for row in rows]
        flat = np.array(rows).ravel()
        bins, frame = (PLANE_BINS, 2 * PLANE_BINS), ((0, 2.5), (-2.5, 2.5))
        density, _, _ = np.histogram2d(np.abs(flat.imag), flat.real, bins=bins, range=frame)
        boxes = {name: boxplot_stats(x)[0] for name, x in (("log_abs", logs), ("abs_arg", angles))}
        by_jacobian.append(
            {
                "mean_abs": np.mean([abs(v) for v in flat]),
                "mean_real": flat.real.mean(),
                "geometric_mean": math.exp(sum(logs) / len(logs)),
                "log_abs_std": np.std(logs),
                "zero_share": sum(zeros) / (n * d),
                "zero_count": sum(zeros),
                "unknown_count": 0,
                "reversed_share": np.mean([k % 2 for k, z in zip(negative, zeros, strict=True) if z == 0]),
                "undefined_share": sum(z > 0 for z in zeros) / n,
                "real_share": np.mean([v.imag == 0 for v in kept]),
                "log_abs_quantiles": np.percentile(logs, 100 * np.array(QUANTILES)),
                "abs_arg_quantiles": np.percentile(angles, 100 * np.array(QUANTILES)),
                "log_abs_whiskers": [boxes["log_abs"]["whislo"], boxes["log_abs"]["whishi"]],
                "abs_arg_whiskers": [boxes["abs_arg"]["whislo"], boxes["abs_arg"]["whishi"]],
                "plane_density": density,
                "plane_outside_share": 1 - density.sum() / (n * d),
            }
        )
    cell = {name: np.array([each[name] for each in by_jacobian]) for name in by_jacobian[0]}
    apart = (np.abs(points["eigenvalue"][:, 0] - points["eigenvalue"][:, 1]) ** 2).sum(axis=1) / d
    for name, values in (("difference", apart), ("reconstruction_mse", points["mse"]), ("latent_norm", points["norm"])):
        cell[f"{name}_mean"] = np.array(values.mean())
        cell[f"{name}_quantiles"] = np.percentile(values, 100 * np.array(QUANTILES))
    return cell | {"same_pattern_share": np.array(points["same"].mean())}


def assert_cell(found: xr.Dataset, points: dict[str, np.ndarray]) -> None:
    expected = expected_cell(points)
    for name, values in expected.items():
        assert found[name].shape == values.shape, name
        np.testing.assert_allclose(found[name].values, values, rtol=1e-9, atol=1e-12, err_msg=name)
    others = ("loss", "reconstruction", "original", "pixel_variance")
    assert set(expected) == {name for name in found.data_vars if name not in others}


@pytest.mark.parametrize(("family", "latent_dim", "seed"), KEYS)
@pytest.mark.parametrize("dataset", range(3))
def test_each_seed_is_the_statistics_of_its_slab(study, summary, family, latent_dim, seed, dataset):
    cell = summary.by_seed.sel(family=family, latent_dim=latent_dim, seed=seed, dataset=SETS[dataset])
    assert_cell(cell, read(study.slabs, family, latent_dim, (seed,), dataset))


@pytest.mark.parametrize(("family", "latent_dim"), list(product(FAMILIES, LATENT_DIMS)))
@pytest.mark.parametrize("dataset", range(3))
def test_pooled_is_the_statistics_of_all_points(study, summary, family, latent_dim, dataset):
    cell = summary.pooled.sel(family=family, latent_dim=latent_dim, dataset=SETS[dataset])
    assert_cell(cell, read(study.slabs, family, latent_dim, SEEDS, dataset))


def in_one_go(study: Study) -> Summary:
    """The whole summary from all slabs at once, as an xarray data set from the start."""
    grid = {"family": list(FAMILIES), "latent_dim": list(LATENT_DIMS), "dataset": list(SETS), "seed": list(SEEDS)}
    dims_of = {
        "log_abs_quantiles": ["quantile"],
        "abs_arg_quantiles": ["quantile"],
        "log_abs_whiskers": ["whisker"],
        "abs_arg_whiskers": ["whisker"],
        "plane_density": ["plane_imag", "plane_real"],
        "difference_quantiles": ["quantile"],
        "reconstruction_mse_quantiles": ["quantile"],
        "latent_norm_quantiles": ["quantile"],
    }
    step = PLANE_EXTENT / PLANE_BINS
    shared = {
        "jacobian": ["input", "latent"],
        "quantile": list(QUANTILES),
        "whisker": ["low", "high"],
        "plane_imag": (np.arange(PLANE_BINS) + 0.5) * step,
        "plane_real": (np.arange(2 * PLANE_BINS) + 0.5) * step - PLANE_EXTENT,
        "mean_pixel": ("dataset", [0.125, 0.5, 0.25]),
    }
    tables = []
    for pooled in (False, True):
        axes = {dim: labels for dim, labels in grid.items() if not (pooled and dim == "seed")}
        cells = []
        for family, latent_dim, name, *seed in product(*axes.values()):
            points = []
            for each in seed or SEEDS:
                with xr.open_dataset(study.slabs[family, latent_dim, each]) as slab:
                    points.append(slab.sel(dataset=name).load())
            points = xr.concat(points, "sample", data_vars="minimal", coords="minimal", compat="override")
            spectra = (points["eigenvalue_real"] + 1j * points["eigenvalue_imag"]).values
            zeros = points["zero_eigenvalues"].values
            by_jacobian = [spectrum_statistics(values, zero) for values, zero in zip(spectra, zeros, strict=True)]
            kept = ("reconstruction_mse", "latent_norm", "same_activation_pattern")
            cells.append(
                {each: np.stack([found[each] for found in by_jacobian]) for each in by_jacobian[0]}
                | point_statistics(*spectra, *(points[each].values for each in kept))
            )
        table = xr.Dataset(coords=axes | shared)
        for name, first in cells[0].items():
            values = np.stack([cell[name] for cell in cells]).reshape(*map(len, axes.values()), *np.shape(first))
            jacobian = ["jacobian"] if name in by_jacobian[0] else []
            table[name] = ([*axes, *jacobian, *dims_of.get(name, [])], values)
        tables.append(table)
    by_seed, pooled = tables
    losses = [np.append(loss_of(key), [np.nan] * (3 - EPOCHS[key.family])) for key in KEYS]
    by_seed["loss"] = (("family", "latent_dim", "seed", "epoch"), np.reshape(losses, (2, 2, 2, 3)))
    pictures = []
    for key in KEYS:
        with xr.open_dataset(study.slabs[key]) as slab:
            pictures.append(slab["reconstruction"].values)
    dims = ("family", "latent_dim", "seed", "dataset", "example", "pixel")
    by_seed["reconstruction"] = (dims, np.reshape(pictures, (2, 2, 2, *pictures[0].shape)))
    originals, variances = [], []
    for path in study.datasets:
        with xr.open_dataset(path) as file:
            originals.append(file["pixel"].values[:3])
            variances.append(file.attrs["pixel_variance"])
    by_seed["original"] = (dims[-3:], np.stack(originals))
    by_seed["pixel_variance"] = ("dataset", variances)
    attributes = {"device": "cpu", "precision": "float64", "samples": SAMPLES}
    attributes |= provenance("Statistics of Jacobian spectra of a family of autoencoders", CONFIG)
    for table in tables:
        table.attrs = attributes
        for name in table:
            table[name].attrs = {"long_name": VARIABLES[name].long_name, "units": VARIABLES[name].units}
    return Summary(*tables)


def test_the_merged_parts_are_the_summary_made_in_one_go(study, summary, tmp_path):
    for group, found, expected in zip((None, "pooled"), summary, in_one_go(study), strict=True):
        expected.to_netcdf(tmp_path / "one.nc", mode="a" if group else "w", group=group)
        expected = xr.load_dataset(tmp_path / "one.nc", group=group)
        xr.testing.assert_identical(found, expected)
        assert {name: found[name].dtype for name in found.variables} == {
            name: expected[name].dtype for name in expected.variables
        }


@pytest.mark.parametrize(("family", "latent_dim"), list(product(FAMILIES, LATENT_DIMS)))
def test_a_part_is_the_summary_of_its_family_and_latent_dimension(study, summary, family, latent_dim):
    part = open_summary(study.parts[family, latent_dim])
    for found, whole in zip(part, summary, strict=True):
        expected = whole.drop_vars(["original", "pixel_variance"], errors="ignore").sel(
            family=[family], latent_dim=[latent_dim]
        )
        if "epoch" in expected.dims:
            expected = expected.isel(epoch=slice(0, EPOCHS[family]))
        assert json.loads(found.attrs["config"]) == {"family": family, "latent_dim": latent_dim, "seeds": list(SEEDS)}
        assert {name: found.attrs[name] for name in ("samples", "device", "precision", "versions")} == {
            name: expected.attrs[name] for name in ("samples", "device", "precision", "versions")
        }
        xr.testing.assert_identical(found.drop_attrs(deep=False), expected.drop_attrs(deep=False))


def test_every_number_has_a_checksum(study, summary, tmp_path):
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


def test_invented_slabs_meet_every_case(study, summary):
    """Else the tests above would show less than they say."""
    for data in summary:
        assert (data["zero_count"] > 0).all()
        assert ((data["undefined_share"] > 0) & (data["undefined_share"] < 1)).all()
        assert (data["reversed_share"] > 0).any()
        assert (data["real_share"] < 1).all()
    assert (summary.by_seed["mean_abs"].sel(seed=3) != summary.by_seed["mean_abs"].sel(seed=1)).all()


def test_dimensions_and_coordinates(summary):
    by_seed, pooled = summary
    grid = ("family", "latent_dim", "dataset", "seed")
    assert by_seed["mean_abs"].dims == (*grid, "jacobian")
    assert by_seed["log_abs_quantiles"].dims == (*grid, "jacobian", "quantile")
    assert by_seed["abs_arg_whiskers"].dims == (*grid, "jacobian", "whisker")
    assert by_seed["plane_density"].dims == (*grid, "jacobian", "plane_imag", "plane_real")
    assert by_seed["difference_mean"].dims == grid
    assert pooled["mean_abs"].dims == (*grid[:-1], "jacobian")
    assert "seed" not in pooled.coords
    for data in summary:
        assert data["family"].values.tolist() == list(FAMILIES)
        assert data["latent_dim"].values.tolist() == list(LATENT_DIMS)
        assert data["dataset"].values.tolist() == list(SETS)
        assert data["jacobian"].values.tolist() == ["input", "latent"]
        assert data["mean_pixel"].dims == ("dataset",)
        assert data["mean_pixel"].values.tolist() == [0.125, 0.5, 0.25]
        assert data["quantile"].values.tolist() == list(QUANTILES)
        assert data["whisker"].values.tolist() == ["low", "high"]
        assert data["plane_imag"].values == pytest.approx(np.arange(0.025, 2.5, 0.05))
        assert data["plane_real"].values == pytest.approx(np.arange(-2.475, 2.5, 0.05))
    assert by_seed["seed"].values.tolist() == list(SEEDS)


def test_losses_and_pictures(study, summary):
    assert summary.by_seed.sizes["epoch"] == 3
    for key in KEYS:
        cell = summary.by_seed.sel(key._asdict())
        epochs = EPOCHS[key.family]
        np.testing.assert_allclose(cell["loss"].values[:epochs], loss_of(key), rtol=1e-8)
        assert np.isnan(cell["loss"].values[epochs:]).all()
        with netCDF4.Dataset(study.slabs[key]) as slab:
            np.testing.assert_array_equal(cell["reconstruction"].values, slab["reconstruction"][:].data)
    assert summary.by_seed["original"].dims == ("dataset", "example", "pixel")
    for i, path in enumerate(study.datasets):
        with xr.open_dataset(path) as file:
            np.testing.assert_array_equal(summary.by_seed["original"].values[i], file["pixel"].values[:3])


def test_attributes(summary):
    for data in summary:
        assert json.loads(data.attrs["config"]) == CONFIG
        assert data.attrs["samples"] == SAMPLES
        assert data.attrs["device"] == "cpu"
        assert data.attrs["precision"] == "float64"
        assert data.attrs["Conventions"] == "CF-1.11"
        assert all(data[name].long_name for name in data)
        assert {name for name in data if data[name].units == "rad"} == {"abs_arg_quantiles", "abs_arg_whiskers"}
    assert set(summary.by_seed) == set(VARIABLES)
    assert set(summary.pooled) == set(STATISTICS)


def test_one_epoch_and_one_seed(tmp_path, make_slab):
    slab = make_slab(tmp_path / "a" / "d2_seed0.nc", 2, 0, ("digits",), 2, 4, family="a")
    write_loss(tmp_path / "a" / "d2_seed0_loss.csv", [0.5])
    pixel_files.write_dataset(tmp_path / "digits.nc", "digits", [np.ones((2, 4), np.float32)], {})
    write_statistics(tmp_path / "part.nc", [slab], [tmp_path / "a" / "d2_seed0_loss.csv"])
    write_summary(tmp_path / "summary.nc", [tmp_path / "part.nc"], [tmp_path / "digits.nc"], {})
    by_seed, pooled = open_summary(tmp_path / "summary.nc")
    assert by_seed["loss"].values.tolist() == [[[[0.5]]]]
    assert by_seed.sizes["example"] == 2
    xr.testing.assert_equal(by_seed["mean_abs"].squeeze("seed", drop=True), pooled["mean_abs"])


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


def test_parts_and_sets_find_their_place_by_what_they_say(study, summary, tmp_path):
    """Whatever their order, which is that of the axes."""
    order = [("autoencoder", 2), ("vae", 5), ("vae", 2), ("autoencoder", 5)]
    write_summary(tmp_path / "summary.nc", [study.parts[each] for each in order], study.datasets[::-1], CONFIG)
    for found, expected in zip(open_summary(tmp_path / "summary.nc"), summary, strict=True):
        xr.testing.assert_identical(found, expected.isel(family=[1, 0], latent_dim=[1, 0]))


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
