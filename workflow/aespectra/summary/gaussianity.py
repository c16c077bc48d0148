"""How well latents agree with their prior: effect sizes, to be read beside those of true samples of the same size.

Two questions: are they Gaussian at all, whatever their mean and covariance (AFFINE), and are they of the prior itself.
Tests would reject either for any network, given enough points. Sums over pairs go block by block: memory does not grow.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from scipy import stats

from ..models.penalties.cramer_wold import cramer_wold
from ..models.penalties.distances import squared_distances
from ..models.penalties.epps_pulley import epps_pulley
from ..models.penalties.mmd import SCALES, multiquadrics
from ..models.penalties.priors import HALF
from ..models.penalties.sliced_wasserstein import sliced_wasserstein
from .evenly import evenly

AFFINE = ("mardia_skewness", "mardia_kurtosis", "henze_zirkler")
"""Measures that no affine map of the latents changes; all others ask whether they are of the prior itself."""

DIRECTIONS = 200
"""Of random projections."""

PAIRS = 5_000
"""Points, at even distances, that measures over pairs are taken of, where there are more."""

BLOCK = 1 << 20
"""Numbers in memory at once, in each of a few arrays."""

LEVELS = 10_000
"""Quantiles of the prior at which the distribution of pair distances is compared."""


def agreement(z: np.ndarray, prior: str, seed: int) -> dict[str, float]:
    """Every measure by its name; nan where there is none for this prior.

    Parameters
    ----------
    z : np.ndarray
        (n, d) latents, n > d.
    prior : str
        gaussian, N(0, I), or uniform, on the cube from −√3 to √3.
    seed : int
        Of the samples of the prior and the directions that z is compared with and along.

    Returns
    -------
    dict[str, float]
        mardia_skewness, mardia_kurtosis: Mardia, Biometrika 57 (1970), of the whitened latents; of a Gaussian,
        d(d+1)(d+2)/n and d(d+2) are expected. raw_skewness, raw_kurtosis: the same sums not whitened, as Knop et al.
        (arXiv 1805.09235) report them; of N(0, I), d(d+2)(d+4)/n and d(d+2). henze_zirkler: Comm. Stat. Theory
        Methods 19 (1990). ``_ks`` and ``_cvm``: largest difference of the distribution functions and mean of its
        square, of ``radius`` ‖z_i‖, ``distance`` ‖z_i − z_j‖ and ``coordinate`` z_ij, the mean over j.
        sliced_wasserstein, mmd, energy: squared distances to as many samples of the prior (energy: Székely and Rizzo,
        J. Stat. Plan. Inference 143 (2013), unbiased). cramer_wold: the penalty of this name. epps_pulley: the penalty
        over n. total_variance, mean_norm, covariance_min, covariance_max: trace of the covariance, norm of the mean,
        extreme eigenvalues.
    """
    z = np.asarray(z, np.float64)
    rng = np.random.default_rng(seed)
    target = samples(prior, len(z), z.shape[1], rng)
    directions = rng.standard_normal((DIRECTIONS, z.shape[1]))
    lines = torch.from_numpy(directions / np.linalg.norm(directions, axis=1, keepdims=True))
    gaussian = prior == "gaussian"
    return {
        **_moments(z),
        "henze_zirkler": henze_zirkler(_thinned(z)),
        **_marginals(z, target, gaussian),
        **_along(torch.from_numpy(z), torch.from_numpy(target), lines, gaussian),
        **_pairs(torch.from_numpy(_thinned(z)), torch.from_numpy(_thinned(target)), gaussian),
    }


def samples(prior: str, n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """(n, d) float64 of a prior."""
    return rng.standard_normal((n, d)) if prior == "gaussian" else rng.uniform(-HALF, HALF, (n, d))


def whitened(z: np.ndarray) -> np.ndarray:
    """(n, r) of mean 0 and covariance I, in the r directions in which z (n, d) varies at all."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(z.T, bias=True)))
    varies = values > values[-1] * 1e-12
    return (z - z.mean(axis=0)) @ vectors[:, varies] / np.sqrt(values[varies])


def henze_zirkler(z: np.ndarray) -> float:
    """The statistic of z (n, d), with the smoothing that Henze and Zirkler chose."""
    w = torch.from_numpy(whitened(z))
    n, d = w.shape
    width = ((2 * d + 1) / 4) ** (2 / (d + 4)) * n ** (2 / (d + 4)) / 2  # β²
    pairs = _mean_over_pairs(lambda squared: torch.exp(-width / 2 * squared), w, w)
    points = torch.exp(-width / (2 * (1 + width)) * w.square().sum(dim=1)).mean().item()
    return n * (pairs - 2 * (1 + width) ** (-d / 2) * points + (1 + 2 * width) ** (-d / 2))


def _moments(z: np.ndarray) -> dict[str, float]:
    spectrum = np.linalg.eigvalsh(np.atleast_2d(np.cov(z.T, bias=True)))
    white = whitened(z)
    return {
        "mardia_skewness": _skewness(white),
        "mardia_kurtosis": float(np.mean((white**2).sum(axis=1) ** 2)),
        "raw_skewness": _skewness(z),
        "raw_kurtosis": float(np.mean((z**2).sum(axis=1) ** 2)),
        "total_variance": float(spectrum.sum()),
        "mean_norm": float(np.linalg.norm(z.mean(axis=0))),
        "covariance_min": float(spectrum[0]),
        "covariance_max": float(spectrum[-1]),
    }


