"""Statistics of spectra, as the figures of the paper need them. Pure numpy on the values of many points at once."""

import numpy as np

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)

WHISKER = 1.5
"""Whiskers end at the last value within 1.5 interquartile ranges of the box (Tukey)."""

PLANE_EXTENT = 2.5
PLANE_BINS = 50
"""The upper half of the complex plane, |Re λ| <= 2.5 and 0 <= Im λ <= 2.5, in squares of 0.05."""


def spectrum_statistics(values: np.ndarray, zeros: np.ndarray) -> dict[str, float | np.ndarray]:
    """Statistics of the eigenvalues of one Jacobian at n points.

    Eigenvalues that are zero up to rounding are taken as 0: what the solver leaves of them, signs and conjugate pairs
    among it, differs from one machine to the next. So are those that storing as float32 has made 0, the ones below
    1e-45. Logarithms, angles, geometric means and the share of real ones leave them out; ``zero_share`` says how many
    zeros there are. Points whose eigenvalues are not all finite, as of a Jacobian that was not, are left out of
    everything but two numbers: ``unknown_count`` says how many there are, and their orientation is undefined.
    Orientation has three outcomes: preserved, reversed, and undefined where an eigenvalue is zero.

    Parameters
    ----------
    values : np.ndarray
        (n, d) complex, each row by decreasing norm.
    zeros : np.ndarray
        (n,) integer, the number of numerical zeros of each row, its last eigenvalues.

    Returns
    -------
    dict[str, float | np.ndarray]
        By name: mean_abs, mean_real (trace/d), geometric_mean, log_abs_std (of ln|λ|), zero_share, zero_count,
        unknown_count and undefined_share (of the points), reversed_share (of the points where orientation is defined),
        real_share (of the non-zero eigenvalues); ``log_abs_`` and ``abs_arg_`` quantiles and whiskers (see
        distribution); plane_density, counts (PLANE_BINS, 2·PLANE_BINS) over (Im, Re); plane_outside_share. A statistic
        of no values is nan.
    """
    n, d = values.shape
    known = np.isfinite(values).all(axis=1)
    if not known.all():
        values, zeros = values[known], zeros[known]
    zeros = np.maximum(zeros, (values == 0).sum(axis=1))
    last = np.arange(d) >= (d - zeros)[:, None]
    real, imag = (np.where(last, 0, part.astype(np.float64)) for part in (values.real, values.imag))
    norm = np.hypot(real, imag)
    nonzero = ~last
    log_abs = np.log(norm[nonzero])
    abs_arg = np.abs(np.arctan2(imag[nonzero], real[nonzero]))
    negative = ((imag == 0) & (real < 0)).sum(axis=1)
    defined = zeros == 0
    density, inside = _plane_density(real, imag)
    return {
        "mean_abs": mean(norm),
        "mean_real": mean(real),
        "geometric_mean": np.exp(mean(log_abs)),
        "log_abs_std": log_abs.std() if log_abs.size else np.nan,
        "zero_share": zeros.sum() / values.size if values.size else np.nan,
        "zero_count": zeros.sum(),
        "unknown_count": n - known.sum(),
        "reversed_share": mean(negative[defined] % 2),
        "undefined_share": (n - defined.sum()) / n,
        "real_share": mean(imag[nonzero] == 0),
        **{f"log_abs_{name}": value for name, value in distribution(log_abs).items()},
        **{f"abs_arg_{name}": value for name, value in distribution(abs_arg).items()},
        "plane_density": density,
        "plane_outside_share": 1 - inside / values.size if values.size else np.nan,
    }


def point_statistics(
    input_values: np.ndarray,
    latent_values: np.ndarray,
    reconstruction_mse: np.ndarray,
    latent_norm: np.ndarray,
    same_pattern: np.ndarray,
) -> dict[str, float | np.ndarray]:
    """Statistics of n points that belong to both Jacobians or to neither.

    Parameters
    ----------
    input_values, latent_values : np.ndarray
        (n, d) complex spectra of J_I and J_L, each row by decreasing norm.
    reconstruction_mse, latent_norm : np.ndarray
        (n,) floating.
    same_pattern : np.ndarray
        (n,) of 0 and 1.

    Returns
    -------
    dict[str, float | np.ndarray]
        By name: ``difference_`` mean and quantiles of ‖λ_I − λ_L‖²/d, paired by decreasing norm (not by an optimal
        matching); ``reconstruction_mse_`` and ``latent_norm_`` mean and quantiles, each over the points where it is
        finite; same_pattern_share.
    """
    difference = (np.abs(input_values.astype(np.complex128) - latent_values) ** 2).mean(axis=1)
    samples = {
        "difference": difference,
        "reconstruction_mse": reconstruction_mse.astype(np.float64),
        "latent_norm": latent_norm.astype(np.float64),
    }
    statistics: dict[str, float | np.ndarray] = {"same_pattern_share": same_pattern.mean()}
    for name, of_points in samples.items():
        values = of_points[np.isfinite(of_points)]
        statistics[f"{name}_mean"] = mean(values)
        statistics[f"{name}_quantiles"] = quantiles(values)
    return statistics


def distribution(values: np.ndarray) -> dict[str, float | np.ndarray]:
    """What a box plot needs, from all values: ``quantiles`` at QUANTILES, ``whiskers`` (low, high) by Tukey's rule."""
    found = quantiles(values)
    if values.size == 0:
        return {"quantiles": found, "whiskers": np.full(2, np.nan)}
    lower, upper = found[QUANTILES.index(0.25)], found[QUANTILES.index(0.75)]
    reach = WHISKER * (upper - lower)
    within = values[(values >= lower - reach) & (values <= upper + reach)]
    # never inside the box, as when no value lies between the quartile and its fence, or none in the box but by rounding
    whiskers = np.array([within.min(initial=lower), within.max(initial=upper)])
    return {"quantiles": found, "whiskers": whiskers}


def quantiles(values: np.ndarray) -> np.ndarray:
    """At QUANTILES; nan of no values."""
    return np.quantile(values, QUANTILES) if values.size else np.full(len(QUANTILES), np.nan)


def mean(values: np.ndarray) -> float:
    """Of any shape; nan of no values."""
    return values.mean() if values.size else np.nan


def _plane_density(real: np.ndarray, imag: np.ndarray) -> tuple[np.ndarray, int]:
    """Counts of eigenvalues over (|Im|, Re), and how many lie inside the frame; conjugates fall on the same square."""
    size = PLANE_EXTENT / PLANE_BINS
    inside = (np.abs(imag) < PLANE_EXTENT) & (real >= -PLANE_EXTENT) & (real < PLANE_EXTENT)
    row = (np.abs(imag[inside]) / size).astype(np.int64)
    column = ((real[inside] + PLANE_EXTENT) / size).astype(np.int64)
    # bincount: numpy's histogram2d takes most of the summary's time
    counts = np.bincount(row * 2 * PLANE_BINS + column, minlength=2 * PLANE_BINS**2)
    return counts.reshape(PLANE_BINS, 2 * PLANE_BINS), len(row)
