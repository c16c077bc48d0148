"""Statistics of spectra, as the figures of the paper need them. Pure numpy on the values of many points at once."""

import numpy as np

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)

WHISKER = 1.5
"""Whiskers end at the last value within 1.5 interquartile ranges of the box (Tukey)."""

PLANE_EXTENT = 2.5
PLANE_BINS = 50
"""The upper half of the complex plane, |Re λ| <= 2.5 and 0 <= Im λ <= 2.5, in squares of 0.05."""

LONG_NAMES = {
    "mean_abs": "arithmetic mean of |λ|",
    "mean_real": "mean of Re λ, which is trace / latent_dim",
    "geometric_mean": "geometric mean of the non-zero |λ|",
    "log_abs_std": "standard deviation of ln|λ| over the non-zero eigenvalues",
    "zero_share": "share of the eigenvalues that are zero up to rounding",
    "zero_count": "number of eigenvalues that are zero up to rounding",
    "undefined_share": "share of the points where an eigenvalue is zero, so that orientation is undefined",
    "reversed_share": "share of reversed orientation among the points where it is defined",
    "real_share": "share of the non-zero eigenvalues that are real",
    "log_abs_quantiles": "quantiles of ln|λ| of the non-zero eigenvalues",
    "log_abs_whiskers": "ends of the whiskers of a box plot of ln|λ|: the last values within 1.5 interquartile ranges",
    "abs_arg_quantiles": "quantiles of |Arg λ| of the non-zero eigenvalues",
    "abs_arg_whiskers": "ends of the whiskers of a box plot of |Arg λ|",
    "plane_density": "number of eigenvalues in squares of the complex plane by |Im λ| and Re λ",
    "plane_outside_share": "share of the eigenvalues outside of these squares",
    "same_pattern_share": "share of the points whose reconstruction switches on the same encoder units",
    "difference_mean": "mean of |λ_I - λ_L|² / latent_dim, the spectra paired by decreasing norm",
    "difference_quantiles": "quantiles of |λ_I - λ_L|² / latent_dim over the points",
    "reconstruction_mse_mean": "mean over the points of the mean squared error of the reconstruction over the pixels",
    "reconstruction_mse_quantiles": "quantiles of that error over the points",
    "latent_norm_mean": "mean over the points of the Euclidean norm of z = f_enc(x)",
    "latent_norm_quantiles": "quantiles of that norm over the points",
}
"""Of every statistic, for those who open the summary."""


def spectrum_statistics(values: np.ndarray, zeros: np.ndarray) -> dict[str, float | np.ndarray]:
    """Statistics of the eigenvalues of one Jacobian at n points.

    Eigenvalues that are zero up to rounding are taken as 0: what the solver leaves of them, signs and conjugate pairs
    among it, differs from one machine to the next. Logarithms, angles, geometric means and the share of real ones
    leave them out, and what is nan (from a Jacobian that was not finite); ``zero_share`` says how many zeros there
    are. Orientation has three outcomes: preserved, reversed, and undefined where an eigenvalue is zero.

    Parameters
    ----------
    values : (n, d) complex, each row by decreasing norm
    zeros : (n,) number of numerical zeros of each row, its last eigenvalues

    Returns
    -------
    by name: mean_abs, mean_real (trace/d), geometric_mean, log_abs_std (of ln|λ|), zero_share, zero_count,
    undefined_share (of the points), reversed_share (of the points where orientation is defined), real_share (of the
    non-zero eigenvalues); ``log_abs_`` and ``abs_arg_`` quantiles (see _distribution); plane_density, counts
    (PLANE_BINS, 2·PLANE_BINS) over (Im, Re); plane_outside_share.
    A statistic of no values is nan.
    """
    d = values.shape[1]
    last = np.arange(d) >= (d - zeros)[:, None]
    real, imag = (np.where(last, 0, part.astype(np.float64)) for part in (values.real, values.imag))
    norm = np.hypot(real, imag)
    known = np.isfinite(norm).all(axis=1)
    nonzero = ~last & known[:, None]
    log_abs = np.log(norm[nonzero])
    abs_arg = np.abs(np.arctan2(imag[nonzero], real[nonzero]))
    negative = ((imag == 0) & (real < 0)).sum(axis=1)
    undefined = (zeros > 0) | ~known
    density, inside = _plane_density(real, imag)
    return {
        "mean_abs": norm.mean(),
        "mean_real": real.mean(),
        "geometric_mean": np.exp(_mean(log_abs)),
        "log_abs_std": log_abs.std() if log_abs.size else np.nan,
        "zero_share": zeros.sum() / values.size,
        "zero_count": zeros.sum(),
        "reversed_share": _mean(negative[~undefined] % 2),
        "undefined_share": undefined.mean(),
        "real_share": _mean(imag[nonzero] == 0),
        **{f"log_abs_{name}": value for name, value in _distribution(log_abs).items()},
        **{f"abs_arg_{name}": value for name, value in _distribution(abs_arg).items()},
        "plane_density": density,
        "plane_outside_share": 1 - inside / values.size,
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
    input_values, latent_values : (n, d) complex spectra of J_I and J_L, each row by decreasing norm
    reconstruction_mse, latent_norm : (n,)
    same_pattern : (n,) of 0 and 1

    Returns
    -------
    by name: ``difference_`` mean and quantiles of ‖λ_I − λ_L‖²/d, paired by decreasing norm (not by an optimal
    matching); ``reconstruction_mse_`` and ``latent_norm_`` mean and quantiles; same_pattern_share
    """
    difference = (np.abs(input_values.astype(np.complex128) - latent_values) ** 2).mean(axis=1)
    samples = {
        "difference": difference,
        "reconstruction_mse": reconstruction_mse.astype(np.float64),
        "latent_norm": latent_norm.astype(np.float64),
    }
    statistics: dict[str, float | np.ndarray] = {"same_pattern_share": same_pattern.mean()}
    for name, values in samples.items():
        statistics[f"{name}_mean"] = values.mean()
        statistics[f"{name}_quantiles"] = np.quantile(values, QUANTILES)
    return statistics


def _distribution(values: np.ndarray) -> dict[str, float | np.ndarray]:
    """What a box plot needs, from all values: ``quantiles`` at QUANTILES, ``whiskers`` (low, high) by Tukey's rule."""
    if values.size == 0:
        return {"quantiles": np.full(len(QUANTILES), np.nan), "whiskers": np.full(2, np.nan)}
    quantiles = np.quantile(values, QUANTILES)
    lower, upper = quantiles[QUANTILES.index(0.25)], quantiles[QUANTILES.index(0.75)]
    reach = WHISKER * (upper - lower)
    within = values[(values >= lower - reach) & (values <= upper + reach)]
    # never inside the box, as when no value lies between the quartile and its fence
    whiskers = np.array([min(within.min(), lower), max(within.max(), upper)])
    return {"quantiles": quantiles, "whiskers": whiskers}


def _mean(values: np.ndarray) -> float:
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
