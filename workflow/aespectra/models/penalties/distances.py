"""Distances of the points of two batches."""

import torch


def squared_distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(n, m) squared Euclidean distances of a (n, d) and b (m, d), by one matrix product, never negative."""
    products = torch.addmm(b.square().sum(dim=1), a, b.T, alpha=-2)
    return (products + a.square().sum(dim=1, keepdim=True)).clamp_min(0)


def pair_distances(z: torch.Tensor) -> torch.Tensor:
    """(n(n−1)/2,) Euclidean distances of all pairs of z (n, d); where two points coincide the gradient is 0."""
    return torch.nn.functional.pdist(z)
