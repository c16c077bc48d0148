"""The summary file against loops over the slabs' values."""

import json
import math
from itertools import product

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra import datasets
from aespectra import summary as library
from aespectra.statistics import PLANE_BINS, QUANTILES
from aespectra.summary import open_summary, write_summary
from aespectra.training import save_losses
from matplotlib.cbook import boxplot_stats

LATENT_DIMS, SEEDS, SETS = (2, 5), (3, 1), ("digits", "uniform", "dark")
KEYS = list(product(["autoencoder"], LATENT_DIMS, SEEDS))
PIXELS, SAMPLES = 6, 30
CONFIG = {"experiment": "test"}


def loss_of(key: tuple) -> np.ndarray:
    return np.array([1.0, 0.5, 0.25]) + key[1] + key[2] / 10


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab):
    """(summary file, slabs, dataset files)"""
    folder = tmp_path_factory.mktemp("study")
    slabs, losses = {}, {}
    for key in KEYS:
        slabs[key] = make_slab(folder / f"{key[1]}-{key[2]}.nc", key[1], key[2], SETS, SAMPLES, PIXELS)
        losses[key] = folder / f"{key[1]}-{key[2]}.csv"
        save_losses(losses[key], loss_of(key))
    files = []
    for i, name in enumerate(SETS):
        files.append(folder / f"{name}.nc")
        values = np.random.default_rng(i).random((SAMPLES, PIXELS)).astype(np.float32)
        datasets.write_dataset(files[-1], name, [values], {})
    path = folder / "new" / "summary.nc"
    write_summary(path, slabs, losses, files, CONFIG)
    return path, slabs, files


@pytest.fixture(scope="module")
def summary(study):
    return open_summary(str(study[0]))


def read(slabs: dict, latent_dim: int, seeds: tuple, dataset: int) -> dict[str, np.ndarray]:
    """The points of some seeds on one set, one after another; samples first."""
    parts = []
    for seed in seeds:
        with netCDF4.Dataset(slabs["autoencoder", latent_dim, seed]) as file:
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
    assert set(expected) == {name for name in found.data_vars if name not in ("loss", "reconstruction", "original")}


@pytest.mark.parametrize(("latent_dim", "seed"), list(product(LATENT_DIMS, SEEDS)))
@pytest.mark.parametrize("dataset", range(3))
def test_each_seed_is_the_statistics_of_its_slab(study, summary, latent_dim, seed, dataset):
    cell = summary.by_seed.sel(family="autoencoder", latent_dim=latent_dim, seed=seed, dataset=SETS[dataset])
    assert_cell(cell, read(study[1], latent_dim, (seed,), dataset))


@pytest.mark.parametrize("latent_dim", LATENT_DIMS)
@pytest.mark.parametrize("dataset", range(3))
def test_pooled_is_the_statistics_of_all_points(study, summary, latent_dim, dataset):
    cell = summary.pooled.sel(family="autoencoder", latent_dim=latent_dim, dataset=SETS[dataset])
    assert_cell(cell, read(study[1], latent_dim, SEEDS, dataset))


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
    _, slabs, files = study
    for key in KEYS:
        cell = summary.by_seed.sel(family=key[0], latent_dim=key[1], seed=key[2])
        np.testing.assert_allclose(cell["loss"].values, loss_of(key), rtol=1e-8)
        with netCDF4.Dataset(slabs[key]) as slab:
            np.testing.assert_array_equal(cell["reconstruction"].values, slab["reconstruction"][:].data)
    assert summary.by_seed["original"].dims == ("dataset", "example", "pixel")
    for i, path in enumerate(files):
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


def test_one_epoch_and_one_seed(tmp_path, make_slab):
    key = ("autoencoder", 2, 0)
    slabs = {key: make_slab(tmp_path / "slab.nc", 2, 0, ("digits",), 2, 4)}
    save_losses(tmp_path / "loss.csv", np.array([0.5]))
    datasets.write_dataset(tmp_path / "digits.nc", "digits", [np.ones((2, 4), np.float32)], {})
    write_summary(tmp_path / "summary.nc", slabs, {key: tmp_path / "loss.csv"}, [tmp_path / "digits.nc"], {})
    by_seed, pooled = open_summary(tmp_path / "summary.nc")
    assert by_seed["loss"].shape == (1, 1, 1, 1)
    assert by_seed.sizes["example"] == 2
    xr.testing.assert_equal(by_seed["mean_abs"].squeeze("seed", drop=True), pooled["mean_abs"])


def test_a_crash_leaves_no_summary(study, tmp_path, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(library.xr.Dataset, "to_netcdf", crash)
    path, slabs, files = study
    losses = {key: path.parent.parent / f"{key[1]}-{key[2]}.csv" for key in slabs}
    with pytest.raises(KeyboardInterrupt):
        write_summary(tmp_path / "summary.nc", slabs, losses, files, CONFIG)
    assert list(tmp_path.iterdir()) == []


def test_the_same_slabs_make_the_same_summary(study, tmp_path):
    path, slabs, files = study
    losses = {key: path.parent.parent / f"{key[1]}-{key[2]}.csv" for key in slabs}
    write_summary(tmp_path / "summary.nc", slabs, losses, files, CONFIG)
    for one, two in zip(open_summary(path), open_summary(tmp_path / "summary.nc"), strict=True):
        xr.testing.assert_identical(one, two)
