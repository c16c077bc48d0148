"""Networks whose bottleneck is dead, and shares of too few points: what figures do not join with others."""

import numpy as np
import xarray as xr

from .file import Summary
from .layout import GEOMETRY, STATISTICS


def dead_bottlenecks(data: xr.Dataset, dead: float) -> xr.DataArray:
    """Whether the bottleneck of a network is dead: there the sign of a determinant, and many a mean, are of zeros.

    Parameters
    ----------
    data : xr.Dataset
        Statistics with ``undefined_share``; D_train is the first set.
    dead : float
        Share of D_train's points with a zero eigenvalue of J_I from which it is.

    Returns
    -------
    xr.DataArray
        bool, of whatever dimensions ``undefined_share`` has beside dataset and jacobian.
    """
    return data["undefined_share"].sel(jacobian="input", drop=True).isel(dataset=0, drop=True) >= dead


def points_defined(data: xr.Dataset, samples: int) -> xr.DataArray:
    """How many of the ``samples`` points of each set have an orientation."""
    return ((1 - data["undefined_share"]) * samples).round()


def shares_known(data: xr.Dataset, points: float) -> xr.Dataset:
    """Statistics whose ``reversed_share`` is nan where it would be of fewer than so many points with an orientation."""
    known = points_defined(data, data.attrs["samples"]) >= points
    return data.assign(reversed_share=data["reversed_share"].where(known))


def for_figures(study: Summary, dead: float, points: float) -> Summary:
    """Statistics as figures show them.

    Parameters
    ----------
    study : Summary
        Of any number of families, and of epochs.
    dead : float
        As of dead_bottlenecks.
    points : float
        Points with an orientation below which a share of reversed ones is no number.

    Returns
    -------
    Summary
        ``by_seed`` has a variable ``dead`` more. ``pooled`` is of the other networks alone, nan where there are none:
        where one of several is left out, the mean over the rest of each statistic, which of quantiles is that of the
        pool if one network is left; ``without`` says which seeds are left out. ``reversed_share`` is nan where it would
        be of fewer than so many points.
    """
    by_seed = study.by_seed
    is_dead = dead_bottlenecks(by_seed, dead)
    by_seed = shares_known(by_seed, points).assign(dead=is_dead)
    pooled = study.pooled.assign(
        {
            name: each.where(~is_dead.any("seed"), by_seed[name].where(~is_dead).mean("seed")).transpose(*each.dims)
            for name, each in study.pooled.items()
            if name in STATISTICS | GEOMETRY
        }
    )
    alive = (~is_dead).sum("seed")
    known = points_defined(pooled, by_seed.attrs["samples"]) * alive >= points
    seeds = [str(seed) for seed in by_seed["seed"].values]
    without = xr.apply_ufunc(
        _named,
        is_dead,
        input_core_dims=[["seed"]],
        kwargs={"seeds": seeds},
        vectorize=True,
        output_dtypes=[object],  # else all are cut to the length of the first
    )
    return Summary(by_seed, pooled.assign(reversed_share=pooled["reversed_share"].where(known), without=without))


def _named(is_dead: np.ndarray, seeds: list[str]) -> str:
    return ", ".join(seed for seed, each in zip(seeds, is_dead, strict=True) if each)