def _skewness(z: np.ndarray) -> float:
    """‖mean z ⊗ z ⊗ z‖², which is the mean of (z_i·z_j)³ over all i and j."""
    n, d = z.shape
    third = np.zeros((d * d, d))
    for part in np.array_split(z, -(-n * d * d // BLOCK)):
        third += (part.T[:, None] * part.T[None]).reshape(d * d, -1) @ part
    return float(((third / n) ** 2).sum())


def _marginals(z: np.ndarray, target: np.ndarray, gaussian: bool) -> dict[str, float]:
    """Of radii and coordinates, against their distribution functions or, where there is none, against samples."""
    n, d = z.shape
    radii, cdf = np.linalg.norm(z, axis=1), stats.chi(d).cdf
    if not gaussian:
        reference = np.sort(np.linalg.norm(target, axis=1))

        def cdf(x: np.ndarray) -> np.ndarray:
            return np.searchsorted(reference, x, side="right") / n

    of_coordinate = stats.norm.cdf if gaussian else stats.uniform(-HALF, 2 * HALF).cdf
    coordinates = np.mean([_differences(z[:, j], of_coordinate) for j in range(d)], axis=0)
    names = ("radius_ks", "radius_cvm", "coordinate_ks", "coordinate_cvm")
    return dict(zip(names, map(float, [*_differences(radii, cdf), *coordinates]), strict=True))


def _differences(x: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
    """Kolmogorov-Smirnov statistic, and Cramér-von Mises over n, of a sample against a distribution function."""
    n, levels = len(x), cdf(np.sort(x))
    steps = np.arange(n) / n
    largest = max((levels - steps).max(), (steps + 1 / n - levels).max())
    return largest, np.mean((steps + 0.5 / n - levels) ** 2) + 1 / (12 * n * n)


def _along(z: torch.Tensor, target: torch.Tensor, lines: torch.Tensor, gaussian: bool) -> dict[str, float]:
    """Along random directions, as many at once as fit."""
    parts = lines.split(max(1, BLOCK // len(z)))
    shares = [len(part) / len(lines) for part in parts]
    sliced = sum(share * sliced_wasserstein(z, target, part).item() for share, part in zip(shares, parts, strict=True))
    # seventeen numbers a point and direction
    few = lines.split(max(1, BLOCK // (16 * len(z))))
    tested = sum(len(part) / len(lines) * epps_pulley(z, part).item() for part in few) / len(z)
    return {"sliced_wasserstein": sliced, "epps_pulley": tested if gaussian else math.nan}


def _pairs(z: torch.Tensor, target: torch.Tensor, gaussian: bool) -> dict[str, float]:
    n, d = z.shape

    kernels = partial(multiquadrics, d=d)

    def within(f: Callable[[torch.Tensor], torch.Tensor], a: torch.Tensor, at_zero: float) -> float:
        """Mean over the pairs of different points."""
        return (_mean_over_pairs(f, a, a) * n - at_zero) / (n - 1)

    across = (_mean_over_pairs(kernels, z, target), _mean_over_pairs(torch.sqrt, z, target))
    mmd = sum(within(kernels, each, len(SCALES)) for each in (z, target)) - 2 * across[0]
    energy = 2 * across[1] - sum(within(torch.sqrt, each, 0) for each in (z, target))
    distance_ks, distance_cvm = _distances(z, target, gaussian)
    return {
        "mmd": mmd,
        "energy": energy,
        "cramer_wold": cramer_wold(z, _mean_over_pairs).item() if gaussian else math.nan,
        "distance_ks": distance_ks,
        "distance_cvm": distance_cvm,
    }


def _distances(z: torch.Tensor, target: torch.Tensor, gaussian: bool) -> tuple[float, float]:
    """Difference of the distribution functions of pair distances at LEVELS quantiles: the largest, and mean square."""
    levels = np.arange(1, LEVELS) / LEVELS
    if gaussian:  # ‖z_i − z_j‖²/2 follows χ²
        edges = torch.from_numpy(2 * stats.chi2.ppf(levels, z.shape[1]))
    else:  # pairs that have no point in common
        edges = (target[::2][: len(target) // 2] - target[1::2]).square().sum(dim=1).quantile(torch.from_numpy(levels))
    counts = torch.zeros(LEVELS, dtype=torch.int64)
    for squared in _blocks(z, z):
        counts += torch.bincount(torch.bucketize(squared.flatten(), edges, right=True), minlength=LEVELS)
    counts[0] -= len(z)  # of each point to itself
    found = counts.cumsum(0)[:-1].numpy() / (len(z) * (len(z) - 1))
    return float(np.abs(found - levels).max()), float(np.mean((found - levels) ** 2))


def _mean_over_pairs(f: Callable[[torch.Tensor], torch.Tensor], a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean of f of the squared distances, over all pairs of a point of a and one of b."""
    return sum(f(squared).sum().item() for squared in _blocks(a, b)) / (len(a) * len(b))


def _blocks(a: torch.Tensor, b: torch.Tensor) -> Iterator[torch.Tensor]:
    """The matrix of squared distances, some rows at a time; of a point to itself exactly 0."""
    size = max(1, BLOCK // len(b))
    for start in range(0, len(a), size):
        squared = squared_distances(a[start : start + size], b)
        if a is b:
            squared.diagonal(offset=start).zero_()
        yield squared


def _thinned(z: np.ndarray) -> np.ndarray:
    """At most PAIRS points."""
    return z[evenly(len(z), PAIRS)]
