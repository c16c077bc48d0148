"""Eigenvalues and their order against exact arithmetic and hand-made matrices.

Module test_eigenvalues_lapack holds them against LAPACK.
"""

from fractions import Fraction

import numpy as np
import pytest
from aespectra.linalg import francis
from aespectra.linalg.eigenvalues import eigenvalues
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

EPS = np.finfo(float).eps


def entries(limit: float = 1e3) -> st.SearchStrategy[float]:
    """Floats with many zeros, ones and tiny values among them, none whose square underflows."""
    numbers = st.floats(-limit, limit).map(lambda x: x if abs(x) > 1e-100 else 0.0)
    return st.one_of(numbers, st.sampled_from([0.0, 1.0, -1.0, 1e-8, 1e-30]))


matrices = st.integers(1, 6).flatmap(lambda d: arrays(np.float64, (d, d), elements=entries()))


def nilpotent(d: int) -> np.ndarray:
    return np.diag(np.ones(d - 1), 1)


NASTY = {
    "zero": np.zeros((4, 4)),
    "nilpotent": nilpotent(5),
    "defective": 3 * np.eye(5) + nilpotent(5),
    "graded": np.diag([1.0, 1e-5, 1e-10, 1e-15]) @ (np.eye(4) + nilpotent(4)),
    "rotation": np.array([[0.0, -1.0], [1.0, 0.0]]),
    "zero-row": np.vstack([np.zeros(4), np.arange(12).reshape(3, 4)]),
    "large": 1e150 * np.array([[1.0, 2.0], [3.0, 4.0]]),
    "small": 1e-150 * np.array([[1.0, 2.0], [3.0, 4.0]]),
    "negative": -np.eye(3),
    "one": np.array([[-2.5]]),
    "companion": np.vstack([[0, 0, 0, -1.0], np.eye(3, 4)]),
}


def solve(stack: np.ndarray) -> np.ndarray:
    values, failed = eigenvalues(stack)
    assert not failed.any()
    return values


def in_order(values: np.ndarray) -> np.ndarray:
    """Sort along the last axis with the solver's own function."""
    d = values.shape[-1]
    rows = values.reshape(-1, d)
    roots = np.stack([rows.real.T, rows.imag.T, np.zeros_like(rows.real.T)])
    francis.sort(roots, np.zeros(len(rows), np.int64))
    return (roots[0] + 1j * roots[1]).T.astype(values.dtype).reshape(values.shape)


def exact_determinant(matrix: np.ndarray) -> float:
    """Gaussian elimination with fractions: no rounding at all."""
    rows = [[Fraction(float(value)) for value in row] for row in matrix]
    product = Fraction(1)
    for i in range(len(rows)):
        pivot = next((k for k in range(i, len(rows)) if rows[k][i] != 0), None)
        if pivot is None:
            return 0.0
        if pivot != i:
            rows[i], rows[pivot], product = rows[pivot], rows[i], -product
        product *= rows[i][i]
        for k in range(i + 1, len(rows)):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return float(product)


def assert_spectrum_of(values: np.ndarray, matrix: np.ndarray) -> None:
    """Sum, product and power sums of the eigenvalues are those of ``matrix``, within backward-stable rounding."""
    d, norm = len(matrix), np.linalg.norm(matrix)
    allowed = 40 * d * EPS
    matrix, values, norm = (matrix / norm, values / norm, 1.0) if norm > 0 else (matrix, values, 0.0)
    assert abs(values.sum() - matrix.trace()) <= allowed * norm
    assert abs(values.prod() - exact_determinant(matrix)) <= allowed * norm**d
    power = np.eye(d)
    for k in range(1, d + 1):
        power = power @ matrix
        assert abs((values**k).sum() - power.trace()) <= k * allowed * norm**k


@given(matrices)
def test_trace_and_determinant_are_sum_and_product(matrix):
    (values,) = solve(matrix[None])
    assert_spectrum_of(values, matrix)


@pytest.mark.parametrize("name", NASTY)
def test_trace_and_determinant_of_nasty_matrices(name):
    (values,) = solve(NASTY[name][None])
    assert_spectrum_of(values, NASTY[name])


@given(st.data())
def test_ab_and_ba_have_the_same_non_zero_eigenvalues(data):
    m, n = data.draw(st.integers(1, 4)), data.draw(st.integers(4, 7))
    a, b = (data.draw(arrays(np.float64, shape, elements=entries(10))) for shape in ((m, n), (n, m)))
    (small,) = solve((a @ b)[None])
    (large,) = solve((b @ a)[None])
    scale = np.linalg.norm(a) * np.linalg.norm(b)
    # sums of powers are well conditioned even where the eigenvalues are not
    for k in range(1, n + 1):
        assert abs((small**k).sum() - (large**k).sum()) <= 1e-12 * scale**k


def test_each_eigenvalue_belongs_to_its_matrix():
    """Every row of the result makes K - λ singular, for its own K and no other."""
    stack = np.random.default_rng(0).normal(size=(20, 6, 6))
    values = solve(stack)
    for matrix, row in zip(stack, values, strict=True):
        for value in row:
            singular = np.linalg.svd(matrix - value * np.eye(6), compute_uv=False)
            assert singular[-1] < 1e-13 * singular[0]
    for matrix, row in zip(stack, np.roll(values, 1, axis=0), strict=True):
        assert np.linalg.svd(matrix - row[0] * np.eye(6), compute_uv=False)[-1] > 1e-6


