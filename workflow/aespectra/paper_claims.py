"""The paper's claims, each as one number from the summary and the interval in which the claim holds.

arXiv 2201.11902, sections I-E, II and II-D, figures 1 to 6; numbers as in workflow/report/workflow.rst. The paper
gives neither numbers nor thresholds: the intervals are this project's reading of its words, "every" as all without
exception. What the paper judges by eye (reconstructions, claims 19 to 23) and its theorems (24 to 26) are not here.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from .statistics import QUANTILES

EVERY = (1.0, 1.0)


class Study(NamedTuple):
    """One family's statistics, of one seed or pooled, by rising latent dimension; the sets apart from D_train."""

    train: xr.Dataset
    """(latent_dim, jacobian, …)"""
    others: xr.Dataset
    """(dataset, latent_dim, jacobian, …)"""

    def at(self, which: Callable[[np.ndarray], np.ndarray]) -> "Study":
        """At the latent dimensions d for which ``which(d / largest d)``."""
        d = self.train["latent_dim"].values
        return Study(*(data.isel(latent_dim=np.flatnonzero(which(d / d.max()))) for data in self))

    def of(self, jacobian: str) -> "Study":
        return Study(*(data.sel(jacobian=jacobian) for data in self))


class Claim(NamedTuple):
    number: str
    figure: str
    says: str
    """The paper, in short."""
    statistic: str
    measure: Callable[[Study], float]
    interval: tuple[float, float]
    """The claim holds from the first to the second, both included."""


def study_of(data: xr.Dataset) -> Study:
    data = data.sortby("latent_dim")
    return Study(data.isel(dataset=0, drop=True), data.isel(dataset=slice(1, None)))


def _low(study: Study) -> Study:
    """d up to a quarter of the largest: 2 to 5 in the paper's grid."""
    return study.at(lambda share: share <= 0.25)


def _high(study: Study) -> Study:
    """d from three quarters of the largest: 15 to 20 in the paper's grid."""
    return study.at(lambda share: share >= 0.75)


def _share(condition: xr.DataArray) -> float:
    """Of the entries that are true; nan where there are none."""
    return float(condition.mean()) if condition.size else math.nan


def _spread(values: xr.DataArray) -> xr.DataArray:
    """Standard deviation over d; nan from a single d."""
    return values.std("latent_dim", ddof=1) if values.sizes["latent_dim"] > 1 else values.mean("latent_dim") * np.nan


def _varies_more(study: Study, statistic: Callable[[xr.Dataset], xr.DataArray]) -> float:
    """Share of the sets over which a statistic of J_I varies more across d than over D_train."""
    train, others = (_spread(statistic(data)) for data in study.of("input"))
    return _share(others > train) if np.isfinite(train) else math.nan


def _rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    return float(spearmanr(x, y).statistic) if len(x) > 2 else math.nan


def _slope(values: xr.DataArray) -> float:
    """Least squares, per latent dimension."""
    d = values["latent_dim"].values
    return float(np.polyfit(d, values.values, 1)[0]) if len(d) > 1 else math.nan


def _quantile(data: xr.Dataset, name: str, q: float) -> xr.DataArray:
    return data[f"{name}_quantiles"].isel(quantile=QUANTILES.index(q))


def _smallest_percent(data: xr.Dataset) -> xr.DataArray:
    """The norm below which one in a hundred eigenvalues lies, those that are zero among them."""
    return xr.where(data["zero_share"] >= 0.01, 0, np.exp(_quantile(data, "log_abs", 0.01)))


def _groups(data: xr.Dataset) -> list[xr.Dataset]:
    """Dark, moderate and bright sets."""
    pixel = data["mean_pixel"]
    return [data.isel(dataset=np.flatnonzero(which)) for which in (pixel < 0.4, abs(pixel - 0.5) <= 0.1, pixel > 0.6)]


def _clusters(study: Study, jacobian: str) -> float:
    """Share of the large d at which mean |λ| of every dark set is above every moderate, of these above every bright."""
    groups = [group["mean_abs"] for group in _groups(_high(study).of(jacobian).others)]
    if any(group.size == 0 for group in groups):
        return math.nan
    dark, moderate, bright = groups
    apart = (dark.min("dataset") > moderate.max("dataset")) & (moderate.min("dataset") > bright.max("dataset"))
    return _share(apart)


def _mean_far_from_train(study: Study) -> float:
    low = _low(study).of("latent")
    distance = abs(low.others["mean_abs"] / low.train["mean_abs"] - 1).mean("latent_dim")
    return _share(distance > 0.25) if low.train.sizes["latent_dim"] else math.nan


def _coin(study: Study) -> float:
    """Of the sets that are not dark, the share of reversed points that is farthest from one half, over large d."""
    bright = _high(study).of("input").others
    reversed_share = (
        bright["reversed_share"].isel(dataset=np.flatnonzero(bright["mean_pixel"] >= 0.4)).mean("latent_dim")
    )
    return float(abs(reversed_share - 0.5).max()) if reversed_share.size else math.nan


def _angles(study: Study) -> float:
    wide = _quantile(study.of("input").others, "abs_arg", 0.95).mean("latent_dim")
    return _rank_correlation(study.others["mean_pixel"].values, wide.values)


def _wider_angles(study: Study) -> float:
    train, others = (_quantile(data, "abs_arg", 0.95).mean("latent_dim") for data in study.of("input"))
    return _share(others > train)


def _tail_grows(study: Study) -> float:
    train = study.of("input").train
    tail = _quantile(train, "log_abs", 0.5) - _quantile(train, "log_abs", 0.01)
    return _rank_correlation(train["latent_dim"].values, tail.values)


