"""The slow truth of the Jacobians: dense ones by reverse mode, and eigenvalues held against their spectra."""

import numpy as np
import pytest
import torch
from aespectra.linalg.jacobian import jacobians
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.func import jacrev


class Plain(nn.Module):
    """Hides the layers of a sequence, so that the route by torch.func is taken."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner
        self.register_forward_hook(lambda *_: None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)


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


def assert_same_matrix(actual: torch.Tensor, expected: np.ndarray, tolerance: float = 1e-12) -> None:
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=0, atol=tolerance * np.linalg.norm(expected))


def assert_dense_truth(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> None:
    """Values, K_L itself, and the spectrum of K_I at every point of a small pair of networks."""
    found = jacobians(encoder, decoder, x)
    with torch.no_grad():
        z = encoder(x)
        y = decoder(z)
    torch.testing.assert_close(found.latent, z, rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(found.reconstruction_mse, ((y - x) ** 2).mean(dim=1), rtol=1e-13, atol=1e-13)
    assert found.matrices[1].abs().max() > 1e-6  # else this would show nothing
    for i, point in enumerate(x):
        j_input, j_latent = dense_jacobians(encoder, decoder, point)
        assert_same_matrix(found.matrices[1][i], j_latent)
        with torch.no_grad():
            at_x = jacrev(lambda p: encoder(p[None])[0])(point)
            at_z = jacrev(lambda p: decoder(p[None])[0])(z[i])
        assert_same_matrix(found.matrices[0][i], (at_x @ at_z).detach().numpy())
        # power traces of the d x d and of the n x n matrix: together they fix the spectrum
        small, large = found.matrices[0][i].numpy(), j_input
        for power in range(1, len(small) + 1):
            left, right = (np.trace(np.linalg.matrix_power(matrix, power)) for matrix in (small, large))
            assert left == pytest.approx(right, rel=1e-11, abs=1e-12 * np.linalg.norm(small) ** power)
