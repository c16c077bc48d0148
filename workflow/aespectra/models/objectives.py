"""Reconstruction objectives ("average Euclidean distance", paper section I-C)."""

import torch


def mse(reconstruction: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mean squared error over pixels and points; both (n, pixels), result a scalar."""
    return torch.nn.functional.mse_loss(reconstruction, x)


def euclidean(reconstruction: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mean Euclidean distance over points; both (n, pixels), result a scalar.

    The gradient at distance 0 is 0 (a subgradient), where that of the norm is undefined.
    """
    return torch.linalg.vector_norm(reconstruction - x, dim=1).mean()


def squared(reconstruction: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mean squared Euclidean distance over points; both (n, pixels), result a scalar: ``mse`` times the pixels.

    A half of it is, but for a constant, −log p(x) of a Gaussian decoder of variance 1.
    """
    return (reconstruction - x).square().sum(dim=1).mean()


RECONSTRUCTION = {"mse": mse, "euclidean": euclidean, "squared": squared}
