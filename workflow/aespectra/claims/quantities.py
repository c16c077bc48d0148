"""What the paper's claims speak of, from the quantity that its own figure shows: one small function each.

Each takes a study, of one Jacobian where the paper speaks of both, and gives a number at every latent dimension, and
for every set if it is of sets; nan where it is not known.
"""

import math

import numpy as np
import xarray as xr

from ..summary.alive import points_defined
from .over_d import ranks_together
from .study import Study, UntestableError, quantile


def median_difference(study: Study) -> xr.DataArray:
    """1a: of D_train."""
    return quantile(study.train, "difference", 0.5)


def median_difference_beside_train(study: Study) -> xr.DataArray:
    """1b: a line with dots in figure 1."""
    return quantile(study.others, "difference", 0.5) / quantile(study.train, "difference", 0.5)


def mean_difference_beside_train(study: Study) -> xr.DataArray:
    """1c: the dashed line there."""
    return study.others["difference_mean"] / study.train["difference_mean"]


def arithmetic_mean(study: Study) -> xr.DataArray:
    """2a, 2c: of D_train."""
    return study.train["mean_abs"]


def geometric_mean(study: Study) -> xr.DataArray:
    """2b, 2d: of D_train."""
    return study.train["geometric_mean"]


def ratio_of_means(study: Study) -> xr.DataArray:
    """3."""
    return study.train["geometric_mean"] / study.train["mean_abs"]


def left_tail(study: Study) -> xr.DataArray:
    """4: the lower whisker of figure 3, seen from the median.

    Not a low quantile: at d = 2 to 4 the first percentile is that of a few points far out, past the whisker.
    """
    low = study.train["log_abs_whiskers"].sel(whisker="low", drop=True)
    return quantile(study.train, "log_abs", 0.5) - low


def smallest_percent(study: Study) -> xr.DataArray:
    """5: the norm below which one in a hundred eigenvalues lies, those that are zero among them."""
    return xr.where(study.train["zero_share"] >= 0.01, 0, np.exp(quantile(study.train, "log_abs", 0.01)))


def reversed_of_train(study: Study) -> xr.DataArray:
    """6a."""
    return _reversed(study).isel(dataset=0, drop=True)


def reversed_beyond_train(study: Study) -> xr.DataArray:
    """6b: of a set, less that of D_train."""
    return _reversed(study).isel(dataset=slice(1, None)) - reversed_of_train(study)


def _reversed(study: Study) -> xr.DataArray:
    """Share of reversed points; nan where it would be of a handful, as where a unit is dead at nearly all of them."""
    known = study.data["reversed_share"].where(points_defined(study.data, study.samples) >= study.terms.points)
    if known.isnull().all():
        raise UntestableError(f"nowhere {study.terms.points:g} points with an orientation")
    return known


def third_quartile_of_angles(study: Study) -> xr.DataArray:
    """7: in units of π, the upper end of a box in figure 6."""
    return quantile(study.train, "abs_arg", 0.75) / math.pi


def variation_of_arithmetic_mean(study: Study) -> xr.DataArray:
    """8a."""
    return _variation(study.train["mean_abs"])


def variation_of_geometric_mean(study: Study) -> xr.DataArray:
    """8b."""
    return _variation(study.train["geometric_mean"])


def variation_of_spread(study: Study) -> xr.DataArray:
    """8c: of the standard deviation of ln|λ|, figure 4."""
    return _variation(study.train["log_abs_std"])


def _variation(values: xr.DataArray) -> xr.DataArray:
    """How far off its median over d; not its mean, which a single d can move."""
    if values.sizes["latent_dim"] < 2:
        raise UntestableError("a single d")
    return abs(values / values.median("latent_dim") - 1)


def arithmetic_mean_of_all(study: Study) -> xr.DataArray:
    """9a."""
    return study.data["mean_abs"]


def geometric_mean_of_all(study: Study) -> xr.DataArray:
    """9b."""
    return study.data["geometric_mean"]


def gap_of_clusters(study: Study) -> xr.DataArray:
    """10: between the lowest dark and the highest moderate set, or of these and bright ones, whichever is smaller."""
    large = study.large()
    dark, moderate, bright = (group["mean_abs"] for group in (large.dark(), large.moderate(), large.bright()))
    above = dark.min("dataset") - moderate.max("dataset")
    below = moderate.min("dataset") - bright.max("dataset")
    return xr.where(above < below, above, below)


