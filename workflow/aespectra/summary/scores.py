"""Numbers of a point that its spectra give, for telling points in distribution from others."""

from collections.abc import Mapping

import numpy as np

from ..slabs.slab import JACOBIANS

SMALL = 1e-8
"""Of ‖K‖: smaller |λ| count as this in logarithms. What lies below is rounding in float32, in which slabs keep them."""

CANCELLED = 1e-6
"""Of the terms of a difference of squares: a smaller difference counts as this, as rounding may have made it."""


def spectral_scores(points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the spectra of K_I and K_L say of n points, each a number that may be small or large out of distribution.

    Parameters
    ----------
    points : Mapping[str, np.ndarray]
        By the names of a slab's variables (slabs.slab), as ``slabs.compute.block_spectra`` gives them:
        ``eigenvalue`` (2, n, d) complex; ``zero_eigenvalues`` and ``frobenius_norm`` (2, n);
        ``same_activation_pattern`` (n,).

    Returns
    -------
    dict[str, np.ndarray]
        (n,) float64 by name. For each Jacobian, with its name before: ``trace`` / d; ``log_abs_mean``, ``log_abs_std``,
        ``log_abs_min`` and ``log_abs_max`` of ln|λ|; ``abs_arg``, the mean |Arg λ| of those that are not zero;
        ``log_norm``, ln ‖K‖; ``log_from_identity``, ln ‖K − I‖; ``log_departure``, ½ ln(‖K‖² − Σ|λ|²), Henrici's
        departure from normality. Of both: ``log_between``, ln ‖λ_I − λ_L‖, paired by decreasing norm, and
        ``other_pattern``, 1 where x and its reconstruction switch on other units. nan of a point whose eigenvalues are
        not all finite.
    """
    found: dict[str, np.ndarray] = {}
    for of_jacobian, jacobian in enumerate(JACOBIANS):
        values = points["eigenvalue"][of_jacobian].astype(np.complex128)
        zeros, norm = (points[name][of_jacobian] for name in ("zero_eigenvalues", "frobenius_norm"))
        of_one = _of_one(values, zeros, norm.astype(np.float64))
        found |= {f"{jacobian}_{name}": score for name, score in of_one.items()}
    first, second = (points["eigenvalue"][of_jacobian].astype(np.complex128) for of_jacobian in (0, 1))
    terms = (np.abs(first) ** 2 + np.abs(second) ** 2).sum(axis=1)
    found["log_between"] = _half_log((np.abs(first - second) ** 2).sum(axis=1), terms)
    found["other_pattern"] = 1.0 - points["same_activation_pattern"]
    unknown = ~(np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1))
    for score in found.values():
        score[unknown] = np.nan
    return found


def _of_one(values: np.ndarray, zeros: np.ndarray, norm: np.ndarray) -> dict[str, np.ndarray]:
    d = values.shape[1]
    zero = (np.arange(d) >= (d - zeros)[:, None]) | (values == 0)
    values = np.where(zero, 0, values)
    size = np.abs(values)
    tiny = np.finfo(np.float32).tiny
    log = np.log(np.maximum(size, np.maximum(SMALL * norm, tiny)[:, None]))
    counted = np.maximum((~zero).sum(axis=1), 1)
    squares, trace = norm**2, values.real.sum(axis=1)
    return {
        "trace": trace / d,
        "log_abs_mean": log.mean(axis=1),
        "log_abs_std": log.std(axis=1),
        "log_abs_min": log.min(axis=1),
        "log_abs_max": log.max(axis=1),
        "abs_arg": np.abs(np.angle(values)).sum(axis=1, where=~zero) / counted,
        "log_norm": _half_log(squares, squares),
        "log_from_identity": _half_log(squares - 2 * trace + d, squares + d),
        "log_departure": _half_log(squares - (size**2).sum(axis=1), squares),
    }


def _half_log(squares: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """½ ln of a square, or of a difference of squares that add up to ``terms``."""
    with np.errstate(invalid="ignore"):
        return 0.5 * np.log(np.maximum(squares, np.maximum(CANCELLED * terms, np.finfo(np.float32).tiny)))
