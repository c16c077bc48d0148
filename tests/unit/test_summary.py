"""Parts of the summary and the whole of them, against loops over the slabs' values."""

import json
import math
from fractions import Fraction
from itertools import product

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra.data import pixels as pixel_files
from aespectra.files import provenance
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

from .summaries import CONFIG, EPOCHS, FAMILIES, KEYS, LATENT_DIMS, SAMPLES, SEEDS, SETS, Study, loss_of, write_loss


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


def shown(pixels: np.ndarray) -> np.ndarray:
    """Pixels as a summary has them, rounded as exact numbers."""
    steps = [round(Fraction(value.item()) * 1024) for value in pixels.flat]
    return np.reshape([step / 1024 for step in steps], pixels.shape).astype(np.float32)


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
            pictures.append(shown(slab["reconstruction"].values))
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


def test_a_summary_has_the_shape_of_the_images_where_it_is_unusual(study, summary, tmp_path):
    assert summary.image_shape == (1, 1, 6)
    assert "image_shape" not in summary.by_seed.attrs
    datasets = []
    for path in study.datasets:
        with pixel_files.Pixels(path) as file:
            blocks, name = [file[:]], file.name
        datasets.append(tmp_path / path.name)
        pixel_files.write_dataset(datasets[-1], name, blocks, {}, image_shape=(3, 1, 2))
    write_summary(tmp_path / "summary.nc", study.parts.values(), datasets, CONFIG)
    again = open_summary(tmp_path / "summary.nc")
    assert again.image_shape == (3, 1, 2)
    assert again.by_seed.drop_attrs(deep=False).identical(summary.by_seed.drop_attrs(deep=False))


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
            np.testing.assert_array_equal(cell["reconstruction"].values, shown(slab["reconstruction"][:].data))
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


def test_parts_and_sets_find_their_place_by_what_they_say(study, summary, tmp_path):
    """Whatever their order, which is that of the axes."""
    order = [("autoencoder", 2), ("vae", 5), ("vae", 2), ("autoencoder", 5)]
    write_summary(tmp_path / "summary.nc", [study.parts[each] for each in order], study.datasets[::-1], CONFIG)
    for found, expected in zip(open_summary(tmp_path / "summary.nc"), summary, strict=True):
        xr.testing.assert_identical(found, expected.isel(family=[1, 0], latent_dim=[1, 0]))
