"""What stands in several figures: titles of the sets, axes over the latent dimension, lines, boxes, legends."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ..summary.file import Summary
from . import style

SEED_DOTS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 1.6, "markeredgewidth": 0, "alpha": 0.6}
"""Statistics of one seed beside those of all."""

SEED_MEDIANS: dict[str, Any] = SEED_DOTS | {
    "markersize": 1.8,
    "markeredgewidth": 0.4,
    "color": "white",
    "markeredgecolor": "black",
}
"""The same upon a box."""

TAILS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 1.6, "markeredgewidth": 0}
"""First and last percentile, where whiskers end before."""


def titles_of_sets(study: Summary, representatives: dict[str, str]) -> dict[str, str]:
    """The sets with a panel of their own, and its title: D_train, then bright, moderate and dark noise."""
    looks = style.dataset_looks(study.pooled)
    train = next(iter(looks))
    roles = {name: f"{role}: {looks[name].label}" for role, name in representatives.items()}
    return {train: looks[train].label} | roles


def panels_with_strips(titles: list[str], label: str, strip_label: str) -> tuple[Figure, list[Axes], list[Axes]]:
    """A figure of panels, two in a row, each with a strip below it for a share.

    The panels have one y axis in common, the strips another, and all of them the x axis.
    """
    columns = min(2, len(titles))
    rows = ceil(len(titles) / columns)
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 2.6 * rows + 0.4), layout="constrained")
    axes = figure.subplots(2 * rows, columns, sharex=True, height_ratios=[4, 1] * rows, squeeze=False)
    panels, strips = list(axes[0::2].flat), list(axes[1::2].flat)
    for ax in (*panels[len(titles) :], *strips[len(titles) :]):
        ax.remove()
    panels, strips = panels[: len(titles)], strips[: len(titles)]
    for index, (panel, strip, title) in enumerate(zip(panels, strips, titles, strict=True)):
        panel.set_title(title)
        panel.sharey(panels[0])
        strip.sharey(strips[0])
        strip.tick_params(labelbottom=True)
        strip.set_xlabel("$d$")
        if index % columns == 0:
            panel.set_ylabel(label)
            strip.set_ylabel(strip_label, linespacing=style.LINE_SPACING)
        else:
            panel.tick_params(labelleft=False)
            strip.tick_params(labelleft=False)
    return figure, panels, strips


def grid_of_panels(count: int, columns: int, height: float, **subplots: Any) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels, at most ``columns`` in a row; ``height`` of a row in inches."""
    columns = min(columns, count)
    rows = ceil(count / columns)
    figure = Figure(figsize=(style.DOUBLE_COLUMN, height * rows + 0.6), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False, **subplots).flat)
    for ax in axes[count:]:
        ax.remove()
    return figure, axes[:count]


def panels_by_jacobian(labels: list[str], height: float, **subplots: Any) -> tuple[Figure, np.ndarray]:
    """A figure with a column of panels for each Jacobian and a row for each y axis."""
    figure = Figure(figsize=(style.DOUBLE_COLUMN, height), layout="constrained")
    axes = figure.subplots(len(labels), 2, sharex=True, sharey="row", squeeze=False, **subplots)
    for ax, look in zip(axes[0], style.JACOBIANS.values(), strict=True):
        ax.set_title(look.label)
    for ax, label in zip(axes[:, 0], labels, strict=True):
        ax.set_ylabel(label)
    for ax in axes[-1]:
        ax.set_xlabel("$d$")
    return figure, axes


def latent_dim_axis(ax: Axes, latent_dims: np.ndarray) -> None:
    """An x axis to scale, with ticks at latent dimensions of the study, as many as can be read."""
    span = latent_dims[-1] - latent_dims[0]
    ticks = [latent_dims[0]]
    for latent_dim in latent_dims[1:]:
        if latent_dim - ticks[-1] >= span / 14:
            ticks.append(latent_dim)
    ax.set_xticks(ticks)
    margin = max(0.7, 0.03 * span)
    ax.set_xlim(latent_dims[0] - margin, latent_dims[-1] + margin)


def box_axis(ax: Axes, latent_dims: np.ndarray) -> None:
    """An x axis with a place for the boxes of each latent dimension, whatever lies between them."""
    every = ceil(len(latent_dims) / 20)
    ax.set_xticks(np.arange(len(latent_dims))[::every], [str(d) for d in latent_dims[::every]])
    ax.set_xlim(-0.7, len(latent_dims) - 0.3)


def share_axis(ax: Axes) -> None:
    """A y axis in percent from 0 to just above the largest share in any of the panels that have it in common."""
    top = np.nanmax([each.dataLim.y1 for each in ax.get_shared_y_axes().get_siblings(ax)])
    ax.set_ylim(0, min(1, 1.1 * top) if top > 0 else 1)
    ax.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))


def log_axis(ax: Axes) -> None:
    """A logarithmic y axis whose labels suit its range: powers of ten only where there are several of them."""
    if not any(np.isfinite(each.dataLim.minposy) for each in ax.get_shared_y_axes().get_siblings(ax)):
        return  # matplotlib has no logarithmic axis without a positive value
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    if high / low < 100:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if high / low > 5 else MaxNLocator(5))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def numbers(
    ax: Axes, values: np.ndarray, columns: list[str], rows: list[str], most: float, colors: str, form: str, size: float
) -> None:
    """A square for every value (rows, columns), coloured from 0 to ``most``, with its number in it."""
    sns.heatmap(
        values,
        ax=ax,
        vmin=0,
        vmax=most,
        cmap=colors,
        annot=True,
        fmt=form,
        annot_kws={"size": size},
        cbar=False,
        xticklabels=columns,
        yticklabels=rows,
    )
    ax.tick_params(length=0)


