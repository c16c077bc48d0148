"""Singular values and what belongs to them in slab, cube, parts and summary, and their statistics."""

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra import spectra
from aespectra.data.pixels import Pixels
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.family import family_of
from aespectra.slabs.compute import write_slab
from aespectra.slabs.cube import open_cube
from aespectra.slabs.slab import ALL, GEOMETRY, VARIABLES
from aespectra.summary import layout
from aespectra.summary.compute import write_statistics
from aespectra.summary.file import open_summary
from aespectra.summary.geometry_statistics import THRESHOLDS, geometry_statistics, volume_statistics
from aespectra.summary.merge import write_summary
from aespectra.summary.statistics import QUANTILES
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.cbook import boxplot_stats

from .conftest import SMALL_ARCHITECTURE
from .cubes import CONFIG, WRITERS, assert_cube_of, path_of
from .summaries import KEYS, SETS, Study

SAMPLES = 20
PLAIN = family_of("autoencoder")
MADE_FOR = {"latent_dim": 5, "seed": 1, "kind": "autoencoder", "autoencoder": SMALL_ARCHITECTURE}


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab) -> Study:
    return Study(tmp_path_factory.mktemp("study"), make_slab, geometry=True)


@pytest.fixture(scope="module")
def summary(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("summary") / "summary.nc"
    write_summary(path, study.parts.values(), study.datasets, CONFIG)
    return open_summary(path)


def test_a_slab_has_what_the_library_finds(tmp_path, small_checkpoints, small_datasets):
    checkpoint = small_checkpoints["autoencoder", 5, 1]
    with netCDF4.Dataset(write(tmp_path / "with.nc", checkpoint, small_datasets, geometry=True)) as file:
        assert set(ALL) <= set(file.variables)
        file.set_auto_mask(False)
        model, _ = load_checkpoint(checkpoint, PLAIN, MADE_FOR | {"image_shape": (64,)})
        for index, path in enumerate(small_datasets):
            with Pixels(path) as pixels:
                found = spectra(model.encoder, model.decoder, pixels[:SAMPLES], device="cpu", geometry=True)
            for name, (dtype, dimensions, _) in GEOMETRY.items():
                where = (slice(None), index) if dimensions[0] == "jacobian" else (index,)
                assert file[name].dtype == dtype
                np.testing.assert_allclose(file[name][where], found[name], rtol=1e-6, atol=1e-6, err_msg=name)
    with netCDF4.Dataset(write(tmp_path / "without.nc", checkpoint, small_datasets)) as file:
        assert not set(GEOMETRY) & set(file.variables)
        assert "singular_value" not in file.dimensions


def write(path, checkpoint, datasets, **more):
    write_slab(path, checkpoint, PLAIN, MADE_FOR, datasets, SAMPLES, {"precision": "float64", **more})
    return path


@pytest.mark.parametrize("form", WRITERS)
def test_a_cube_holds_the_geometry_of_its_slabs(study, tmp_path, form):
    slabs = {key: path for key, path in study.slabs.items() if key.family == "vae"}
    path = study.datasets[0].parent / f"{form}.nc"
    WRITERS[form](path, slabs.values(), CONFIG)
    with xr.open_dataset(path) as file:
        assert set(GEOMETRY) <= set(file.data_vars)
        assert file["singular_values"].dims[-1] == "singular_value"
        assert_cube_of(file, slabs)
    with open_cube(path) as file:
        assert_cube_of(file, slabs)


def test_slabs_and_parts_with_and_without_are_not_mixed(study, tmp_path, make_slab):
    other = make_slab(path_of(tmp_path, KEYS[0]), *KEYS[0][1:], SETS, 30, 6, KEYS[0].family)
    slabs = {**study.slabs, KEYS[0]: other}
    for write_cube in WRITERS.values():
        with pytest.raises(ValueError, match="the slabs differ in their evaluation sets, samples, pixels or variables"):
            write_cube(tmp_path / "cube.nc", slabs.values(), CONFIG)
    family, latent_dim, _ = KEYS[0]
    losses = study.of(study.losses, family, latent_dim)
    with pytest.raises(ValueError, match="the slabs differ"):
        write_statistics(tmp_path / "part.nc", study.of(slabs, family, latent_dim), losses)
    plain = Study(tmp_path / "plain", make_slab, KEYS)
    parts = {**study.parts, KEYS[0][:2]: plain.parts[KEYS[0][:2]]}
    with pytest.raises(ValueError, match="the parts differ in their seeds, evaluation sets, samples, pixels or varia"):
        write_summary(tmp_path / "summary.nc", parts.values(), study.datasets, CONFIG)
    assert not list(tmp_path.glob("*.nc"))


@pytest.mark.parametrize("key", KEYS)
def test_the_summary_has_the_statistics_of_each_slab_and_of_all_seeds(study, summary, key):
    for dataset, name in enumerate(SETS):
        of_seeds = []
        for seed in (3, 1):
            with netCDF4.Dataset(study.slabs[key._replace(seed=seed)]) as slab:
                slab.set_auto_mask(False)
                of_seeds.append([slab[each][:, dataset] for each in ("singular_values", "departure_from_normality")])
                of_seeds[-1].append(slab["log_volume"][dataset])
            cell = summary.by_seed.sel(family=key.family, latent_dim=key.latent_dim, seed=seed, dataset=name)
            assert_cell(cell, *of_seeds[-1])
        pooled = [
            np.concatenate(each, axis=axis) for each, axis in zip(zip(*of_seeds, strict=True), (1, 1, 0), strict=True)
        ]
        assert_cell(summary.pooled.sel(family=key.family, latent_dim=key.latent_dim, dataset=name), *pooled)
    assert set(layout.GEOMETRY) <= set(summary.pooled) & set(summary.by_seed)
    assert summary.by_seed["threshold"].values.tolist() == list(THRESHOLDS)


def assert_cell(cell: xr.Dataset, singular: np.ndarray, departure: np.ndarray, volume: np.ndarray) -> None:
    for jacobian, values, missing in zip(("input", "latent"), singular, departure, strict=True):
        of = cell.sel(jacobian=jacobian)
        for name, expected in in_loops(values.astype(float), missing.astype(float)).items():
            np.testing.assert_allclose(of[name].values, expected, rtol=1e-9, atol=1e-12, err_msg=name)
    flat = [v == -np.inf for v in volume.tolist()]
    kept = [v for v in volume.astype(float).tolist() if v != -np.inf]
    assert 0 < np.mean(flat) == pytest.approx(cell["flattened_share"].item())
    np.testing.assert_allclose(cell["log_volume_quantiles"].values, np.quantile(kept, QUANTILES))


def in_loops(values: np.ndarray, departure: np.ndarray) -> dict:
    """Point by point, with matplotlib's own whiskers."""
    logs = [np.log(v) for row in values for v in row if v > 0]
    box = boxplot_stats(logs)[0]
    conditions = [np.log(row[0] / row[-1]) for row in values if row[-1] > 0]
    shares = [missing / sum(v * v for v in row) for row, missing in zip(values, departure, strict=True) if row[0] > 0]
    return {
        "log_singular_quantiles": np.quantile(logs, QUANTILES),
        "log_singular_whiskers": [box["whislo"], box["whishi"]],
        "singular_zero_share": 1 - len(logs) / values.size,
        "log_condition_quantiles": np.quantile(conditions, QUANTILES) if conditions else np.full(9, np.nan),
        "flat_share": 1 - len(conditions) / len(values),
        "local_dimension": [sum(v > t for row in values for v in row) / len(values) for t in THRESHOLDS],
        "departure_mean": np.minimum(shares, 1).mean(),
        "departure_quantiles": np.quantile(np.minimum(shares, 1), QUANTILES),
    }


matrices = hnp.arrays(float, st.tuples(st.integers(1, 6), st.just(3), st.just(3)), elements=st.floats(-3, 3))


@given(matrices)
def test_statistics_of_any_matrices(given):
    """The share that is missing lies between none and all, and scaling changes neither it nor the condition."""
    singular = np.linalg.svd(given, compute_uv=False)
    singular[singular < 1e-9 * singular[:, :1]] = 0
    eigenvalues = np.linalg.eigvals(given)
    departure = np.maximum(np.square(singular).sum(axis=1) - np.square(np.abs(eigenvalues)).sum(axis=1), 0)
    found = geometry_statistics(singular, departure)
    scaled = geometry_statistics(2 * singular, 4 * departure)
    shares = found["departure_quantiles"]
    assert np.isnan(shares).all() or (0 <= shares[0] <= found["departure_mean"] + 1e-12 and shares[-1] <= 1)
    for name in ("departure_quantiles", "log_condition_quantiles", "flat_share", "singular_zero_share"):
        np.testing.assert_allclose(scaled[name], found[name], rtol=1e-9, atol=1e-12)
    assert (np.diff(found["local_dimension"]) <= 0).all()
    assert found["local_dimension"][0] <= 3


def test_of_a_normal_matrix_nothing_is_missing_of_a_nilpotent_one_all():
    singular = np.array([[3.0, 2.0], [1.0, 1.0], [5.0, 0.0]], np.float32)
    departure = np.array([0.0, 0.0, 25.000002], np.float32)  # of stored numbers, rounded up
    found = geometry_statistics(singular, departure)
    assert found["departure_quantiles"][[0, -1]].tolist() == [0, 1]
    assert found["flat_share"] == found["singular_zero_share"] * 2 == pytest.approx(1 / 3)
    np.testing.assert_allclose(np.exp(found["log_condition_quantiles"][[0, -1]]), [1, 1.5])
    assert found["local_dimension"].tolist() == [5 / 3] * 6 + [1.0, 1 / 3]


def test_points_that_are_not_finite_are_left_out():
    singular, departure = np.array([[2.0, 1.0], [np.nan, np.nan]]), np.array([1.0, np.nan])
    for name, value in geometry_statistics(singular, departure).items():
        np.testing.assert_array_equal(value, geometry_statistics(singular[:1], departure[:1])[name])
    volume = np.array([1.0, -np.inf, np.nan])
    found = volume_statistics(volume)
    assert found["flattened_share"] == 0.5
    assert (found["log_volume_quantiles"] == 1).all()
    nothing = geometry_statistics(singular[1:], departure[1:]) | volume_statistics(volume[2:])
    assert all(np.isnan(value).all() for value in nothing.values())
    assert set(nothing) == set(layout.GEOMETRY)


def test_zeros_and_a_matrix_of_zeros():
    found = geometry_statistics(np.zeros((4, 2)), np.zeros(4))
    assert found["flat_share"] == found["singular_zero_share"] == 1
    assert np.isnan(found["departure_mean"])
    assert (found["local_dimension"] == 0).all()


def test_variables_have_names_of_their_own():
    """One named as its own dimension would be a coordinate, which xarray refuses to read."""
    for name, (_, dimensions, _) in ALL.items():
        assert name not in dimensions
    assert not set(VARIABLES) & set(GEOMETRY)
