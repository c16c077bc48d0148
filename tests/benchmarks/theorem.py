"""Theorem I.2 of the paper on the kept networks: how often and by how much it fails.

It says ‖λ(J_L(z)) - λ(J_L(z'))‖² <= ‖J_L(z) - J_L(z')‖²_F. Hoffman and Wielandt proved that for normal matrices and
the best matching of their eigenvalues. Jacobians are not normal: beside the failures stands by how much they depart
from that, by Henrici's measure (‖J‖²_F - Σ|λ|²) / ‖J‖²_F.
"""

from pathlib import Path

import numpy as np
import torch
from aespectra.linalg.eigenvalues import eigenvalues
from aespectra.linalg.jacobian import jacobians
from scipy.optimize import linear_sum_assignment
from timing import eleven_sets, kept_network, kept_networks

PAIRS = 100
"""Of each set."""

STEP = 1e-3
"""Standard deviation, in each pixel, of the step from a point to one nearby."""

ROUNDING = 1e-9
"""By which the left side must exceed the right one, relative, to count. Pairs whose J_L differ by less, relative to
their norm, are left out: their eigenvalues may differ by rounding alone."""


def compare() -> list[dict]:
    """A row for each d, over its seeds: D_train apart from the ten sets of noise.

    ``apart``: two points of a set; ``near``: a point and one nearby. Eigenvalues are paired by decreasing norm, and
    for ``best matching`` so that the left side is least; of left / right then is ``largest`` the largest. ``departure``
    is the median of the mean departure of a pair from normality where the theorem fails with eigenvalues matched best,
    and where it holds.
    """
    rows = []
    for d, paths in kept_networks().items():
        row = {"d": d}
        for what in ("D_train", "noise"):
            sets = [x for name, x in eleven_sets(2 * PAIRS).items() if (name == "D_train") == (what == "D_train")]
            matrices = [_latent_jacobians(path, x) for path in paths for x in sets]
            for pairs, second in (("apart", 1), ("near", 2)):
                ratios = np.concatenate([_ratios(each[0], each[second]) for each in matrices], axis=1)
                fails = ratios[:2] > 1 + ROUNDING
                by_norm, best = fails.mean(axis=1)
                row |= {
                    f"{what}, {pairs}": float(by_norm),
                    f"{what}, {pairs}, best matching": float(best),
                    f"{what}, {pairs}, largest": float(ratios[1].max()),
                    f"{what}, {pairs}, departure, fails": _median(ratios[2, fails[1]]),
                    f"{what}, {pairs}, departure, holds": _median(ratios[2, ~fails[1]]),
                }
        rows.append(row)
    return rows


def _latent_jacobians(path: Path, x: np.ndarray) -> list[np.ndarray]:
    """J_L, each (PAIRS, d, d), for the first half of the points, for the second, and for points near the first."""
    model = kept_network(path).double()
    first, second = x[:PAIRS], x[PAIRS:]
    near = first + np.random.default_rng(0).normal(scale=STEP, size=first.shape)
    points = [torch.from_numpy(each) for each in (first, second, near)]
    return [jacobians(model.encoder, model.decoder, each).matrices[1].numpy() for each in points]


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _ratios(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(3, n), of pairs whose J_L differ.

    Left side over right side, eigenvalues paired by norm and matched best; and the mean departure of both.
    """
    right = np.square(a - b).sum(axis=(1, 2))
    of_a, of_b = eigenvalues(a)[0], eigenvalues(b)[0]
    distances = np.square(np.abs(of_a[:, :, None] - of_b[:, None]))
    best = np.array([each[linear_sum_assignment(each)].sum() for each in distances])
    by_norm = distances.diagonal(axis1=1, axis2=2).sum(axis=1)
    differ = right > np.square(ROUNDING) * np.square(a).sum(axis=(1, 2))
    departure = (_departure(a, of_a) + _departure(b, of_b)) / 2
    return np.concatenate([np.stack([by_norm, best])[:, differ] / right[differ], departure[None, differ]])


def _departure(matrices: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n,) from 0 for a normal matrix to 1 for a nilpotent one."""
    return 1 - np.square(np.abs(values)).sum(axis=1) / np.square(matrices).sum(axis=(1, 2))