@pytest.mark.parametrize(
    ("dtype", "expected", "tolerance"), [(np.float32, np.complex64, 1e-5), (np.float64, np.complex128, 1e-13)]
)
def test_precision_is_kept(dtype, expected, tolerance):
    stack = np.random.default_rng(1).normal(size=(5, 4, 4))
    values = solve(stack.astype(dtype))
    assert values.dtype == expected
    np.testing.assert_allclose(values, solve(stack), atol=tolerance)
    # also where all eigenvalues are real, for which numpy gives real arrays
    assert solve(np.eye(3, dtype=dtype)[None]).dtype == expected


@pytest.mark.parametrize("shape", [(0, 3, 3), (1, 1, 1), (7, 2, 2), (2, 20, 20)])
def test_shape_is_points_by_d(shape):
    assert solve(np.ones(shape)).shape == shape[:2]


@given(
    arrays(np.float64, (5, 3, 3), elements=entries()),
    st.dictionaries(
        st.tuples(*(st.integers(0, n - 1) for n in (5, 3, 3))), st.sampled_from([np.nan, np.inf, -np.inf]), max_size=4
    ),
)
def test_a_bad_entry_gives_nan_for_its_matrix_alone(stack, bad):
    clean = solve(stack)
    spoiled = stack.copy()
    for place, value in bad.items():
        spoiled[place] = value
    kept = spoiled.copy()
    values = solve(spoiled)
    np.testing.assert_array_equal(spoiled, kept)
    broken = {place[0] for place in bad}
    for i in range(len(stack)):
        if i in broken:
            assert np.isnan(values[i].real).all()
            assert np.isnan(values[i].imag).all()
        else:
            np.testing.assert_array_equal(values[i], clean[i])


# pairs and reals from a small pool of numbers, so that norms tie often
def spectra(parts: st.SearchStrategy[float]) -> st.SearchStrategy[list[complex]]:
    pair = st.tuples(parts, parts.filter(lambda y: y > 0)).map(lambda p: [complex(*p), complex(p[0], -p[1])])
    single = parts.map(lambda x: [complex(x, 0)])
    return st.lists(st.one_of(pair, single), min_size=1, max_size=6, unique_by=lambda group: group[0]).map(
        lambda groups: [value for group in groups for value in group]
    )


def assert_ordered(values: np.ndarray) -> None:
    norm = np.hypot(values.real, values.imag)
    assert (np.diff(norm) <= 0).all()
    i = 0
    while i < len(values):
        if values[i].imag == 0:
            i += 1
            continue
        assert values[i].imag > 0
        assert values[i + 1] == values[i].conjugate()
        i += 2


@given(spectra(st.sampled_from([-5.0, -4.0, -3.0, 0.0, 3.0, 4.0, 5.0])), st.randoms(use_true_random=False))
def test_order_is_by_norm_with_conjugate_pairs_together(values, random):
    shuffled = random.sample(values, len(values))
    ordered = in_order(np.array(shuffled, dtype=complex))
    assert sorted(ordered, key=lambda v: (v.real, v.imag)) == sorted(values, key=lambda v: (v.real, v.imag))
    assert_ordered(ordered)
    # one order only, whatever the order before
    np.testing.assert_array_equal(in_order(np.array(values, dtype=complex)), ordered)


@given(spectra(st.floats(-1e6, 1e6, allow_subnormal=False)), st.randoms(use_true_random=False))
def test_order_holds_for_any_conjugate_spectrum(values, random):
    norms = {}
    for value in values:
        norms.setdefault((np.hypot(value.real, value.imag), value.real), set()).add(abs(value.imag))
    assume(all(len(parts) == 1 for parts in norms.values()))  # see the next test
    assert_ordered(in_order(np.array(random.sample(values, len(values)), dtype=complex)))


def test_pairs_that_tie_in_norm_and_real_part_stand_together():
    values = np.array([1 + 1e-10j, 1 - 1e-10j, 1 + 2e-10j, 1 - 2e-10j])
    assert np.unique(np.hypot(values.real, values.imag)).size == 1
    assert_ordered(in_order(values))


def test_ties_go_to_the_larger_real_part():
    assert in_order(np.array([-5, 3 - 4j, 5j, 5, -5j, 3 + 4j])).tolist() == [5, 3 + 4j, 3 - 4j, 5j, -5j, -5]


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_order_keeps_shape_and_dtype_and_sorts_each_row_by_itself(dtype):
    rng = np.random.default_rng(2)
    values = (rng.normal(size=(4, 3, 5)) + 1j * rng.normal(size=(4, 3, 5))).astype(dtype)
    kept = values.copy()
    ordered = in_order(values)
    assert ordered.dtype == dtype
    assert ordered.shape == values.shape
    np.testing.assert_array_equal(values, kept)
    for i in range(4):
        for k in range(3):
            expected = sorted(values[i, k].tolist(), key=lambda v: (-np.hypot(v.real, v.imag), -v.real, -v.imag))
            np.testing.assert_array_equal(ordered[i, k], np.array(expected, dtype))


def test_nan_comes_last():
    ordered = in_order(np.array([complex(np.nan, np.nan), 1, 2]))
    np.testing.assert_array_equal(ordered[:2], [2, 1])
    assert np.isnan(ordered[2])


@given(matrices)
def test_eigenvalues_are_in_order(matrix):
    values = solve(matrix[None])[0]
    assert (np.diff(np.hypot(values.real, values.imag)) <= 0).all()
    assert (in_order(values) == values).all()