def lines_of_sets(ax: Axes, name: str, jacobian: str | None, study: Summary) -> None:
    """Statistic ``name`` of every set against d: lines for the seeds pooled, dots for each seed.

    Of one Jacobian, or, where the statistic is of neither, of None.
    """
    latent_dims = study.pooled["latent_dim"].values
    pooled, by_seed = (each[name].sel({} if jacobian is None else {"jacobian": jacobian}) for each in study[::-1])
    for dataset, look in style.dataset_looks(study.pooled).items():
        ax.plot(latent_dims, pooled.sel(dataset=dataset).values, **_line(look))
        if by_seed.sizes["seed"] > 1:
            values = by_seed.sel(dataset=dataset).transpose("latent_dim", "seed").values
            ax.plot(latent_dims, values, color=look.color, zorder=look.zorder - 0.5, **SEED_DOTS)
    latent_dim_axis(ax, latent_dims)


def legend_of_sets(figure: Figure, study: Summary) -> None:
    """The legend of ``lines_of_sets``, the sets from dark to bright."""
    handles = [Line2D([], [], label=look.label, **_line(look)) for look in style.dataset_looks(study.pooled).values()]
    if study.by_seed.sizes["seed"] > 1:
        handles.append(Line2D([], [], color="black", label="each seed", **SEED_DOTS))
    legend_below(figure, handles, columns=4)


def boxes(ax: Axes, name: str, dataset: str, study: Summary) -> None:
    """Box plots of ``name`` on one set against d, J_I and J_L side by side, at places by index.

    Boxes are the quartiles of the pooled seeds, whiskers end by Tukey's rule, dots beyond are the first and the last
    percentile, white dots the median of each seed.
    """
    latent_dims = study.pooled["latent_dim"].values
    places = np.arange(len(latent_dims))
    for offset, (jacobian, look) in zip((-0.2, 0.2), style.JACOBIANS.items(), strict=True):
        pooled = study.pooled.sel(dataset=dataset, jacobian=jacobian)
        stats = [_box(pooled.isel(latent_dim=place), name) for place in places]
        ax.bxp(
            stats,
            positions=places + offset,
            widths=0.36,
            patch_artist=True,
            manage_ticks=False,
            showfliers=False,
            showcaps=False,
            boxprops={"facecolor": look.tint, "edgecolor": look.color, "linewidth": 0.5},
            whiskerprops={"color": look.color, "linewidth": 0.6},
            medianprops={"color": "black", "linewidth": 0.9, "solid_capstyle": "butt"},
        )
        ax.plot(places + offset, _tails(pooled, name), color=look.color, **TAILS)
        if study.by_seed.sizes["seed"] > 1:
            medians = study.by_seed[f"{name}_quantiles"].sel(dataset=dataset, jacobian=jacobian, quantile=0.5)
            ax.plot(places + offset, medians.transpose("latent_dim", "seed").values, zorder=3, **SEED_MEDIANS)
    box_axis(ax, latent_dims)


def share_by_jacobian(ax: Axes, name: str, dataset: str, study: Summary) -> None:
    """A share of the eigenvalues on one set, for the strip below ``boxes``."""
    pooled = study.pooled[name].sel(dataset=dataset)
    for offset, (jacobian, look) in zip((-0.2, 0.2), style.JACOBIANS.items(), strict=True):
        values = pooled.sel(jacobian=jacobian).values
        ax.bar(np.arange(len(values)) + offset, values, width=0.36, color=look.color, linewidth=0)


def legend_of_boxes(figure: Figure, study: Summary) -> None:
    """The legend of ``boxes``."""
    handles: list[Artist] = [
        Patch(facecolor=look.tint, edgecolor=look.color, linewidth=0.8, label=look.label)
        for look in style.JACOBIANS.values()
    ]
    handles.append(Line2D([], [], color="black", label="1st, 99th percentile", **TAILS))
    if study.by_seed.sizes["seed"] > 1:
        handles.append(Line2D([], [], label="median of each seed", **SEED_MEDIANS))
    legend_below(figure, handles, columns=len(handles))


def legend_below(figure: Figure, handles: Sequence[Artist], columns: int) -> None:
    """A legend under all panels, where it covers no data."""
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def _line(look: style.DatasetLook) -> dict:
    return {
        "color": look.color,
        "marker": look.marker,
        "markeredgecolor": "white",
        "linewidth": look.linewidth,
        "zorder": look.zorder,
    }


def _box(cell: xr.Dataset, name: str) -> dict[str, float]:
    """What Axes.bxp draws, of one cell of the summary."""
    quartiles = cell[f"{name}_quantiles"].sel(quantile=[0.25, 0.5, 0.75]).values
    whiskers = cell[f"{name}_whiskers"].sel(whisker=["low", "high"]).values
    return dict(zip(("q1", "med", "q3", "whislo", "whishi"), (*quartiles, *whiskers), strict=True))


def _tails(pooled: xr.Dataset, name: str) -> np.ndarray:
    """(latent_dim, 2) first and last percentile, nan where the whiskers reach as far."""
    percentiles = pooled[f"{name}_quantiles"].sel(quantile=[0.01, 0.99]).transpose("latent_dim", "quantile").values
    whiskers = pooled[f"{name}_whiskers"].sel(whisker=["low", "high"]).transpose("latent_dim", "whisker").values
    return np.where((percentiles - whiskers) * [-1, 1] > 0, percentiles, np.nan)
