"""How good samples are: pure functions of the features of samples and of images, and of pixels.

Sums and searches over pairs go block by block: memory does not grow with their number.
"""

from collections.abc import Iterator
from math import isqrt

import numpy as np
import torch

from ..models.penalties.distances import squared_distances
from .evenly import evenly

NEIGHBOURS = 5
"""k of precision, recall, density and coverage."""

PAIRS = 5_000
"""Points, at even distances, that these four are taken of, where there are more."""

BLOCK = 1 << 22
"""Distances in memory at once."""

CUT = 0.25
"""Cycles a pixel, half of what a grid of pixels can hold, from which on a frequency counts as high."""


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """‖μ_a − μ_b‖² + tr(S_a + S_b − 2 (S_a S_b)^½) of two samples (n, f), (m, f): Heusel et al., arXiv 1706.08500.

    The squared 2-Wasserstein distance of two Gaussians of their means and covariances. It falls with growing n and m:
    compare samples of the same size.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    of_a, of_b = (np.atleast_2d(np.cov(each.T)) for each in (a, b))
    values, vectors = np.linalg.eigh(of_a)
    root = vectors * np.sqrt(values.clip(0))
    # (S_a S_b)^½ has the trace of (R' S_b R)^½, where S_a = R R'
    shared = np.linalg.eigvalsh(root.T @ of_b @ root).clip(0)
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    return float(means + np.trace(of_a) + np.trace(of_b) - 2 * np.sqrt(shared).sum())


def manifolds(real: torch.Tensor, samples: torch.Tensor) -> dict[str, float]:
    """How far two sets cover each other, by the balls that reach to the k-th neighbour within a set.

    Parameters
    ----------
    real, samples : torch.Tensor
        (n, f), (m, f), both of more than NEIGHBOURS points.

    Returns
    -------
    dict[str, float]
        precision: share of the samples within a ball of real points; recall: share of real points within a ball of
        samples (Kynkäänniemi et al., arXiv 1904.06991); density: balls of real points over k that a sample lies in,
        the mean; coverage: share of real points whose ball holds a sample (Naeem et al., arXiv 2002.09797).
    """
    real, samples = _thinned(real).double(), _thinned(samples).double()
    of_real, of_samples = _reach(real), _reach(samples)
    balls = torch.zeros(len(samples), dtype=torch.int64)
    reached, covered = [], []
    for start, squared in _blocks(real, samples):
        inside = squared <= of_real[start : start + len(squared), None]
        balls += inside.sum(dim=0)
        covered.append(inside.any(dim=1))
        reached.append((squared <= of_samples).any(dim=1))
    return {
        "precision": (balls > 0).double().mean().item(),
        "recall": torch.cat(reached).double().mean().item(),
        "density": balls.double().mean().item() / NEIGHBOURS,
        "coverage": torch.cat(covered).double().mean().item(),
    }


def nearest(points: torch.Tensor, among: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Euclidean distance (n,) of each of the points (n, f) to the nearest of others (m, f), and its index (n,)."""
    found = [squared.min(dim=1) for _, squared in _blocks(points.double(), among.double())]
    return torch.cat([each.values for each in found]).sqrt(), torch.cat([each.indices for each in found])


def memorisation(of_samples: np.ndarray, of_held_out: np.ndarray) -> float:
    """Chance that a sample is nearer to its nearest training image than a held-out image is to its own.

    Parameters
    ----------
    of_samples, of_held_out : np.ndarray
        (n,), (m,) distances to the nearest training image.

    Returns
    -------
    float
        ½ for samples that are as near as held-out images, 1 for copies.
    """
    ordered = np.sort(of_held_out)
    below, up_to = (np.searchsorted(ordered, of_samples, side=side) for side in ("left", "right"))
    # where both are equally near, half
    return float(1 - np.mean(below + up_to) / 2 / len(ordered))


def sharpness(images: np.ndarray) -> float:
    """Mean power of images (n, side²) at frequencies from CUT on, the square of a pixel's brightness."""
    side = isqrt(images.shape[1])
    along = np.fft.fftfreq(side)
    high = np.maximum.outer(np.abs(along), np.abs(along)) >= CUT
    total = 0.0
    for block in np.array_split(images, -(-len(images) // 1000)):
        power = np.abs(np.fft.fft2(block.reshape(-1, side, side).astype(np.float64))) ** 2
        total += power[:, high].sum()
    return total / (len(images) * side**4)


def _reach(points: torch.Tensor) -> torch.Tensor:
    """(n,) squared distance to the k-th neighbour among the others."""
    found = []
    for start, squared in _blocks(points, points):
        squared.diagonal(offset=start).fill_(torch.inf)
        found.append(squared.kthvalue(NEIGHBOURS, dim=1).values)
    return torch.cat(found)


def _blocks(a: torch.Tensor, b: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
    """First row and squared distances of some rows at a time."""
    size = max(1, BLOCK // len(b))
    for start in range(0, len(a), size):
        yield start, squared_distances(a[start : start + size], b)


def _thinned(points: torch.Tensor) -> torch.Tensor:
    return points[torch.from_numpy(evenly(len(points), PAIRS))]
