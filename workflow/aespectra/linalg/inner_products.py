"""Inner products of a few vectors at each of many points, which stand last, in lockstep."""

import numpy as np
import torch
from numba import njit

LANES = 64
"""Points in a block: their sums stay in the first cache."""


def gram(vectors: torch.Tensor) -> torch.Tensor:
    """Gram matrices of d vectors at each of n points.

    Parameters
    ----------
    vectors : torch.Tensor
        (…, d, n)

    Returns
    -------
    torch.Tensor
        (n, d, d), exactly symmetric on a CPU.
    """
    rows = vectors.flatten(0, -3)
    if rows.is_cuda:
        rows = rows.permute(2, 1, 0)
        return rows @ rows.mT
    _, d, n = rows.shape
    result = rows.new_empty(d, d, n)
    _multiply(rows.contiguous().numpy(), result.numpy())
    return result.permute(2, 0, 1)


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _multiply(rows, result):
    """Four units at a time, as many as stay in registers."""
    units, d, n = rows.shape
    total = np.empty(d * d * LANES, rows.dtype)
    for start in range(0, n, LANES):
        lanes = min(n - start, LANES)
        stop = start + lanes
        total[:] = 0
        for u in range(0, units - 3, 4):
            for i in range(d):
                a, b = rows[u, i, start:stop], rows[u + 1, i, start:stop]
                c, e = rows[u + 2, i, start:stop], rows[u + 3, i, start:stop]
                for j in range(i + 1):
                    f, g = rows[u, j, start:stop], rows[u + 1, j, start:stop]
                    h, k = rows[u + 2, j, start:stop], rows[u + 3, j, start:stop]
                    into = total[(i * d + j) * LANES : (i * d + j + 1) * LANES]
                    for lane in range(lanes):
                        into[lane] += a[lane] * f[lane] + b[lane] * g[lane] + c[lane] * h[lane] + e[lane] * k[lane]
        for u in range(units - units % 4, units):
            for i in range(d):
                a = rows[u, i, start:stop]
                for j in range(i + 1):
                    f = rows[u, j, start:stop]
                    into = total[(i * d + j) * LANES : (i * d + j + 1) * LANES]
                    for lane in range(lanes):
                        into[lane] += a[lane] * f[lane]
        for i in range(d):
            for j in range(i + 1):
                into = total[(i * d + j) * LANES : (i * d + j + 1) * LANES]
                for lane in range(lanes):
                    result[i, j, start + lane] = result[j, i, start + lane] = into[lane]
