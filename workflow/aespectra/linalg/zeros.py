"""Which eigenvalues are zero but for rounding."""

import numpy as np
import torch


def count_zeros(values: np.ndarray, matrices: torch.Tensor, norms: np.ndarray) -> np.ndarray:
    """How many eigenvalues of each matrix are zero up to rounding: their signs, angles and logarithms mean nothing.

    These are the |λ| <= d·eps·‖K‖, the backward error of the eigenvalue solver. But far from a normal matrix that error
    grows by the condition of λ, without limit: of the zeros that a dead unit gives at every point of MNIST, one in a
    thousand comes out larger, up to 1e-12·‖K‖, and would pass for an eigenvalue. Singular values have no such
    condition. So where an eigenvalue is small but not yet counted, there are at least as many zeros as singular values
    σ <= d·eps·‖K‖. Few matrices need that; for all it would take as long as the eigenvalues.

    Parameters
    ----------
    values : np.ndarray
        (n, d) complex eigenvalues, each row by decreasing norm.
    matrices : torch.Tensor
        (n, d, d) real, of the precision of the arithmetic that made them, on any device.
    norms : np.ndarray
        (n,) their Frobenius norms ‖K‖.

    Returns
    -------
    np.ndarray
        (n,) int64; the zeros are the last eigenvalues of a row.
    """
    d, eps = values.shape[1], torch.finfo(matrices.dtype).eps
    bound = d * eps * norms[:, None]
    sizes = np.hypot(values.real, values.imag)
    zeros = (sizes <= bound).sum(axis=1)
    # larger are only zeros that are defective, or whose condition is above 1 / sqrt(eps)
    unsure = np.flatnonzero(((sizes > bound) & (sizes <= np.sqrt(eps) * norms[:, None])).any(axis=1))
    smallest = torch.from_numpy(bound[unsure, 0]).to(matrices)
    rank = torch.linalg.matrix_rank(matrices[torch.from_numpy(unsure)], atol=smallest)
    zeros[unsure] = np.maximum(zeros[unsure], d - rank.cpu().numpy())
    return zeros