CLAIMS = [
    Claim(
        "1",
        "1",
        "‖Δλ‖²/d is larger for every out-of-distribution set than for D_train",
        "share of (set, d) where the median over points is larger",
        lambda study: _share(_quantile(study.others, "difference", 0.5) > _quantile(study.train, "difference", 0.5)),
        EVERY,
    ),
    Claim(
        "2a",
        "2",
        "D_train: arithmetic mean of |λ| near 1, on average below it",
        "mean over d, J_I",
        lambda study: study.of("input").train["mean_abs"].mean(),
        (0.75, 1.0),
    ),
    Claim(
        "2b",
        "2",
        "D_train: geometric mean of |λ| near 1, on average below it",
        "mean over d, J_I",
        lambda study: study.of("input").train["geometric_mean"].mean(),
        (0.75, 1.0),
    ),
    Claim(
        "2c",
        "2",
        "D_train: the mean of |λ| falls slowly with d",
        "slope per latent dimension, J_I",
        lambda study: _slope(study.of("input").train["mean_abs"]),
        (-0.05, 0.0),
    ),
    Claim(
        "3",
        "2",
        "D_train: the two means are of similar size",
        "smallest geometric / arithmetic mean over d, J_I",
        lambda study: (study.of("input").train["geometric_mean"] / study.of("input").train["mean_abs"]).min(),
        (0.5, 1.0),
    ),
    Claim(
        "4",
        "3",
        "D_train: the left tail of log|λ| grows longer with d",
        "rank correlation of d with median − 1 % quantile, J_I",
        _tail_grows,
        (0.5, 1.0),
    ),
    Claim(
        "5",
        "3",
        "D_train: near-zero eigenvalues do not appear in quantity",
        "smallest 1 % quantile of |λ| over d, J_I",
        lambda study: _smallest_percent(study.of("input").train).min(),
        (0.01, math.inf),
    ),
    Claim(
        "6",
        "5",
        "D_train: orientation is reversed at very few points",
        "largest share of points over d, J_I, where orientation is defined",
        lambda study: study.of("input").train["reversed_share"].max(),
        (0.0, 0.05),
    ),
    Claim(
        "7",
        "6",
        "D_train: |Arg λ| is small",
        "largest third quartile over d, J_I, in units of π",
        lambda study: _quantile(study.of("input").train, "abs_arg", 0.75).max() / math.pi,
        (0.0, 0.25),
    ),
    Claim(
        "8",
        "2",
        "D_train: all of this is consistent across architectures",
        "standard deviation of mean |λ| over d / its mean, J_I",
        lambda study: _spread(study.of("input").train["mean_abs"]) / study.of("input").train["mean_abs"].mean(),
        (0.0, 0.15),
    ),
    Claim(
        "9a",
        "2",
        "the arithmetic mean of |λ| varies more across d than for D_train",
        "share of the sets, J_I",
        lambda study: _varies_more(study, lambda data: data["mean_abs"]),
        EVERY,
    ),
    Claim(
        "9b",
        "2",
        "the geometric mean of |λ| varies more across d than for D_train",
        "share of the sets, J_I",
        lambda study: _varies_more(study, lambda data: data["geometric_mean"]),
        EVERY,
    ),
    Claim(
        "10",
        "2",
        "large d: mean |λ| of J_I in three clusters, dark above moderate above bright",
        "share of the large d where the clusters lie apart",
        lambda study: _clusters(study, "input"),
        EVERY,
    ),
    Claim(
        "11",
        "2",
        "mean |λ| of J_L does not cluster so",
        "share of the large d where the clusters lie apart",
        lambda study: _clusters(study, "latent"),
        (0.0, 0.5),
    ),
    Claim(
        "12",
        "2",
        "mean |λ| eventually drops below D_train's",
        "share of (set, Jacobian) at the largest d",
        lambda study: _share((study.others["mean_abs"] < study.train["mean_abs"]).isel(latent_dim=-1)),
        EVERY,
    ),
    Claim(
        "13",
        "2",
        "small d: mean |λ| of J_L of many sets is far from D_train's",
        "share of the sets more than a quarter away, on average over small d",
        _mean_far_from_train,
        (0.5, 1.0),
    ),
    Claim(
        "14",
        "4",
        "standard deviation of log|λ| of J_I above D_train's for every set and d",
        "share of (set, d)",
        lambda study: _share(study.of("input").others["log_abs_std"] > study.of("input").train["log_abs_std"]),
        EVERY,
    ),
    Claim(
        "15",
        "3",
        "the median of log|λ| varies more across d than D_train's",
        "share of the sets, J_I",
        lambda study: _varies_more(study, lambda data: _quantile(data, "log_abs", 0.5)),
        EVERY,
    ),
    Claim(
        "16",
        "5",
        "large d: half of the points reverse orientation under J_I, but for dark sets",
        "largest distance of a set's share from one half, mean over large d",
        _coin,
        (0.0, 0.1),
    ),
    Claim(
        "17a",
        "6",
        "|Arg λ| covers a wider range than for D_train",
        "share of the sets with a larger 95 % quantile, mean over d, J_I",
        _wider_angles,
        EVERY,
    ),
    Claim(
        "17b",
        "6",
        "… any angle for bright sets, narrower for darker ones",
        "rank correlation of a set's mean pixel with that quantile",
        _angles,
        (0.5, 1.0),
    ),
    Claim(
        "18",
        "1",
        "the reconstruction error is small only for D_train",
        "smallest ratio of a set's mean squared error to D_train's, over sets and d",
        lambda study: (study.others["reconstruction_mse_mean"] / study.train["reconstruction_mse_mean"]).min(),
        (2.0, math.inf),
    ),
]
