"""The count of zero eigenvalues against matrices whose rank is known."""

import numpy as np
import pytest
import torch
from aespectra.linalg.eigenvalues import eigenvalues
from aespectra.linalg.zeros import count_zeros
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from .matrices import hidden, shift

EPS = np.finfo(float).eps


def zeros_of(stack: np.ndarray) -> np.ndarray:
    values, failed = eigenvalues(stack)
    assert not failed.any()
    return count_zeros(values, torch.from_numpy(stack), np.linalg.norm(stack, axis=(1, 2)))


@pytest.mark.parametrize("d", [2, 5, 20])
@pytest.mark.parametrize("dead", [0, 1])
@pytest.mark.parametrize("axis", ["row", "column"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_every_dead_unit_is_one_zero(d, dead, axis, scale):
    matrix = scale * np.random.default_rng(d).normal(size=(d, d))
    if axis == "row":
        matrix[:dead] = 0
    else:
        matrix[:, d - dead :] = 0
    assert zeros_of(matrix[None]) == [dead]


@pytest.mark.parametrize("rank", [0, 1, 3, 6])
def test_zeros_of_a_matrix_of_low_rank(rank):
    """A structural zero is found also where rounding leaves 1e-17."""
    matrix = hidden(np.diag(np.where(np.arange(6) < rank, 1.0 + np.arange(6), 0)), np.random.default_rng(rank))
    assert zeros_of(matrix[None]) == [6 - rank]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.zeros((4, 4)), 4),
        (shift(5), 5),
        (np.array([[0.0, -1.0], [1.0, 0.0]]), 0),
        (3 * np.eye(5) + shift(5), 0),
        (1e-150 * np.array([[1.0, 2.0], [3.0, 4.0]]), 0),
        (np.diag([1.0, 1e-5, 1e-10, 1e-15]) @ (np.eye(4) + shift(4)), 1),
        (np.diag([1.0, 1e-7, 1e-13]), 0),
    ],
    ids=["zero", "nilpotent", "rotation", "defective", "small", "graded", "graded but not singular"],
)
def test_zeros_of_nasty_matrices(matrix, expected):
    assert zeros_of(matrix[None]) == [expected]


@pytest.mark.long
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("d", "rank"), [(2, 1), (5, 4), (8, 6), (20, 19)])
def test_zeros_whose_condition_is_bad_are_found(dtype, d, rank):
    """Of 20,000 singular matrices the zeros of some come out larger than d·eps·‖K‖."""
    rng = np.random.default_rng(d)
    stack = (rng.normal(size=(20_000, d, rank)) @ rng.normal(size=(20_000, rank, d))).astype(dtype)
    bound = d * np.finfo(dtype).eps * np.linalg.norm(stack, axis=(1, 2))
    assert (abs(eigenvalues(stack)[0][:, rank]) > bound).any()
    assert (zeros_of(stack) == d - rank).all()


def integers(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.int64, shape, elements=st.integers(-2, 2))


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
        lambda shape: st.tuples(integers(*shape), integers(*shape[::-1]))
    )
)
def test_zeros_are_as_many_as_the_rank_leaves(factors):
    """Exactly, where zero is not defective, as no other singular value of a small matrix of integers is near zero."""
    matrix = (factors[0] @ factors[1]).astype(float)
    rank = np.linalg.matrix_rank(matrix)
    assume(np.linalg.matrix_rank(matrix @ matrix) == rank)
    assert zeros_of(matrix[None]) == [len(matrix) - rank]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [2, 5, 20])
def test_no_zero_in_matrices_of_full_rank(dtype, d):
    stack = np.random.default_rng(d).normal(size=(2000, d, d)).astype(dtype)
    smallest = np.linalg.svd(stack.astype(float), compute_uv=False)[:, -1]
    regular = stack[smallest > 4 * d * np.finfo(dtype).eps * np.linalg.norm(stack, axis=(1, 2))]
    assert len(regular) > 1900
    assert (zeros_of(regular) == 0).all()


def test_zero_means_at_most_d_eps_norm():
    norm = 3.0
    bound = 4 * norm * EPS
    values = np.array([[1, 1j, bound, np.nextafter(bound, 1)], [bound * 0.6 + bound * 0.6j, -bound, 0, -1]])
    regular = torch.eye(4, dtype=torch.float64).expand(2, 4, 4)
    assert count_zeros(values, regular, np.array([norm, norm])).tolist() == [1, 3]
    assert count_zeros(values, regular, np.array([norm, 0.0])).tolist() == [1, 1]
    assert count_zeros(values, regular, np.array([norm, norm]) / 2).tolist() == [0, 1]


def test_zeros_depend_on_the_precision():
    values, matrix = np.array([[1.0, 1e-9 + 0j]]), torch.tensor([[[1.0, 0.0], [0.0, 1e-9]]])
    assert count_zeros(values, matrix, np.ones(1)).tolist() == [1]
    assert count_zeros(values, matrix.double(), np.ones(1)).tolist() == [0]


def test_a_matrix_that_is_not_finite_has_none():
    matrix = torch.tensor([[[np.nan, 0.0], [0.0, 1e-9]]])
    assert count_zeros(np.full((1, 2), np.nan + 0j), matrix, np.full(1, np.nan)).tolist() == [0]
