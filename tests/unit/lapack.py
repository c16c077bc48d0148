"""LAPACK's eigenvalues in the order of the library: the slower truth."""

import numpy as np


def sorted_eigenvalues(matrices: np.ndarray) -> np.ndarray:
    """Of (n, d, d), by geev, as (n, d) complex."""
    return in_order(np.linalg.eigvals(matrices).astype(np.result_type(matrices.dtype, np.complex64), copy=False))


def in_order(values: np.ndarray) -> np.ndarray:
    """Sort the last axis: decreasing norm, then real part, then size of the imaginary part, then imaginary part."""
    norm = np.hypot(values.real, values.imag)
    order = np.lexsort((-values.imag, -np.abs(values.imag), -values.real, -norm), axis=-1)
    return np.take_along_axis(values, order, axis=-1)
