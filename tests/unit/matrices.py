"""Matrices that are hard on an eigenvalue solver, and what their spectra must fulfil."""

import numpy as np
import scipy.linalg
from scipy.optimize import linear_sum_assignment


def orthogonal(d: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


def shift(d: int) -> np.ndarray:
    """The nilpotent Jordan block."""
    return np.diag(np.ones(d - 1), 1)


def hidden(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    q = orthogonal(len(matrix), rng)
    return q @ matrix @ q.T


def companion(roots: np.ndarray) -> np.ndarray:
    matrix = np.diag(np.ones(len(roots) - 1), -1)
    matrix[0] = -np.poly(roots)[1:]
    return matrix


def permuted(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = rng.permutation(len(matrix))
    return matrix[order][:, order]


def badly_scaled(d: int, rng: np.random.Generator) -> np.ndarray:
    scale = 2.0 ** rng.integers(-12, 13, d)
    return scale[:, None] * rng.normal(size=(d, d)) / scale


def grcar(d: int) -> np.ndarray:
    """Of ones and minus ones, with eigenvalues that are very sensitive unless it is small."""
    return np.tri(d, k=3) * np.tri(d).T - np.diag(np.ones(d - 1), -1)


def jacobian(d: int, rng: np.random.Generator) -> np.ndarray:
    """Of a random ReLU autoencoder seen from its latent space, with dead units."""
    matrix = np.eye(d)
    for rows, columns in ((32, d), (64, 32), (32, 64), (d, 32)):
        layer = rng.normal(size=(rows, columns)) * (rng.random(columns) < 0.5) / np.sqrt(columns)
        matrix = layer @ matrix
    return matrix


# by name: matrix of size d, random where it depends on a generator
FAMILIES = {
    "gaussian": lambda d, rng: rng.normal(size=(d, d)),
    "jacobian": jacobian,
    "graded down": lambda d, rng: rng.normal(size=(d, d)) * 10.0 ** -np.add.outer(np.arange(d), np.arange(d)),
    "graded up": lambda d, rng: (rng.normal(size=(d, d)) * 10.0 ** -np.add.outer(np.arange(d), np.arange(d)))[::-1],
    "badly scaled": badly_scaled,
    "defective": lambda d, rng: hidden(3 * np.eye(d) + shift(d), rng),
    "nilpotent": lambda d, rng: hidden(shift(d), rng),
    "companion": lambda d, rng: companion(rng.uniform(-1, 1, d)),
    "orthogonal": orthogonal,
    "cyclic": lambda d, rng: np.roll(np.eye(d), 1, axis=0),
    "nearly cyclic": lambda d, rng: np.roll(np.eye(d), 1, axis=0) + 1e-9 * rng.normal(size=(d, d)),
    "symmetric": lambda d, rng: (lambda a: a + a.T)(rng.normal(size=(d, d))),
    "skew": lambda d, rng: (lambda a: a - a.T)(rng.normal(size=(d, d))),
    "low rank": lambda d, rng: rng.normal(size=(d, (d + 1) // 2)) @ rng.normal(size=((d + 1) // 2, d)),
    "rank one": lambda d, rng: np.outer(rng.normal(size=d), rng.normal(size=d)),
    "triangular": lambda d, rng: permuted(np.triu(rng.normal(size=(d, d))), rng),
    "sparse": lambda d, rng: rng.normal(size=(d, d)) * (rng.random((d, d)) < 0.3),
    "small integers": lambda d, rng: rng.integers(-2, 3, (d, d)).astype(float),
    "Hilbert": lambda d, rng: scipy.linalg.hilbert(d),
    "Grcar": lambda d, rng: grcar(d),
    "ones": lambda d, rng: np.ones((d, d)),
    "zero": lambda d, rng: np.zeros((d, d)),
}
# eigenvalues as well conditioned as can be
NORMAL = ("orthogonal", "cyclic", "symmetric", "skew", "Hilbert", "ones", "zero")


def at_most(sweeps: int):
    """In the place of ``eigenvalues.limits``: gives up early."""
    return lambda dtype, d: (np.finfo(dtype).eps, np.finfo(dtype).tiny, sweeps)


def stack_of(family: str, d: int, dtype: type, count: int = 5) -> np.ndarray:
    rng = np.random.default_rng([d, *family.encode()])
    return np.stack([FAMILIES[family](d, rng) for _ in range(count)]).astype(dtype)


def allowed(matrix: np.ndarray, dtype: type) -> float:
    """Backward error granted: what LAPACK makes, rounded up."""
    return max(10, len(matrix)) * np.finfo(dtype).eps * np.linalg.norm(matrix)


def assert_spectrum_of(values: np.ndarray, matrix: np.ndarray) -> None:
    """Each value is an eigenvalue of a matrix nearby, all have the right power sums, pairs are exact conjugates.

    All bounds are relative to the norm of the matrix, whatever its condition.
    """
    dtype = matrix.dtype
    matrix, d = matrix.astype(np.float64), len(matrix)
    values = values.astype(np.complex128)
    error = allowed(matrix, dtype)
    for value in values:
        assert np.linalg.svd(matrix - value * np.eye(d), compute_uv=False)[-1] <= error
    norm, power, of_values = np.linalg.norm(matrix), np.eye(d), np.ones(d)
    for k in (1, 2, 3):
        power, of_values = power @ matrix, of_values * values
        assert abs(of_values.sum() - power.trace()) <= 2 * k * error * norm ** (k - 1)
    i = 0
    while i < d:
        if values[i].imag != 0:
            assert values[i].imag > 0
            assert values[i + 1] == values[i].conjugate()
            i += 1
        i += 1


def distance(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """|λ - μ| for the assignment of eigenvalues to each other with the smallest sum, in the order of ``values``."""
    costs = np.abs(values[:, None].astype(np.complex128) - others)
    return costs[linear_sum_assignment(costs)]
