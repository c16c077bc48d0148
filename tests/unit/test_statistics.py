"""Statistics against plain loops over points and eigenvalues."""

import cmath
import math

import numpy as np
import pytest
from aespectra.summary.statistics import (
    PLANE_BINS,
    PLANE_EXTENT,
    QUANTILES,
    distribution,
    point_statistics,
    spectrum_statistics,
)
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.cbook import boxplot_stats


def quantile(values: list[float], q: float) -> float:
    """Linear interpolation between the sorted values, exactly on the ends."""
    values = sorted(values)
    place = q * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def plain_statistics(values: list[list[complex]], zeros: list[int]) -> dict[str, float]:
    """Single-number statistics, eigenvalue by eigenvalue."""
    d, n = len(values[0]), len(values)
    everything = [v if i < d - zero else 0j for row, zero in zip(values, zeros, strict=True) for i, v in enumerate(row)]
    kept = [v for row, zero in zip(values, zeros, strict=True) for v in row[: d - zero]]
    reversed_, undefined = 0, 0
    for row, zero in zip(values, zeros, strict=True):
        if zero:
            undefined += 1
            continue
        sign = 1
        for v in row:
            if v.imag == 0 and v.real < 0:
                sign = -sign
        reversed_ += sign < 0
    logs = [math.log(abs(v)) for v in kept]
    nan = math.nan
    return {
        "mean_abs": math.fsum(abs(v) for v in everything) / len(everything),
        "mean_real": math.fsum(v.real for v in everything) / len(everything),
        "geometric_mean": math.prod(abs(v) ** (1 / len(kept)) for v in kept) if kept else nan,
        "log_abs_std": math.sqrt(math.fsum((x - math.fsum(logs) / len(logs)) ** 2 for x in logs) / len(logs))
        if kept
        else nan,
        "zero_share": sum(zeros) / (n * d),
        "zero_count": sum(zeros),
        "unknown_count": 0,
        "reversed_share": reversed_ / (n - undefined) if undefined < n else nan,
        "undefined_share": undefined / n,
        "real_share": sum(v.imag == 0 for v in kept) / len(kept) if kept else nan,
        "plane_outside_share": sum(
            not (abs(v.real) <= PLANE_EXTENT and abs(v.imag) <= PLANE_EXTENT) for v in everything
        )
        / len(everything),
    }


