"""What the paper's three theorems say, and their premises, at points of every set. Claims 24 to 26.

I.1: where f_dec(f_enc(x)) = x, J_I(x) and J_L(z) have the same non-zero eigenvalues. Points that are reconstructed
exactly are made: fixed points, to which a network takes real points when it is applied over and over.

I.2: ‖λ(J_L(z)) − λ(J_L(z'))‖² ≤ ‖J_L(z) − J_L(z')‖²_F. Hoffman and Wielandt proved that for normal matrices and the
best matching of their eigenvalues (Duke Mathematical Journal 20, 1953); Jacobians are not normal, and beside the share
of pairs at which it fails stands by how much they depart from that, by Henrici's measure.

I.3: a projection onto the data reverses no orientation and turns nothing. How nearly a network is a projection: how far
it moves its own reconstructions, beside how far it moved the points.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from ..linalg.eigenvalues import eigenvalues
from ..linalg.jacobian import jacobians
from ..models.family import Network
from ..slabs.compute import block_spectra
from ..slabs.iterates import CONVERGED, iterate

STEP = 1e-3
"""Standard deviation, in each pixel, of the step from a point to one nearby."""

ROUNDING = 1e-9
"""By which the left side of I.2 must exceed the right one, relative, to count. Pairs whose J_L differ by less, relative
to their norm, are left out: their eigenvalues may differ by rounding alone."""

STEPS = (0, 1, 2, 5, 10, 20, 50, 100)
"""Times that a network has been applied to points, on their way to fixed points."""

PAIRS, MATCHINGS = ("apart", "near"), ("by_norm", "best")
"""Two points of a set, or a point and one nearby; eigenvalues paired by decreasing norm, or to differ least."""

Found = dict[str, tuple[tuple[str, ...], Any]]
"""Values by name, with their dimensions."""


@torch.no_grad()
def fixed_point_statistics(network: Network, points: np.ndarray) -> Found:
    """Theorem I.1 on the way from points to fixed points, and there.

    Parameters
    ----------
    network : Network
        float64, in eval mode, on the CPU or a GPU.
    points : np.ndarray
        (n, pixels), real ones.

    Returns
    -------
    Found
        ``distance_on_way`` (step), root mean squared error of reconstructions after STEPS times, the median over
        points; ``difference_on_way`` (step), ‖λ_I − λ_L‖²/d, paired by decreasing norm, the median; of the points that
        converge ``difference_at_fixed`` (), the largest, and ``fixed_share``, their share of all; ``fixed_image``
        (fixed, pixel), where they are.
    """
    x = torch.from_numpy(points).to(network.like)
    distances, differences, done = [], [], 0
    for step in STEPS:
        for _ in range(step - done):
            x = network.decoder(network.encoder(x))
        done = step
        found = block_spectra(network, x.cpu().numpy())
        distances.append(np.median(np.sqrt(found["reconstruction_mse"])))
        differences.append(np.median(_difference(found["eigenvalue"])))
    z = network.encoder(x).cpu().numpy()
    usual = float(np.median(np.linalg.norm(z, axis=1)))
    ends = iterate(network.encoder, network.decoder, z, usual)
    fixed = network.decoder(torch.from_numpy(ends.z[ends.outcome == CONVERGED]).to(network.like)).cpu().numpy()
    at_fixed = _difference(block_spectra(network, fixed)["eigenvalue"]) if len(fixed) else np.array([np.nan])
    return {
        "step": (("step",), np.array(STEPS)),
        "distance_on_way": (("step",), np.array(distances)),
        "difference_on_way": (("step",), np.array(differences)),
        "difference_at_fixed": ((), float(at_fixed.max())),
        "fixed_share": ((), len(fixed) / len(points)),
        "fixed_image": (("fixed", "pixel"), fixed.astype(np.float32)),
    }


def pair_statistics(network: Network, sets: Sequence[np.ndarray]) -> Found:
    """Theorem I.2 on pairs of points of every set.

    Parameters
    ----------
    network : Network
        float64, in eval mode.
    sets : Sequence[np.ndarray]
        (n, pixels) each; the first half of a set is paired with the second.

    Returns
    -------
    Found
        ``fails`` (dataset, pair, matching), share of the pairs at which the inequality does not hold; ``most``
        (dataset, pair, matching), the largest left side over the right one; ``departure`` (dataset, pair, outcome), of
        the pairs at which it holds and fails with the best matching, the median of (‖J‖²_F − Σ|λ|²)/‖J‖²_F, averaged
        over both points; nan where there are none.
    """
    rows = [[_of_pairs(*pair) for pair in _pairs(network, x)] for x in sets]
    dims = ("dataset", "pair")
    return {
        "pair": (("pair",), np.array(PAIRS)),
        "matching": (("matching",), np.array(MATCHINGS)),
        "outcome": (("outcome",), np.array(["holds", "fails"])),
        "fails": ((*dims, "matching"), np.array([[each[0] for each in row] for row in rows])),
        "most": ((*dims, "matching"), np.array([[each[1] for each in row] for row in rows])),
        "departure": ((*dims, "outcome"), np.array([[each[2] for each in row] for row in rows])),
    }


@torch.no_grad()
def projection_statistics(network: Network, sets: Sequence[np.ndarray]) -> Found:
    """How nearly the network is a projection at the points (n, pixels) of every set.

    Returns
    -------
    Found
        ``idempotence`` (dataset), ‖f(f(x)) − f(x)‖/‖f(x) − x‖, the median over points: 0 for a projection.
    """
    values = []
    for points in sets:
        x = torch.from_numpy(points).to(network.like)
        once = network.decoder(network.encoder(x))
        again = network.decoder(network.encoder(once))
        moved = torch.linalg.vector_norm(again - once, dim=1) / torch.linalg.vector_norm(once - x, dim=1)
        values.append(float(moved.nanmedian()))
    return {"idempotence": (("dataset",), np.array(values))}


def _difference(spectra: np.ndarray) -> np.ndarray:
    """(n,) from (2, n, d)."""
    return np.square(np.abs(spectra[0] - spectra[1])).mean(axis=1)


def _pairs(network: Network, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """J_L, (n, d, d), at the points of PAIRS."""
    half = len(x) // 2
    first = x[:half].astype(np.float64)
    near = first + np.random.default_rng(0).normal(scale=STEP, size=first.shape)
    matrices = [_latent_jacobians(network, each) for each in (first, x[half : 2 * half], near)]
    return [(matrices[0], matrices[1]), (matrices[0], matrices[2])]


def _latent_jacobians(network: Network, x: np.ndarray) -> np.ndarray:
    points = torch.from_numpy(x.astype(np.float64)).to(network.like.device)
    return jacobians(network.encoder, network.decoder, points).matrices[1].cpu().numpy()


def _of_pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of pairs whose matrices differ: failing share and largest ratio, (matching,); departure, (outcome,)."""
    right = np.square(a - b).sum(axis=(1, 2))
    of_a, of_b = eigenvalues(a)[0], eigenvalues(b)[0]
    distances = np.square(np.abs(of_a[:, :, None] - of_b[:, None]))
    best = np.array([each[linear_sum_assignment(each)].sum() for each in distances])
    left = np.stack([distances.diagonal(axis1=1, axis2=2).sum(axis=1), best])
    differ = right > np.square(ROUNDING) * np.square(a).sum(axis=(1, 2))
    if not differ.any():
        return np.full(2, np.nan), np.full(2, np.nan), np.full(2, np.nan)
    ratios = left[:, differ] / right[differ]
    fails = ratios > 1 + ROUNDING
    departure = ((_departure(a, of_a) + _departure(b, of_b)) / 2)[differ]
    medians = [float(np.median(part)) if len(part) else np.nan for part in (departure[~fails[1]], departure[fails[1]])]
    return fails.mean(axis=1), ratios.max(axis=1), np.array(medians)


def _departure(matrices: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n,) from 0 for a normal matrix to 1 for a nilpotent one; nan of a matrix of zeros."""
    norms = np.square(matrices).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - np.square(np.abs(values)).sum(axis=1) / norms
