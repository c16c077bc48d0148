"""Eigenvalues of many small real matrices at once, in one fixed order.

LAPACK's geev takes such matrices one by one and spends most of its time on anything but arithmetic. Here a group of
matrices goes through the same algorithm in lockstep: modules ``hessenberg`` and ``francis``.
"""

import math
from typing import Any

import numpy as np

from . import francis, hessenberg

GROUP_ENTRIES = 1 << 14
LANES = (128, 512)
"""Matrices in a group: about as many as have GROUP_ENTRIES, at least and at most LANES.

More would wait longer for the slowest of them and leave the cache, fewer would not pay for the start of a loop.
"""

VECTOR = 16
"""A group has a multiple of this many matrices, so that its loops leave no remainder over."""


def eigenvalues(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of a stack of real square matrices.

    Sorted by decreasing norm, then real part, then size of the imaginary part, then imaginary part: conjugate pairs,
    which are exact conjugates, stand together with the positive imaginary part first. The same matrix gives the same
    bits in every stack.

    Parameters
    ----------
    matrices : np.ndarray
        (n, d, d) float32 or float64, which is also the precision of the arithmetic.

    Returns
    -------
    values : np.ndarray
        (n, d) complex64 or complex128. A matrix with an entry that is not finite has only nan eigenvalues.
    failed : np.ndarray
        (n,) bool, finite matrices for which the iteration did not converge; eigenvalues not found are nan, last.

    Raises
    ------
    ValueError
        Another dtype or shape.
    """
    dtype = checked_dtype(matrices)
    matrices = np.ascontiguousarray(matrices)
    n, d = matrices.shape[:2]
    values = np.empty((n, d), np.result_type(dtype, np.complex64))
    failures = np.zeros(n, bool)
    if values.size:
        lanes = group_size(n, d)
        h, v, work, roots = (_aligned_zeros((*shape, lanes), dtype) for shape in work_shapes(d))
        state, exponent = np.empty((3, lanes), np.int64), np.empty(lanes, np.int64)
        finite, failed = np.empty(lanes, bool), np.empty(lanes, bool)
        eps, tiny, limit = limits(dtype, d)
        for first in range(0, n, lanes):
            hessenberg.prepare(matrices, first, h, v, work, finite, exponent, eps, tiny)
            francis.solve(h, roots, work, state, exponent, failed, limit, eps, tiny)
            keep(values[first:], failures[first:], roots, finite, failed)
    return values, failures


def _aligned_zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """From the start of a cache line on, which numpy does not promise: without it vector loops take a fifth longer."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape)


def group_size(n: int, d: int) -> int:
    """Number of lanes for n matrices."""
    lanes = min(n, max(LANES[0], min(LANES[1], GROUP_ENTRIES // (d + 1) ** 2)))
    return -(-lanes // VECTOR) * VECTOR


def checked_dtype(matrices: Any) -> np.dtype:
    """Of an array or tensor; ValueError unless that is (n, d, d) of float32 or float64."""
    shape, dtype = tuple(matrices.shape), str(matrices.dtype).removeprefix("torch.")
    if dtype not in ("float32", "float64") or len(shape) != 3 or shape[1] != shape[2]:
        raise ValueError(f"Need an (n, d, d) array of float32 or float64, got {shape} of {dtype}.")
    return np.dtype(dtype)


def work_shapes(d: int) -> list[tuple[int, ...]]:
    """Shapes, but for the lanes, of h, v, work and roots in modules ``hessenberg`` and ``francis``."""
    return [(d + 1, d + 1), (d,), (5,), (3, d)]


def limits(dtype: np.dtype, d: int) -> tuple[np.floating, np.floating, int]:
    """Relative spacing of numbers, smallest normal number, most sweeps on one eigenvalue or pair (LAPACK's)."""
    return np.finfo(dtype).eps, np.finfo(dtype).tiny, 30 * max(10, d)


def keep(values: np.ndarray, failures: np.ndarray, roots: np.ndarray, finite: np.ndarray, failed: np.ndarray) -> None:
    """Copy what the lanes of one group found to the start of ``values`` and ``failures``, as far as these reach."""
    count = min(len(values), len(finite))
    values[:count].real, values[:count].imag = roots[:2, :, :count].transpose(0, 2, 1)
    values[:count][~finite[:count]] = complex(np.nan, np.nan)
    failures[:count] = failed[:count]
