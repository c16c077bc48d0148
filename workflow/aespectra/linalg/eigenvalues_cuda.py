"""Module ``eigenvalues`` on a GPU: the same source, one matrix a thread.

The work arrays have the matrix as last axis, so that neighbouring threads read neighbouring numbers.
"""

from typing import Any

import numpy as np
from numba import cuda
from numba.cuda.cudadrv.driver import CudaAPIError

from . import francis, hessenberg
from .eigenvalues import checked_dtype, keep, limits, work_shapes

THREADS = 64
"""Of a block."""

MATRICES = 1 << 16
"""At a time: bounds the work arrays, 270 MB at d = 20 in float64."""

OUT_OF_MEMORY = 2
"""CUDA_ERROR_OUT_OF_MEMORY"""


def eigenvalues(matrices: Any) -> tuple[np.ndarray, np.ndarray]:
    """As ``eigenvalues.eigenvalues``; only the eigenvalues leave the device.

    Parameters
    ----------
    matrices : torch.Tensor or any array with a CUDA array interface
        (n, d, d) float32 or float64, contiguous, on the GPU.

    Returns
    -------
    values, failed : np.ndarray
        As there, on the host.

    Raises
    ------
    ValueError
        Another dtype or shape.
    MemoryError
        The work arrays do not fit into what the GPU has left.
    """
    try:
        return _eigenvalues(matrices)
    except CudaAPIError as error:
        if error.args[0] == OUT_OF_MEMORY:
            raise MemoryError("no memory left on the GPU for the eigenvalues' work arrays.") from error
        raise


def _eigenvalues(matrices: Any) -> tuple[np.ndarray, np.ndarray]:
    dtype = checked_dtype(matrices)
    n, d = matrices.shape[:2]
    values, failures = np.empty((n, d), np.result_type(dtype, np.complex64)), np.zeros(n, bool)
    if values.size:
        threads = min(n, MATRICES)
        work = [cuda.device_array((*shape, threads), dtype) for shape in work_shapes(d)]
        state = cuda.device_array((3, threads), np.int64)
        exponent = cuda.device_array(threads, np.int64)
        flags = cuda.device_array((2, threads), bool)
        for first in range(0, n, threads):
            blocks = -(-threads // THREADS)
            solve_each[blocks, THREADS](matrices, first, *work, state, exponent, flags, *limits(dtype, d))
            keep(values[first:], failures[first:], work[-1].copy_to_host(), *flags.copy_to_host())
    return values, failures


@cuda.jit
def solve_each(matrices, first, h, v, work, roots, state, exponent, flags, eps, tiny, sweeps):
    """Thread i solves matrix first + i. ``flags``, (2, threads) bool: finite, failed; the rest as in both modules."""
    i = cuda.grid(1)
    if i < h.shape[2]:
        for row in range(h.shape[0]):
            for column in range(h.shape[1]):
                h[row, column, i] = 0
        lane = slice(i, i + 1)
        hessenberg.prepare(
            matrices, first + i, h[:, :, lane], v[:, lane], work[:, lane], flags[0, lane], exponent[lane], eps, tiny
        )
        francis.solve(
            h[:, :, lane],
            roots[:, :, lane],
            work[:, lane],
            state[:, lane],
            exponent[lane],
            flags[1, lane],
            sweeps,
            eps,
            tiny,
        )
