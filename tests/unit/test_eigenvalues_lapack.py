"""The batched eigenvalue solver against LAPACK, exactly known spectra and invariants."""

import numpy as np
import pytest
import scipy.linalg
from aespectra.linalg import eigenvalues as library
from aespectra.linalg.eigenvalues import eigenvalues, group_size
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from .lapack import in_order
from .matrices import FAMILIES, NORMAL, allowed, assert_spectrum_of, at_most, distance, permuted, shift, stack_of

DTYPES = [np.float32, np.float64]
SIZES = [1, 2, 3, 4, 5, 8, 13, 20, 40, 64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_spectrum_is_that_of_a_matrix_nearby(family, d, dtype):
    stack = stack_of(family, d, dtype, 5 if d < 20 else 2)
    values, failed = eigenvalues(stack)
    assert not failed.any()
    assert values.shape == (len(stack), d)
    assert values.dtype == np.result_type(dtype, np.complex64)
    for matrix, row in zip(stack, values, strict=True):
        assert_spectrum_of(row, matrix)
    np.testing.assert_array_equal(in_order(values), values)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("family", NORMAL)
def test_normal_matrices_as_lapack(family, d, dtype):
    stack = stack_of(family, d, dtype)
    values, _ = eigenvalues(stack)
    for matrix, row, expected in zip(stack, values, np.linalg.eigvals(stack.astype(np.float64)), strict=True):
        assert distance(row, expected).max() <= allowed(matrix, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", SIZES)
@pytest.mark.parametrize("family", ["gaussian", "jacobian", "graded down"])
def test_simple_eigenvalues_as_lapack(family, d, dtype):
    """Within the condition number of each, 1 / |y'x| for its left and right eigenvectors of length 1."""
    compared = 0
    for matrix in stack_of(family, d, dtype):
        (row,), _ = eigenvalues(matrix[None])
        expected, left, right = scipy.linalg.eig(matrix.astype(np.float64), left=True)
        sensitive = allowed(matrix, dtype) / np.abs((left.conj() * right).sum(axis=0))
        gap = np.abs(expected[:, None] - expected) + np.diag(np.full(d, np.inf))
        # where that is beyond perturbation theory of first order, nothing is claimed
        simple = sensitive < 0.01 * gap.min(axis=0)
        errors = distance(expected, row)
        assert (errors <= 2 * sensitive)[simple].all()
        compared += simple.sum()
    assert compared >= min(d, 4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_exact_results(dtype):
    """What takes no rounding is not rounded."""
    rng = np.random.default_rng(3)
    for d in (1, 2, 3, 7, 20):
        diagonal = np.sort(np.abs(rng.normal(size=d)).astype(dtype))[::-1]
        triangular = np.triu(rng.normal(size=(d, d))).astype(dtype)
        triangular[np.arange(d), np.arange(d)] = diagonal
        for matrix in (np.diag(diagonal), triangular, triangular.T, permuted(triangular, rng)):
            assert eigenvalues(matrix[None])[0][0].tolist() == diagonal.tolist()
        assert not eigenvalues(permuted(shift(d), rng)[None].astype(dtype))[0].any()
    assert eigenvalues(np.array([[[0, -1], [1, 0]], [[0, 2], [2, 0]], [[2, 5], [-5, 2]]], dtype))[0].tolist() == [
        [1j, -1j],
        [2, -2],
        [2 + 5j, 2 - 5j],
    ]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1])
def test_zero_rows_and_columns_give_exact_zeros(dtype, axis):
    for d in (2, 3, 6, 20):
        stack = stack_of("gaussian", d, dtype)
        np.moveaxis(stack, 1 + axis, 1)[:, ::3] = 0
        values, _ = eigenvalues(stack)
        assert ((values == 0).sum(axis=1) == len(range(0, d, 3))).all()


def test_each_precision_is_solved_in_itself():
    """The float32 build neither rounds a float64 matrix nor is it float64 in disguise."""
    stack = stack_of("orthogonal", 8, np.float64, 50)
    size = np.abs(eigenvalues(stack)[0])
    assert abs(size - 1).max() < 1e-14
    size = np.abs(eigenvalues(stack.astype(np.float32))[0])
    assert 1e-7 < abs(size - 1).max() < 3e-6


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_very_large_and_very_small_matrices(d, dtype):
    """A power of two changes the exponents of the eigenvalues and nothing else, down to where numbers lose digits."""
    stack = stack_of("gaussian", d, dtype)
    values, _ = eigenvalues(stack)
    info = np.finfo(dtype)
    for exponent in (1, -1, 9, info.maxexp - 8, info.minexp + 12):
        scaled, failed = eigenvalues(np.ldexp(stack, exponent))
        assert not failed.any()
        np.testing.assert_array_equal(scaled.real, np.ldexp(values.real, exponent))
        np.testing.assert_array_equal(scaled.imag, np.ldexp(values.imag, exponent))
    # subnormal numbers: nothing but finite results of the right size
    tiny, failed = eigenvalues(np.ldexp(stack, info.minexp - 5))
    assert not failed.any()
    np.testing.assert_allclose(tiny, 0, atol=d * 4 * info.tiny)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", [3, 5, 8, 13, 20])
def test_bad_scaling_costs_no_digits(d, dtype):
    """Balancing: powers of two on the diagonal blow up the norm by up to 2^24, but not the error."""
    rng = np.random.default_rng(d)
    for matrix in stack_of("gaussian", d, dtype):
        scale = 2.0 ** rng.integers(-12, 13, d)
        stack = np.stack([matrix, scale[:, None] * matrix / scale]).astype(dtype)
        values, badly_scaled = eigenvalues(stack)[0]
        assert distance(badly_scaled, values).max() <= 10 * allowed(matrix, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_matrix_gives_the_same_bits_in_every_batch(dtype):
    rng = np.random.default_rng(4)
    families = [name for name in FAMILIES if name != "zero"] * 8
    for d in (2, 5, 9):
        stack = np.concatenate([stack_of(family, d, dtype, 1) for family in families])
        stack += (rng.random(stack.shape) < 0.1) * rng.normal(size=stack.shape).astype(dtype)
        values, _ = eigenvalues(stack)
        lanes = group_size(len(stack), d)
        stack = np.concatenate([stack] * (2 * lanes // len(stack) + 1))
        values, _ = eigenvalues(stack)
        order = rng.permutation(len(stack))
        np.testing.assert_array_equal(eigenvalues(stack[order])[0], values[order])
        for size in (1, 7, lanes, lanes + 1):
            np.testing.assert_array_equal(eigenvalues(stack[:size])[0], values[:size])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_bad_entry_gives_nan_for_its_matrix_alone(dtype):
    for d in (1, 2, 5, 20):
        stack = stack_of("gaussian", d, dtype, 9)
        clean, _ = eigenvalues(stack)
        stack[1, 0, 0], stack[4, -1, 0], stack[7, 0, -1] = np.nan, np.inf, -np.inf
        kept = stack.copy()
        values, failed = eigenvalues(stack)
        assert not failed.any()
        np.testing.assert_array_equal(stack, kept)
        bad = [1, 4, 7]
        assert np.isnan(values[bad].real).all()
        assert np.isnan(values[bad].imag).all()
        np.testing.assert_array_equal(np.delete(values, bad, axis=0), np.delete(clean, bad, axis=0))


def test_failures_are_counted_and_leave_nan_behind(monkeypatch):
    stack = stack_of("gaussian", 8, np.float64, 200)
    good, failed = eigenvalues(stack)
    assert not failed.any()
    monkeypatch.setattr(library, "limits", at_most(5))
    values, failed = eigenvalues(stack)
    bad = np.isnan(values)
    np.testing.assert_array_equal(failed, bad.any(axis=1))
    assert 20 < failed.sum() < 200
    assert (np.diff(bad, axis=1) >= 0).all()  # nan comes last
    np.testing.assert_array_equal(np.isnan(values.real), np.isnan(values.imag))
    np.testing.assert_array_equal(values[~bad.any(axis=1)], good[~bad.any(axis=1)])
    for row, found in zip(good, values, strict=True):
        assert np.isin(found[~np.isnan(found)], row).all()
    monkeypatch.setattr(library, "limits", at_most(0))
    assert eigenvalues(np.ones((70, 8, 8)))[1].all()
    assert not eigenvalues(np.eye(8)[None])[1].any()


def test_many_matrices_with_ties_converge():
    """Small integers give multiple eigenvalues, defective blocks and the cycles that exceptional shifts must break."""
    rng = np.random.default_rng(6)
    for d in (3, 4, 5, 6, 8):
        stack = rng.integers(-1, 2, (20_000, d, d)).astype(np.float64)
        values, failed = eigenvalues(stack)
        assert not failed.any()
        error = 20 * np.finfo(float).eps * np.linalg.norm(stack, axis=(1, 2))
        assert (abs(values.sum(axis=1) - np.trace(stack, axis1=1, axis2=2)) <= error).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(0, 3, 3), (0, 0, 0), (4, 0, 0)])
def test_nothing_gives_nothing(shape, dtype):
    values, failed = eigenvalues(np.empty(shape, dtype))
    assert values.shape == shape[:2]
    assert values.dtype == np.result_type(dtype, np.complex64)
    assert failed.shape == shape[:1]


@pytest.mark.parametrize(
    "wrong", [np.ones((2, 3, 4)), np.ones((3, 3)), np.ones((2, 3, 3), int), np.ones((2, 3, 3), complex)]
)
def test_wrong_input_is_refused(wrong):
    with pytest.raises(ValueError, match="float32 or float64"):
        eigenvalues(wrong)


def test_any_memory_layout():
    stack = stack_of("gaussian", 6, np.float64, 8)
    values, _ = eigenvalues(stack)
    np.testing.assert_array_equal(eigenvalues(np.asfortranarray(stack))[0], values)
    np.testing.assert_array_equal(eigenvalues(stack[::2])[0], values[::2])
    stack.setflags(write=False)
    np.testing.assert_array_equal(eigenvalues(stack)[0], values)


# many zeros, ones and tiny values, so that blocks decouple
numbers = st.one_of(
    st.floats(-1e3, 1e3, width=32),
    st.sampled_from([0.0, 1.0, -1.0, 1e-8, 2.0**-60]),
)
matrices = st.tuples(st.sampled_from(DTYPES), st.integers(1, 7)).flatmap(
    lambda kind: arrays(np.float64, (kind[1], kind[1]), elements=numbers).map(lambda a: a.astype(kind[0]))
)


@given(matrices)
def test_trace_pairs_and_backward_error_of_any_matrix(matrix):
    values, failed = eigenvalues(matrix[None])
    assert not failed.any()
    assert_spectrum_of(values[0], matrix)
    np.testing.assert_array_equal(in_order(values), values)


@given(matrices)
def test_product_is_the_determinant(matrix):
    norm = np.linalg.norm(matrix.astype(np.float64)) or 1.0
    values = eigenvalues(matrix[None])[0][0].astype(np.complex128) / norm
    expected = np.linalg.det(matrix.astype(np.float64) / norm)
    assert abs(values.prod() - expected) <= 40 * len(matrix) * np.finfo(matrix.dtype).eps


@given(matrices)
def test_transposition_leaves_the_characteristic_polynomial(matrix):
    norm = np.linalg.norm(matrix.astype(np.float64)) or 1.0
    of_matrix, of_transposed = (
        np.poly(eigenvalues(each[None])[0][0].astype(np.complex128) / norm) for each in (matrix, matrix.T)
    )
    np.testing.assert_allclose(of_matrix, of_transposed, rtol=0, atol=100 * len(matrix) * np.finfo(matrix.dtype).eps)


@given(matrices, st.integers(-20, 20))
def test_scaling_by_a_power_of_two_is_exact(matrix, exponent):
    values = eigenvalues(matrix[None])[0]
    factor = matrix.dtype.type(2.0**exponent)
    np.testing.assert_array_equal(eigenvalues((matrix * factor)[None])[0], values * factor)
