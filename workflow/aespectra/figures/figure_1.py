"""Figure 1: how far the spectra of J_I and J_L lie apart, in and out of distribution."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..summary.file import Summary
from . import panels, style

FLOOR = 1e-8
"""Smaller differences, mostly zeros but for the rounding of float32 eigenvalues, are drawn here."""

QUARTILES: dict[str, Any] = {"linewidth": 3.5, "alpha": 0.35}
MEDIAN: dict[str, Any] = {"marker": "o", "markersize": 3}
MEANS: dict[str, Any] = {
    "linewidth": 0.7,
    "linestyle": (0, (3, 1.5)),
    "marker": "_",
    "markersize": 3.5,
    "markeredgewidth": 0.7,
    "gid": style.DETAIL,
}


@style.paper()
def draw(study: Summary, representatives: dict[str, str]) -> Figure:
    """‖λ_J_I − λ_J_L‖²/d against d, a panel for each of four sets.

    Lines with dots are the median over the points, bars reach from their lower to their upper quartile: of each seed,
    or of the points of all where there are many seeds. Dashed lines are the mean of each seed. Strips: the share of
    points x whose reconstruction y has the same encoder pattern; there both spectra agree exactly. Networks with a dead
    bottleneck are left out but for the strips, a cross below each.
    """
    titles = panels.titles_of_sets(study, representatives)
    figure, axes, strips = panels.panels_with_strips(
        list(titles.values()), r"$\Vert\lambda_{J_I}-\lambda_{J_L}\Vert^2/d$", "same\npattern"
    )
    looks = style.dataset_looks(study.pooled)
    for ax, strip, dataset in zip(axes, strips, titles, strict=True):
        _differences(ax, dataset, looks[dataset].color, study)
        share = study.by_seed["same_pattern_share"].sel(dataset=dataset).transpose("latent_dim", "seed")
        panels.bars(strip, share["latent_dim"].values, share.values, 0.6, looks[dataset].color)
    panels.log_axis(axes[0])
    panels.share_axis(strips[0])
    handles = [
        Line2D([], [], color="0.3", label="median", **MEDIAN),
        Line2D([], [], color="0.3", label="quartiles", **QUARTILES),
        Line2D([], [], color="0.3", label="mean of each seed", **MEANS),
    ]
    seeds = panels.seed_handles(study) if study.by_seed.sizes["seed"] <= panels.FEW else []
    style.legend_below(figure, [*handles, *seeds, *panels.dead_handle(study)], columns=6)
    return figure


def _differences(ax: Axes, dataset: str, color: str, study: Summary) -> None:
    by_seed, pooled = study.by_seed.sel(dataset=dataset), study.pooled.sel(dataset=dataset)
    by_seed = by_seed.where(~by_seed["dead"])
    latent_dims = pooled["latent_dim"].values
    few = by_seed.sizes["seed"] <= panels.FEW
    shown = [by_seed.sel(seed=seed) for seed in by_seed["seed"].values] if few else [pooled]
    for index, data in enumerate(shown):
        places = latent_dims + 0.24 * (index - (len(shown) - 1) / 2)
        lower, median, upper = (
            _above_floor(data["difference_quantiles"].sel(quantile=quantile)) for quantile in (0.25, 0.5, 0.75)
        )
        ax.vlines(places, lower, upper, color=color, **QUARTILES | {"linewidth": 3.5 / len(shown)})
        ax.plot(places, median, color=color, **MEDIAN | panels.seed_line(color, index))
    mean = _above_floor(by_seed["difference_mean"].transpose("latent_dim", "seed"))
    ax.plot(latent_dims, mean, color=color, **MEANS)
    panels.crosses(ax, latent_dims, study)
    panels.latent_dim_axis(ax, latent_dims)


def _above_floor(values: xr.DataArray) -> np.ndarray:
    return values.clip(min=FLOOR).values
