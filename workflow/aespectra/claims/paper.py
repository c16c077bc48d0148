"""The paper's claims: what is measured of each, and the bound that it has to meet.

arXiv 2201.11902, sections I-E, II and II-D, figures 1 to 6. The paper gives neither numbers nor thresholds: terms.py
says what this project takes its words for. What it judges by eye (claims 19 to 23) and its theorems (24 to 26):
reconstructions.py. All that shows the words of a claim has them from here and from there; after a change:
``python workflow/claims_in_documents.py``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from . import over_d, quantities
from .study import Study
from .terms import Terms
from .verdict import Bound

BOTH = ("input", "latent")
INPUT = ("input",)
LATENT = ("latent",)


class Claim(NamedTuple):
    number: str
    says: str
    """The paper, in short."""
    shown: tuple[str, ...]
    """Modules of ``aespectra.figures`` that bear on it, that of the paper's own figure first."""
    statistic: str
    """What is measured, in words."""
    quantity: Callable[[Study], xr.DataArray]
    """At every d, and for every set if it is of sets: each of them is a case."""
    bound: Callable[[Terms], Bound]
    """Which every case has to meet."""
    jacobians: tuple[str, ...] = BOTH
    """Of which the paper speaks; none where it is of neither, or of both together."""
    over_d: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    """What becomes of the quantity over d, if the claim is of that. Then each set is a case; of what is a single
    number, each sample of the latent dimensions."""
    cuts: Callable[[Terms], tuple[float, float]] = lambda terms: (terms.holds, terms.mostly)
    """Share of the cases from which it holds, and from which it holds in most cases."""

    @property
    def figure(self) -> str:
        """Number of the paper's figure; of none, empty, and where it is a table, that module's name."""
        return self.shown[0].removeprefix("figure_") if self.shown else ""


def _more_than_one(_: Terms) -> Bound:
    """What is larger than D_train's, as a ratio to it."""
    return Bound(low=1, beyond=True)


def _more_than_none(_: Terms) -> Bound:
    """The same as a difference."""
    return Bound(low=0, beyond=True)


def _below_train(_: Terms) -> Bound:
    return Bound(high=1, beyond=True)


