"""What claims 19 to 26 speak of, from summary/reconstructions_of_study.py: one small function each.

As those of quantities.py: a number at every latent dimension, and for every set if it is of sets.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from .over_d import ranks_together
from .study import Study, UntestableError


def digits_at_small_d(study: Study) -> xr.DataArray:
    """19a."""
    return _digits(study.small())


def digits_at_middle_d(study: Study) -> xr.DataArray:
    """20b."""
    return _digits(study.middle())


def digits_at_large_d(study: Study) -> xr.DataArray:
    """21b."""
    return _digits(study.large())


def _digits(study: Study) -> xr.DataArray:
    """Over the share of held-out images for which the same is true, the most that can be asked for."""
    return study.others["digit_share"] / study.data["digit_share_of_images"]


def same_digit_in_set(study: Study) -> xr.DataArray:
    """19b."""
    return study.small().others["same_class_in_set"]


def same_digit_across_sets(study: Study) -> xr.DataArray:
    """19c."""
    return _known(study.small().others["same_class_across_sets"], "a single set")


def same_digit_across_seeds(study: Study) -> xr.DataArray:
    """19d."""
    return _known(study.small().others["same_class_across_seeds"], "a single seed")


def distance_of_sets_at_middle_d(study: Study) -> xr.DataArray:
    """20a."""
    return _known(study.middle().others["distance_across_sets"], "a single set")


def distance_of_sets_at_large_d(study: Study) -> xr.DataArray:
    """21a."""
    return _known(study.large().others["distance_across_sets"], "a single set")


def distance_across_d(study: Study) -> xr.DataArray:
    """22a."""
    return _known(study.large().others["distance_across_d"], "a single d")


def distance_across_seeds(study: Study) -> xr.DataArray:
    """22b."""
    return _known(study.large().others["distance_across_seeds"], "a single seed")


def two_groups(study: Study) -> xr.DataArray:
    """23."""
    return _known(study.data["groups"], "sets on one side of one half")


def difference_at_fixed_points(study: Study) -> xr.DataArray:
    """24a."""
    return _known(study.data["difference_at_fixed"], "no fixed point")


def difference_with_distance(study: Study) -> xr.DataArray:
    """24b: rank correlation, on the way to fixed points."""
    dims = ("latent_dim", "step")
    distance, difference = (study.data[f"{name}_on_way"].transpose(*dims).values for name in ("distance", "difference"))
    found = ranks_together(distance, difference)
    return _known(xr.DataArray(found, {"latent_dim": study.data["latent_dim"].values}), "no way to fixed points")


def failures(pair: str, matching: str) -> Callable[[Study], xr.DataArray]:
    """25: share of the pairs of a set at which the inequality fails."""

    def quantity(study: Study) -> xr.DataArray:
        return study.data["fails"].sel(pair=pair, matching=matching, drop=True)

    return quantity


def idempotence(study: Study) -> xr.DataArray:
    """26a: of D_train."""
    return study.train["idempotence"]


def reversed_by_projections(study: Study) -> xr.DataArray:
    """26b: of D_train, where a network is nearly a projection."""
    projects = study.train["idempotence"] <= study.terms.projection
    return _known(study.train["reversed_share"].where(projects), "no network is nearly a projection")


def _known(values: xr.DataArray, lacking: str) -> xr.DataArray:
    if not np.isfinite(values).any():
        raise UntestableError(lacking)
    return values
