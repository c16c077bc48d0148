"""How well a score tells points out of distribution from points in it: areas under curves, by ranks."""

from typing import NamedTuple

import numpy as np

NORMAL = 1.959964
"""Standard errors on either side of a 95 % interval."""

TRUE_POSITIVES = 0.95


class Separation(NamedTuple):
    """Of one score, between points in and points out of distribution."""

    auroc: float
    """Share of pairs, one in and one out, in which the one out scores higher; ties count half."""
    auroc_low: float
    auroc_high: float
    """Ends of its 95 % interval over samples of the points."""
    aupr_out: float
    """Average precision with points out of distribution as positives."""
    aupr_in: float
    """The same with those in distribution as positives, by the negative score."""
    fpr95: float
    """Share of the points out that pass for points in where 95 % of those in do."""


def separation(inside: np.ndarray, outside: np.ndarray) -> Separation:
    """Measures of a score; larger is more outlying, infinity allowed.

    Parameters
    ----------
    inside, outside : np.ndarray
        (n,) and (m,) scores of points in and out of distribution.

    Raises
    ------
    ValueError
        One of both is empty, or has nan.
    """
    if not (len(inside) and len(outside)) or np.isnan(inside).any() or np.isnan(outside).any():
        raise ValueError("scores of points in and out of distribution are needed, none of them nan.")
    places = np.unique(np.concatenate([inside, outside]), return_inverse=True)[1]
    count_in, count_out = (np.bincount(part, minlength=places.max() + 1) for part in np.split(places, [len(inside)]))
    area, error = auroc(count_in, count_out)
    # the lowest threshold that lets as many points in pass as are asked for
    threshold = np.searchsorted(np.cumsum(count_in), np.ceil(TRUE_POSITIVES * len(inside) - 1e-9))
    return Separation(
        area,
        max(area - NORMAL * error, 0.0),
        min(area + NORMAL * error, 1.0),
        average_precision(count_out[::-1], count_in[::-1]),
        average_precision(count_in, count_out),
        float(count_out[: threshold + 1].sum() / len(outside)),
    )


def auroc(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
    """Area under the receiver operating characteristic, and its standard error.

    It is the share of pairs in which the point out scores higher than the one in, ties counting half (Mann and Whitney
    1947); its error over samples of the points is DeLong's (1988), that of the bootstrap in a hundredth of the time.

    Parameters
    ----------
    inside, outside : np.ndarray
        How many points have each score, scores rising.
    """
    n, m = inside.sum(), outside.sum()
    # of a point out, the share of those in that it beats; of one in, of those out that beat it
    beats = (np.cumsum(inside) - inside / 2) / n
    beaten = 1 - (np.cumsum(outside) - outside / 2) / m
    area = (outside * beats).sum() / m
    variances = [
        (counts * (shares - area) ** 2).sum() / max(counts.sum() - 1, 1) / counts.sum()
        for counts, shares in ((outside, beats), (inside, beaten))
    ]
    return float(area), float(np.sqrt(sum(variances)))


def average_precision(positive: np.ndarray, negative: np.ndarray) -> float:
    """Σ (R_k − R_{k−1}) P_k over thresholds, from counts at every score, the most positive ones first."""
    found, all_ = np.cumsum(positive), np.cumsum(positive + negative)
    with np.errstate(invalid="ignore"):
        precision = np.where(all_ > 0, found / np.maximum(all_, 1), 0)
    return float((positive * precision).sum() / found[-1])