CLAIMS = [
    Claim(
        number="1a",
        says="D_train: ‖Δλ‖²/d is small",
        shown=("figure_1",),
        statistic="median over points; share of d",
        quantity=quantities.median_difference,
        bound=lambda terms: Bound(high=terms.difference),
        jacobians=(),
    ),
    Claim(
        number="1b",
        says="‖Δλ‖²/d is larger for every out-of-distribution set than for D_train",
        shown=("figure_1",),
        statistic="median over points / D_train's; share of (set, d)",
        quantity=quantities.median_difference_beside_train,
        bound=_more_than_one,
        jacobians=(),
    ),
    Claim(
        number="1c",
        says="‖Δλ‖²/d is larger on average for every out-of-distribution set than for D_train",
        shown=("figure_1",),
        statistic="mean over points / D_train's; share of (set, d)",
        quantity=quantities.mean_difference_beside_train,
        bound=_more_than_one,
        jacobians=(),
    ),
    Claim(
        number="2a",
        says="D_train: arithmetic mean of |λ| near 1, on average below it",
        shown=("figure_2", "complex_plane", "training_curves"),
        statistic="mean over d",
        quantity=quantities.arithmetic_mean,
        over_d=over_d.mean,
        bound=lambda terms: Bound(terms.mean, 1),
    ),
    Claim(
        number="2b",
        says="D_train: geometric mean of |λ| near 1, on average below it",
        shown=("figure_2", "complex_plane", "training_curves"),
        statistic="mean over d",
        quantity=quantities.geometric_mean,
        over_d=over_d.mean,
        bound=lambda terms: Bound(terms.mean, 1),
    ),
    Claim(
        number="2c",
        says="D_train: the arithmetic mean of |λ| falls slowly with d",
        shown=("figure_2",),
        statistic="slope per latent dimension",
        quantity=quantities.arithmetic_mean,
        over_d=over_d.slope,
        bound=lambda terms: Bound(terms.slope, 0),
    ),
    Claim(
        number="2d",
        says="D_train: the geometric mean of |λ| falls slowly with d",
        shown=("figure_2",),
        statistic="slope per latent dimension",
        quantity=quantities.geometric_mean,
        over_d=over_d.slope,
        bound=lambda terms: Bound(terms.slope, 0),
    ),
    Claim(
        number="3",
        says="D_train: the two means are of similar size",
        shown=("figure_2",),
        statistic="geometric / arithmetic mean; share of d",
        quantity=quantities.ratio_of_means,
        bound=lambda terms: Bound(low=terms.ratio_of_means),
    ),
    Claim(
        number="4",
        says="D_train: the left tail of log|λ| grows longer with d",
        shown=("figure_3",),
        statistic="rank correlation of d with median − lower whisker",
        quantity=quantities.left_tail,
        over_d=over_d.rank_correlation,
        bound=lambda terms: Bound(low=terms.correlation),
    ),
    Claim(
        number="5",
        says="D_train: near-zero eigenvalues do not appear in quantity",
        shown=("figure_3", "training_curves"),
        statistic="1 % quantile of |λ|; share of d",
        quantity=quantities.smallest_percent,
        bound=lambda terms: Bound(low=terms.near_zero),
    ),
    Claim(
        number="6a",
        says="D_train: orientation is reversed at very few points",
        shown=("figure_5", "training_curves"),
        statistic="share of the points with an orientation; share of d",
        quantity=quantities.reversed_of_train,
        bound=lambda terms: Bound(high=terms.reversed),
    ),
    Claim(
        number="6b",
        says="orientation is reversed at fewer points of D_train than out of distribution",
        shown=("figure_5",),
        statistic="share of those points − D_train's; share of (set, d)",
        quantity=quantities.reversed_beyond_train,
        bound=_more_than_none,
    ),
    Claim(
        number="7",
        says="D_train: |Arg λ| is small",
        shown=("figure_6", "complex_plane"),
        statistic="third quartile, in units of π; share of d",
        quantity=quantities.third_quartile_of_angles,
        bound=lambda terms: Bound(high=terms.angle),
    ),
    Claim(
        number="8a",
        says="D_train: the arithmetic mean of |λ| is consistent across architectures",
        shown=("figure_2",),
        statistic="distance from its median over d, relative; share of d",
        quantity=quantities.variation_of_arithmetic_mean,
        bound=lambda terms: Bound(high=terms.variation),
    ),
    Claim(
        number="8b",
        says="D_train: the geometric mean of |λ| is consistent across architectures",
        shown=("figure_2",),
        statistic="distance from its median over d, relative; share of d",
        quantity=quantities.variation_of_geometric_mean,
        bound=lambda terms: Bound(high=terms.variation),
    ),
    Claim(
        number="8c",
        says="D_train: the standard deviation of log|λ| is consistent across architectures",
        shown=("figure_4",),
        statistic="distance from its median over d, relative; share of d",
        quantity=quantities.variation_of_spread,
        bound=lambda terms: Bound(high=terms.variation),
    ),
    Claim(
        number="9a",
        says="the arithmetic mean of |λ| varies more across d than for D_train",
        shown=("figure_2", "complex_plane"),
        statistic="standard deviation over d / D_train's; share of the sets",
        quantity=quantities.arithmetic_mean_of_all,
        over_d=over_d.spread_beside_train,
        bound=_more_than_one,
    ),
    Claim(
        number="9b",
        says="the geometric mean of |λ| varies more across d than for D_train",
        shown=("figure_2", "complex_plane"),
        statistic="standard deviation over d / D_train's; share of the sets",
        quantity=quantities.geometric_mean_of_all,
        over_d=over_d.spread_beside_train,
        bound=_more_than_one,
    ),
    Claim(
        number="10",
        says="large d: mean |λ| of J_I in three clusters, dark above moderate above bright",
        shown=("figure_2",),
        statistic="smaller gap between the clusters; share of the large d",
        quantity=quantities.gap_of_clusters,
        jacobians=INPUT,
        bound=_more_than_none,
    ),
    Claim(
        number="11",
        says="mean |λ| of J_L does not cluster so",
        shown=("figure_2",),
        statistic="silhouette of the clusters − that under J_I; share of the large d",
        quantity=quantities.clusters_beside_those_of_input,
        jacobians=(),
        bound=lambda _: Bound(high=0, beyond=True),
    ),
    Claim(
        number="12a",
        says="the arithmetic mean of |λ| eventually drops below D_train's",
        shown=("figure_2",),
        statistic="mean / D_train's; share of (set, large d)",
        quantity=quantities.arithmetic_mean_beside_train,
        bound=_below_train,
    ),
    Claim(
        number="12b",
        says="the geometric mean of |λ| eventually drops below D_train's",
        shown=("figure_2",),
        statistic="mean / D_train's; share of (set, large d)",
        quantity=quantities.geometric_mean_beside_train,
        bound=_below_train,
    ),
    Claim(
        number="13",
        says="small d: mean |λ| of J_L of many sets is far from D_train's",
        shown=("figure_2", "reconstructions"),
        statistic="relative distance, mean over small d; share of the sets",
        quantity=quantities.distance_from_train,
        over_d=over_d.mean,
        jacobians=LATENT,
        bound=lambda terms: Bound(low=terms.far),
        cuts=lambda terms: (terms.many, terms.many),
    ),
    Claim(
        number="14",
        says="standard deviation of log|λ| of J_I above D_train's for every set and d",
        shown=("figure_4",),
        statistic="standard deviation / D_train's; share of (set, d)",
        quantity=quantities.spread_beside_train,
        jacobians=INPUT,
        bound=_more_than_one,
    ),
    Claim(
        number="15",
        says="the median of log|λ| varies more across d than D_train's",
        shown=("figure_3",),
        statistic="standard deviation over d / D_train's; share of the sets",
        quantity=quantities.median_of_all,
        over_d=over_d.spread_beside_train,
        bound=_more_than_one,
    ),
    Claim(
        number="16a",
        says="large d: half of the points of sets that are not dark reverse orientation under J_I",
        shown=("figure_5",),
        statistic="|share − 1/2|, mean over large d; share of the sets that are not dark",
        quantity=quantities.distance_from_coin,
        over_d=over_d.mean,
        jacobians=INPUT,
        bound=lambda terms: Bound(high=terms.coin),
    ),
    Claim(
        number="16b",
        says="large d: of dark sets it is not half of the points",
        shown=("figure_5",),
        statistic="|share − 1/2|, mean over large d; share of the dark sets",
        quantity=quantities.distance_of_dark_from_coin,
        over_d=over_d.mean,
        jacobians=INPUT,
        bound=lambda terms: Bound(low=terms.coin, beyond=True),
    ),
    Claim(
        number="17a",
        says="|Arg λ| covers a wider range than for D_train",
        shown=("figure_6", "complex_plane"),
        statistic="third quartile − D_train's, in units of π; share of (set, d)",
        quantity=quantities.angles_beyond_train,
        bound=_more_than_none,
    ),
    Claim(
        number="17b",
        says="|Arg λ| takes any angle for bright sets, a narrower range for darker ones",
        shown=("figure_6", "complex_plane"),
        statistic="rank correlation of the sets' mean pixels with that quartile; share of d",
        quantity=quantities.angles_with_brightness,
        bound=lambda terms: Bound(low=terms.correlation),
    ),
    Claim(
        number="18a",
        says="the reconstruction error is small only for D_train",
        shown=("figure_1",),
        statistic="mean squared error / D_train's; share of (set, d)",
        quantity=quantities.error_beside_train,
        jacobians=(),
        bound=lambda terms: Bound(low=terms.error_ratio),
    ),
    Claim(
        number="18b",
        says="out of distribution, reconstruction is no better than the mean image",
        shown=("figure_1",),
        statistic="mean squared error / variance of the pixels; share of (set, d)",
        quantity=quantities.error_beside_variance,
        jacobians=(),
        bound=lambda _: Bound(low=1),
    ),
    Claim(
        number="18c",
        says="D_train: reconstruction is much better than the mean image",
        shown=("figure_1",),
        statistic="mean squared error / variance of the pixels; share of d",
        quantity=quantities.error_of_train_beside_variance,
        jacobians=(),
        bound=lambda terms: Bound(high=terms.error_share),
    ),
]