def invented(n: int, d: int, seed: int = 0, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Spectra like those of real matrices, with float32 parts and some zeros at the end of their rows."""
    rng = np.random.default_rng(seed)
    values = np.zeros((n, d), complex)
    for row in values:
        i = 0
        while i < d:
            real, imag = rng.normal(size=2) * scale * rng.choice([1e-3, 1, 2])
            if i + 1 < d and rng.random() < 0.4:
                row[i : i + 2] = complex(real, abs(imag)), complex(real, -abs(imag))
                i += 2
            else:
                row[i] = real
                i += 1
    values = np.take_along_axis(values, np.argsort(-np.abs(values), axis=1, kind="stable"), axis=1)
    zeros = np.minimum(rng.choice([0, 0, 0, 1, 3], n), d)
    values[np.arange(d) >= d - zeros[:, None]] *= 1e-18
    return values.astype(np.complex64), zeros.astype(np.int16)


CASES = {
    "many": invented(400, 6),
    "wide": invented(100, 5, 1, 3.0),
    "one-d": invented(50, 1, 2),
    "one-point": invented(1, 4, 3),
    "no-zeros": (invented(60, 3, 4)[0], np.zeros(60, np.int16)),
    "all-zeros": (np.zeros((7, 3), np.complex64), np.full(7, 3, np.int16)),
    "some-rows-of-zeros": (
        np.array([[2, 1], [0, 0], [-1, 0.5], [3j, -3j]], np.complex64),
        np.array([0, 2, 0, 0], np.int16),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_a_loop(name):
    values, zeros = CASES[name]
    found = spectrum_statistics(values, zeros)
    expected = plain_statistics([[complex(v) for v in row] for row in values], [int(z) for z in zeros])
    assert set(found) == set(expected) | {
        "log_abs_quantiles",
        "log_abs_whiskers",
        "abs_arg_quantiles",
        "abs_arg_whiskers",
        "plane_density",
    }
    for key, value in expected.items():
        assert float(found[key]) == pytest.approx(value, rel=1e-12, abs=1e-14, nan_ok=True), key


def parts_of(values: np.ndarray, zeros: np.ndarray) -> dict[str, list[float]]:
    d = values.shape[1]
    kept = [complex(v) for row, zero in zip(values, zeros, strict=True) for v in row[: d - zero]]
    return {"log_abs": [math.log(abs(v)) for v in kept], "abs_arg": [abs(cmath.phase(v)) for v in kept]}


@pytest.mark.parametrize("name", [name for name in CASES if name != "all-zeros"])
@pytest.mark.parametrize("part", ["log_abs", "abs_arg"])
def test_quantiles_and_whiskers_are_exact(name, part):
    numbers = parts_of(*CASES[name])[part]
    found = spectrum_statistics(*CASES[name])
    expected = [quantile(numbers, q) for q in QUANTILES]
    np.testing.assert_allclose(found[f"{part}_quantiles"], expected, rtol=1e-12, atol=1e-14)
    (box,) = boxplot_stats(numbers, whis=1.5)
    np.testing.assert_allclose(found[f"{part}_whiskers"], [box["whislo"], box["whishi"]], rtol=1e-12, atol=1e-14)
    assert found[f"{part}_quantiles"][0] == pytest.approx(min(numbers), rel=1e-12)
    assert found[f"{part}_quantiles"][-1] == pytest.approx(max(numbers), rel=1e-12)


def test_quantiles_are_those_the_figures_need():
    assert QUANTILES == (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=30))
def test_whiskers_are_those_of_matplotlib(norms):
    values = np.sort(np.array(norms))[::-1, None].astype(complex)
    found = spectrum_statistics(values, np.zeros(len(norms), int))
    (box,) = boxplot_stats(np.log(np.abs(values[:, 0])), whis=1.5)
    np.testing.assert_allclose(found["log_abs_whiskers"], [box["whislo"], box["whishi"]], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("d", "n"), [(3, 4), (1, 2)])
def test_statistics_of_no_values_are_nan(d, n):
    found = spectrum_statistics(np.zeros((n, d), np.complex64), np.full(n, d))
    for name in ("geometric_mean", "log_abs_std", "reversed_share", "real_share"):
        assert math.isnan(found[name])
    for name in ("log_abs", "abs_arg"):
        assert found[f"{name}_quantiles"].shape == (len(QUANTILES),)
        assert np.isnan(found[f"{name}_quantiles"]).all()
        assert np.isnan(found[f"{name}_whiskers"]).all()
    assert found["zero_share"] == found["undefined_share"] == 1
    assert found["mean_abs"] == 0


@pytest.mark.parametrize("rounding", [(1e-12 + 2e-12j, 1e-12 - 2e-12j), (2e-12, -1e-17), (-3e-12, -1e-12), (0, 0)])
def test_what_rounding_leaves_of_zeros_changes_nothing(rounding):
    found = spectrum_statistics(np.array([[-2, 1, *rounding], [1j, -1j, 0.5, 0.1]]), np.array([2, 0]))
    expected = spectrum_statistics(np.array([[-2, 1, 0, 0], [1j, -1j, 0.5, 0.1]]), np.array([2, 0]))
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    assert found["real_share"] == 4 / 6


@pytest.mark.parametrize(
    ("row", "zeros", "outcome"),
    [
        ([2, 1], 0, "preserved"),
        ([-2, 1], 0, "reversed"),
        ([-2, -1], 0, "preserved"),
        ([-3, -2, -1], 0, "reversed"),
        ([2j, -2j, 1], 0, "preserved"),
        ([-1 + 2j, -1 - 2j, -1], 0, "reversed"),
        ([-1 + 2j, -1 - 2j], 0, "preserved"),
        ([-2, 1e-18], 1, "undefined"),
        ([-2, -1e-18], 1, "undefined"),
        ([0, 0], 2, "undefined"),
    ],
)
def test_orientation_has_three_outcomes(row, zeros, outcome):
    found = spectrum_statistics(np.array([row], complex), np.array([zeros]))
    expected = {"preserved": 0, "reversed": 1, "undefined": math.nan}[outcome]
    np.testing.assert_equal(found["reversed_share"], expected)
    assert found["undefined_share"] == (outcome == "undefined")


def test_reversals_are_counted_where_orientation_is_defined():
    found = spectrum_statistics(np.array([[-2, 1], [2, 1], [-2, 0], [-3, 0]], complex), np.array([0, 0, 1, 1]))
    assert found["reversed_share"] == found["undefined_share"] == 0.5


@pytest.mark.parametrize("d", [2, 5, 8])
def test_orientation_is_the_sign_of_the_determinant(d):
    matrices = np.random.default_rng(d).normal(size=(300, d, d))
    found = spectrum_statistics(np.linalg.eigvals(matrices).astype(complex), np.zeros(300, int))
    assert found["reversed_share"] == (np.linalg.det(matrices) < 0).mean()
    assert found["mean_real"] == pytest.approx(np.trace(matrices, axis1=1, axis2=2).mean() / d, rel=1e-10)


def test_a_point_without_a_spectrum_preserves_nothing():
    """A Jacobian that is not finite has nan for eigenvalues: that is no preserved orientation."""
    found = spectrum_statistics(np.array([[np.nan + 1j * np.nan] * 2, [2, 1]]), np.array([0, 0]))
    assert found["undefined_share"] == 0.5


@pytest.mark.parametrize("bad", [np.nan, np.inf, complex(1, -np.inf)])
def test_a_point_that_is_not_finite_is_counted_and_changes_nothing_else(bad):
    values, zeros = CASES["many"]
    with_it = np.insert(values, [0, 7, 400], np.full(6, bad), axis=0)
    with_it[0, 1:] = 1  # one eigenvalue is enough
    found, expected = (
        spectrum_statistics(with_it, np.insert(zeros, [0, 7, 400], [0, 6, 1])),
        spectrum_statistics(values, zeros),
    )
    assert (found.pop("unknown_count"), expected.pop("unknown_count")) == (3, 0)
    assert found.pop("undefined_share") == pytest.approx((expected.pop("undefined_share") * 400 + 3) / 403)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_of_no_finite_point_nothing_is_known():
    found = spectrum_statistics(np.full((3, 2), np.nan + 0j), np.zeros(3, int))
    assert (found["unknown_count"], found["undefined_share"], found["zero_count"]) == (3, 1, 0)
    for name in ("mean_abs", "mean_real", "geometric_mean", "zero_share", "reversed_share", "plane_outside_share"):
        assert math.isnan(found[name])
    assert found["plane_density"].sum() == 0


def test_an_eigenvalue_too_small_for_float32_is_a_zero():
    """Of a Jacobian that is itself so small, it is none up to rounding, but stored it is."""
    values = np.array([[2, 1e-3], [1, 1e-46], [1e-46, 1e-50], [3, -1]]).astype(np.complex64)
    assert (values[1:3, 1] == 0).all()
    found = spectrum_statistics(values, np.zeros(4, int))
    expected = spectrum_statistics(values, np.array([0, 1, 2, 0]))
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    assert found["zero_count"] == 3
    assert found["undefined_share"] == 0.5
    assert np.isfinite(found["log_abs_quantiles"]).all()
    assert np.isfinite(found["log_abs_whiskers"]).all()


def test_points_that_are_not_finite_are_left_out_of_means_and_quantiles():
    values, latent = invented(60, 4, 5)[0], invented(60, 4, 6)[0]
    mse, norm, same = np.random.default_rng(1).random((3, 60))
    expected = point_statistics(values, latent, mse, norm, same)
    nan = np.full((1, 4), np.nan + 0j)
    again = (
        np.append(values, nan, axis=0),
        np.append(latent, nan, axis=0),
        np.append(mse, np.inf),
        np.append(norm, np.nan),
    )
    found = point_statistics(*again, np.append(same, same.mean()))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_plane_density_is_a_histogram(name):
    values, zeros = CASES[name]
    found = spectrum_statistics(values, zeros)
    x, y = values.real.astype(float).ravel(), np.abs(values.imag.astype(float)).ravel()
    x[np.abs(x) < 1e-15] = 0  # zeros up to rounding lie on an edge
    expected, _, _ = np.histogram2d(
        y,
        x,
        bins=(PLANE_BINS, 2 * PLANE_BINS),
        range=((0, PLANE_EXTENT), (-PLANE_EXTENT, PLANE_EXTENT)),
    )
    np.testing.assert_array_equal(found["plane_density"], expected)
    assert found["plane_density"].shape == (50, 100)
    assert found["plane_outside_share"] == pytest.approx(1 - expected.sum() / values.size)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (0.01, (0, 50)),
        (-0.01, (0, 49)),
        (2.49, (0, 99)),
        (-2.49, (0, 0)),
        (1.03 + 2.48j, (49, 70)),
        (1.03 - 2.48j, (49, 70)),
        (2.51, None),
        (-2.51, None),
        (2.51j, None),
        (-2.51j, None),
        (1e30, None),
        (-1e30j, None),
    ],
)
def test_plane_squares(value, place):
    found = spectrum_statistics(np.array([[value]], complex), np.array([0]))
    squares = [tuple(map(int, square)) for square in np.argwhere(found["plane_density"])]
    assert squares == ([] if place is None else [place])
    assert found["plane_outside_share"] == (place is None)


def test_long_sums_keep_their_digits():
    """Float32 sums of as many values would be wrong in the fourth digit."""
    values = np.full((200_000, 3), 1.1 + 0j, np.complex64)
    found = spectrum_statistics(values, np.zeros(200_000, np.int16))
    exact = float(np.float32(1.1))
    assert found["mean_abs"] == pytest.approx(exact, rel=1e-12)
    assert found["mean_real"] == pytest.approx(exact, rel=1e-12)
    assert found["geometric_mean"] == pytest.approx(exact, rel=1e-12)
    mse = np.full(200_000, 1.1, np.float32)
    points = point_statistics(values, values * 0, mse, mse, np.zeros(200_000, np.int8))
    assert points["reconstruction_mse_mean"] == pytest.approx(exact, rel=1e-12)
    assert points["difference_mean"] == pytest.approx(exact**2, rel=1e-12)


def test_whiskers_of_a_large_sample_by_hand():
    # the quartiles are 24 and 76, so the whiskers may reach to -54 and to 154
    logs = np.concatenate([np.arange(101.0), [153.0, 155.0, -53.0, -55.0]]) / 100
    values = np.exp(logs)[:, None] + 0j
    found = spectrum_statistics(values, np.zeros(len(logs), int))
    assert found["log_abs_whiskers"] == pytest.approx([-0.53, 1.53])
    assert found["log_abs_quantiles"][[0, 3, 5, 8]] == pytest.approx([-0.55, 0.24, 0.76, 1.55])


@pytest.mark.parametrize(("n", "d"), [(60, 4), (1, 1), (2, 3)])
def test_statistics_of_points_are_those_of_a_loop(n, d):
    rng = np.random.default_rng(n)
    values, latent = invented(n, d, 5)[0], invented(n, d, 6)[0]
    mse, norm = rng.random(n).astype(np.float32), rng.random(n).astype(np.float32) * 9
    same = rng.integers(0, 2, n).astype(np.int8)
    found = point_statistics(values, latent, mse, norm, same)
    difference = [
        sum(abs(complex(a) - complex(b)) ** 2 for a, b in zip(left, right, strict=True)) / d
        for left, right in zip(values, latent, strict=True)
    ]
    samples = {"difference": difference, "reconstruction_mse": mse.tolist(), "latent_norm": norm.tolist()}
    assert found["same_pattern_share"] == pytest.approx(sum(same.tolist()) / n)
    for name, numbers in samples.items():
        assert found[f"{name}_mean"] == pytest.approx(math.fsum(numbers) / n, rel=1e-12)
        np.testing.assert_allclose(
            found[f"{name}_quantiles"], [quantile(numbers, q) for q in QUANTILES], rtol=1e-12, atol=1e-15
        )
    assert len(found) == 7


def test_whiskers_end_at_the_box_where_rounding_leaves_no_value_in_it():
    """ln 2 and the next float but one: both quartiles are the one between, and no value is within their fences."""
    values = np.array([float.fromhex("0x1.62e42fefa39edp-1"), float.fromhex("0x1.62e42fefa39efp-1")])
    found = distribution(values)
    lower, upper = found["quantiles"][[QUANTILES.index(0.25), QUANTILES.index(0.75)]]
    assert values[0] < lower == upper < values[1]
    assert found["whiskers"].tolist() == [lower, upper]
