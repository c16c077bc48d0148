"""Eigenvalues of many small real matrices, in one fixed order."""

import numpy as np


def sorted_eigenvalues(matrices: np.ndarray) -> np.ndarray:
    """Eigenvalues of a stack of real square matrices by LAPACK's geev, sorted by ``in_order``.

    Parameters
    ----------
    matrices : (n, d, d) float32 or float64

    Returns
    -------
    (n, d) complex64 or complex128. A matrix with an entry that is not finite has only nan eigenvalues.
    """
    finite = np.isfinite(matrices).all(axis=(1, 2))
    values = np.linalg.eigvals(np.where(finite[:, None, None], matrices, 0))
    values = values.astype(np.result_type(matrices.dtype, np.complex64), copy=False)
    values[~finite] = np.nan + 1j * np.nan
    return in_order(values)


def in_order(values: np.ndarray) -> np.ndarray:
    """Sort along the last axis: decreasing norm, then real part, then size of the imaginary part, then imaginary part.

    So a conjugate pair stands together, positive imaginary part first, also where two pairs tie in norm and real
    part. Shape and dtype are kept, nan comes last.
    """
    norm = np.hypot(values.real, values.imag)
    order = np.lexsort((-values.imag, -np.abs(values.imag), -values.real, -norm), axis=-1)
    return np.take_along_axis(values, order, axis=-1)


def count_zeros(values: np.ndarray, norms: np.ndarray, eps: float) -> np.ndarray:
    """How many eigenvalues of each matrix are zero up to rounding: |λ| <= d·eps·‖K‖.

    Below that bound, the backward error of the eigenvalue solver, neither sign nor angle nor logarithm of λ means
    anything.

    Parameters
    ----------
    values : (n, d) complex eigenvalues
    norms : (n,) Frobenius norms ‖K‖ of the matrices
    eps : machine epsilon of the arithmetic that made the matrices

    Returns
    -------
    (n,) int64
    """
    bound = values.shape[-1] * eps * norms
    return (np.hypot(values.real, values.imag) <= bound[:, None]).sum(axis=-1)