def clusters_beside_those_of_input(study: Study) -> xr.DataArray:
    """11: silhouette of dark, moderate and bright sets by their means of |λ| under J_L, less that under J_I."""
    return _silhouette(study.of("latent").large()) - _silhouette(study.of("input").large())


def _silhouette(study: Study) -> xr.DataArray:
    """Of every set how much nearer its own group is than the next, from -1 to 1, averaged (Rousseeuw 1987)."""
    groups = [
        group["mean_abs"].transpose("latent_dim", ...) for group in (study.dark(), study.moderate(), study.bright())
    ]
    values = np.concatenate([group.values for group in groups], axis=1)
    sizes = np.array([group.sizes["dataset"] for group in groups])
    label = np.repeat(np.arange(3), sizes)
    distances = abs(values[:, :, None] - values[:, None])
    to_group = np.stack([distances[:, :, label == each].sum(axis=2) for each in range(3)], axis=2)
    own = label[:, None] == np.arange(3)
    within = to_group[:, own] / np.maximum(sizes[label] - 1, 1)
    nearest = np.where(own, np.inf, to_group / sizes).min(axis=2)
    # of a group of one it is 0, by definition
    scores = np.where(sizes[label] > 1, (nearest - within) / np.maximum(nearest, within), 0)
    return groups[0].isel(dataset=0, drop=True).copy(data=scores.mean(axis=1)).drop_vars("mean_pixel", errors="ignore")


def arithmetic_mean_beside_train(study: Study) -> xr.DataArray:
    """12a: "eventually" is at large d."""
    large = study.large()
    return large.others["mean_abs"] / large.train["mean_abs"]


def geometric_mean_beside_train(study: Study) -> xr.DataArray:
    """12b."""
    large = study.large()
    return large.others["geometric_mean"] / large.train["geometric_mean"]


def distance_from_train(study: Study) -> xr.DataArray:
    """13: relative, at small d."""
    small = study.small()
    return abs(small.others["mean_abs"] / small.train["mean_abs"] - 1)


def spread_beside_train(study: Study) -> xr.DataArray:
    """14: figure 4."""
    return study.others["log_abs_std"] / study.train["log_abs_std"]


def median_of_all(study: Study) -> xr.DataArray:
    """15: of ln|λ|, figure 3."""
    return quantile(study.data, "log_abs", 0.5)


def distance_from_coin(study: Study) -> xr.DataArray:
    """16a: of each d by itself, as else a share above one half would make up for one below."""
    large = study.large()
    return abs(_reversed(large).sel(dataset=large.not_dark()["dataset"].values) - 0.5)


def distance_of_dark_from_coin(study: Study) -> xr.DataArray:
    """16b."""
    large = study.large()
    return abs(_reversed(large).sel(dataset=large.dark()["dataset"].values) - 0.5)


def angles_beyond_train(study: Study) -> xr.DataArray:
    """17a: third quartiles, in units of π; from the 95th percentile on angles are mostly π at d up to 8."""
    return (quantile(study.others, "abs_arg", 0.75) - quantile(study.train, "abs_arg", 0.75)) / math.pi


def angles_with_brightness(study: Study) -> xr.DataArray:
    """17b: rank correlation of the sets' mean pixels, to two digits, with that quartile: several sets are as bright."""
    if study.others.sizes["dataset"] < 3:
        raise UntestableError("fewer than three sets")
    angles = quantile(study.others, "abs_arg", 0.75).transpose("latent_dim", "dataset").values
    pixels = np.broadcast_to(study.others["mean_pixel"].values.round(2), angles.shape)
    return xr.DataArray(ranks_together(pixels, angles), {"latent_dim": study.data["latent_dim"].values})


def error_beside_train(study: Study) -> xr.DataArray:
    """18a."""
    return study.others["reconstruction_mse_mean"] / study.train["reconstruction_mse_mean"]


def error_beside_variance(study: Study) -> xr.DataArray:
    """18b: over the error of the set's mean image, the best image that is the same for all points."""
    return _error_share(study).isel(dataset=slice(1, None))


def error_of_train_beside_variance(study: Study) -> xr.DataArray:
    """18c."""
    return _error_share(study).isel(dataset=0, drop=True)


def _error_share(study: Study) -> xr.DataArray:
    if "pixel_variance" not in study.data or not np.isfinite(study.data["pixel_variance"]).all():
        raise UntestableError("the summary is of a version without the variance of the pixels")
    return study.data["reconstruction_mse_mean"] / study.data["pixel_variance"]
