"""The slow truth of the Jacobians: dense ones by reverse mode, and eigenvalues held against their spectra."""

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.func import jacrev


def dense_jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """J_I(x), n x n, and J_L(z), d x d, at one point, by reverse mode through the composed networks."""

    def encode(point: torch.Tensor) -> torch.Tensor:
        return encoder(point[None])[0]

    def decode(point: torch.Tensor) -> torch.Tensor:
        return decoder(point[None])[0]

    with torch.no_grad():
        z = encode(x)
    j_input = jacrev(lambda point: decode(encode(point)))(x)
    j_latent = jacrev(lambda point: encode(decode(point)))(z)
    return j_input.detach().numpy(), j_latent.detach().numpy()


def matched_errors(values: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Errors of d eigenvalues against the d largest of n true ones after optimal matching.

    The worst one relative to |λ1|, the worst of |λ| > 1e-4 |λ1| relative to its own norm, and the largest of the n - d
    others relative to |λ1|.
    """
    truth = truth[np.argsort(-np.abs(truth))]
    top, others = truth[: len(values)], truth[len(values) :]
    scale = np.abs(top[0])
    distance = np.abs(values[:, None] - top)
    rows, columns = linear_sum_assignment(distance)
    error, norm = distance[rows, columns], np.abs(top[columns])
    large = norm > 1e-4 * scale
    return error.max() / scale, (error[large] / norm[large]).max(), np.abs(others).max(initial=0) / scale
