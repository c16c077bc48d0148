"""Mismatch of distribution functions: of radii, of pair distances and of coordinates, by their quantiles.

Source: Duda, arXiv 1811.04751, which compares values of the distribution functions. These saturate far out, where their
gradient dies; here the quantiles are compared, which is the squared 2-Wasserstein distance of each.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import chi, norm

from .distances import pair_distances


class Sorted(NamedTuple):
    """What of a sample (n, d) is compared, each sorted along its last axis."""

    radii: torch.Tensor
    """(n,) ‖z_i‖"""
    distances: torch.Tensor
    """(n(n−1)/2,) ‖z_i − z_j‖"""
    coordinates: torch.Tensor
    """(d, n), or (1, n) for all"""


def sorted_of(z: torch.Tensor) -> Sorted:
    """Of a sample z (n, d)."""
    radii = torch.linalg.vector_norm(z, dim=1)
    return Sorted(*(each.sort(dim=-1).values for each in (radii, pair_distances(z), z.T.contiguous())))


@cache
def of_gaussian(n: int, d: int, dtype: torch.dtype, device: torch.device) -> Sorted:
    """What is expected of n points of N(0, I) in d dimensions: quantiles at (i − ½)/n.

    ‖z_i‖ and ‖z_i − z_j‖/√2 follow the χ distribution of d degrees of freedom.
    """
    pairs = n * (n - 1) // 2
    exact = (chi.ppf(_levels(n), d), 2**0.5 * chi.ppf(_levels(pairs), d), norm.ppf(_levels(n))[None])
    return Sorted(*(torch.from_numpy(each).to(device, dtype) for each in exact))


def mismatch(ours: Sorted, prior: Sorted) -> dict[str, torch.Tensor]:
    """Mean squared difference of the quantiles, a scalar for each field of ``Sorted``; 0 of one point's distances."""
    return {
        name: (mine - theirs).square().mean() if mine.numel() else mine.new_zeros(())
        for name, mine, theirs in zip(Sorted._fields, ours, prior, strict=True)
    }


def _levels(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) / n
