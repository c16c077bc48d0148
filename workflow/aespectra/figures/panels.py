"""What stands in several figures: titles of the sets, axes over the latent dimension, lines, boxes, legends."""

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

FEW = 3
"""Seeds up to which each has a line of its own; of more their median has one, in a band."""

SEED_LINES: list[Any] = ["-", (0, (3, 1.2)), (0, (1, 1))]

BAND: dict[str, Any] = {"alpha": 0.18, "linewidth": 0}
"""From the least to the greatest of many seeds."""

DEAD: dict[str, Any] = {"linestyle": "none", "marker": "x", "markersize": 3.2, "markeredgewidth": 0.8}
"""A network with a dead bottleneck: no line goes through it."""

SEED_MEDIANS: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 1.8,
    "markeredgewidth": 0.4,
    "color": "white",
    "markeredgecolor": "black",
    "alpha": 0.6,
    "gid": style.DETAIL,
}
"""Of each seed, upon a box of all."""

LABEL_SIZE = 6.5
"""Of the names of sets beside their lines."""

DIGITS = 6
"""Of where they stand, in heights of the panel: the last bits of a logarithm are another processor's own."""

LEADER: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2, "relpos": (0, 0.5)}
"""From such a name to its line."""

TAILS: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 1.6,
    "markeredgewidth": 0,
    "gid": style.DETAIL,
}
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
    """Statistic ``name`` of every set against d: a line for each of FEW seeds, else their median in a band.

    Of one Jacobian, or, where the statistic is of neither, of None. Networks with a dead bottleneck are crosses.
    """
    latent_dims = study.by_seed["latent_dim"].values
    dead = study.by_seed["dead"].transpose("latent_dim", "seed").values
    for dataset, look in style.dataset_looks(study.by_seed).items():
        values = _of_seeds(study, name, dataset, jacobian)
        alive = np.where(dead, np.nan, values)
        if values.shape[1] <= FEW:
            for index, of_seed in enumerate(alive.T):
                ax.plot(latent_dims, of_seed, **_line(look, index))
        else:
            least, median, greatest = (
                of_seeds(np.ma.masked_invalid(alive), axis=1).filled(np.nan)
                for of_seeds in (np.ma.min, np.ma.median, np.ma.max)
            )
            ax.fill_between(latent_dims, least, greatest, color=look.color, zorder=look.zorder - 0.5, **BAND)
            ax.plot(latent_dims, median, **_line(look))
        if dead.any():
            of_dead = latent_dims[np.nonzero(dead)[0]], values[dead]
            ax.plot(*of_dead, color=look.color, zorder=look.zorder - 0.2, **DEAD)
    latent_dim_axis(ax, latent_dims)


def labels_of_sets(ax: Axes, name: str, jacobian: str | None, study: Summary) -> None:
    """The name of every set right of a panel of ``lines_of_sets``, joined to where its first line ends.

    Lines that lie on each other are told apart so. To be called when the y axis has its scale and limits.
    """
    dead = study.by_seed["dead"].transpose("latent_dim", "seed").values
    right = study.by_seed["latent_dim"].values[-1]
    ends = {}
    for dataset, look in style.dataset_looks(study.by_seed).items():
        values = _of_seeds(study, name, dataset, jacobian)[-1][~dead[-1]]
        values = values[np.isfinite(values)]
        if len(values):
            end = values[0] if study.by_seed.sizes["seed"] <= FEW else np.median(values)
            end = (ax.transData + ax.transAxes.inverted()).transform((right, end))[1]
            end = round(end, DIGITS)
            if 0 <= end <= 1:  # else not to be seen, as 0 on a logarithmic axis
                ends[dataset] = look, end
    if not ends:
        return
    inches = ax.get_window_extent().height / style.SETTINGS["figure.dpi"]  # about: before the layout
    height = style.LINE_SPACING * LABEL_SIZE / 72 / inches
    order = sorted(ends, key=lambda dataset: ends[dataset][1])
    places = _apart(np.array([ends[dataset][1] for dataset in order]), height)
    for dataset, place in zip(order, places, strict=True):
        look, end = ends[dataset]
        ax.annotate(
            look.label,
            (right, end),
            (1.05, place),
            xycoords=("data", "axes fraction"),
            textcoords="axes fraction",
            fontsize=LABEL_SIZE,
            va="center",
            annotation_clip=False,
            gid=style.DETAIL,
            arrowprops=LEADER | {"color": look.color},
        )


def _apart(values: np.ndarray, height: float) -> np.ndarray:
    """Rising values, one or more, moved as little as makes them ``height`` apart, by least squares."""
    from scipy.optimize import isotonic_regression  # only here: its import would slow every other figure

    steps = np.arange(len(values)) * height
    return np.round(isotonic_regression(values - steps).x + steps, DIGITS)


def legend_of_sets(figure: Figure, study: Summary) -> None:
    """The legend of ``lines_of_sets``, the sets from dark to bright."""
    handles: list[Artist] = [
        Line2D([], [], label=look.label, **_line(look)) for look in style.dataset_looks(study.by_seed).values()
    ]
    style.legend_below(figure, [*handles, *seed_handles(study), *dead_handle(study)], columns=4)


def seed_handles(study: Summary) -> list[Artist]:
    """What a line is, in a legend: the seed's, or the median of many."""
    seeds = study.by_seed["seed"].values
    if len(seeds) > FEW:
        label = f"median of {len(seeds)} seeds"
        median: list[Artist] = [Line2D([], [], color="0.3", label=label)]
        return [*median, Patch(color="0.3", label="least to greatest", **BAND)]
    lines = {f"seed {seed}": seed_line("0.3", index) for index, seed in enumerate(seeds)} if len(seeds) > 1 else {}
    return [Line2D([], [], color="0.3", marker="o", label=label, **line) for label, line in lines.items()]


def seed_line(color: str, index: int) -> dict[str, Any]:
    """How the line of one of FEW seeds differs from another's, by its place: dashes, and markers that are hollow."""
    fill = {"markeredgecolor": "white"} if index == 0 else {"markerfacecolor": "white", "markeredgecolor": color}
    return {"linestyle": SEED_LINES[index]} | fill


def dead_handle(study: Summary) -> list[Artist]:
    """What a cross is, in a legend, where there are any."""
    return [Line2D([], [], color="0.3", label="bottleneck dead", **DEAD)] if study.by_seed["dead"].any() else []


def _of_seeds(study: Summary, name: str, dataset: str, jacobian: str | None) -> np.ndarray:
    """(latent_dim, seed) of one statistic."""
    values = study.by_seed[name].sel({"dataset": dataset} | ({} if jacobian is None else {"jacobian": jacobian}))
    return values.transpose("latent_dim", "seed").values


def boxes(ax: Axes, name: str, dataset: str, study: Summary) -> None:
    """Box plots of ``name`` on one set against d, J_I and J_L side by side, at places by index.

    Boxes are the quartiles of the pooled seeds, whiskers end by Tukey's rule, dots beyond are the first and the last
    percentile, white dots the median of each seed. Networks with a dead bottleneck are left out, a cross below each.
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
            alive = medians.where(~study.by_seed["dead"]).transpose("latent_dim", "seed").values
            ax.plot(places + offset, alive, zorder=3, **SEED_MEDIANS)
    crosses(ax, places, study)
    box_axis(ax, latent_dims)


def crosses(ax: Axes, places: np.ndarray, study: Summary) -> None:
    """One above another at the foot of a panel, for each network of a d whose bottleneck is dead."""
    for place, many in zip(places, study.by_seed["dead"].sum("seed").values, strict=True):
        if many:
            heights = 0.02 + 0.035 * np.arange(many)
            ax.plot(np.full(many, place), heights, transform=ax.get_xaxis_transform(), color="0.3", **DEAD)


def share_by_jacobian(ax: Axes, name: str, dataset: str, study: Summary) -> None:
    """A share of the eigenvalues on one set, for the strip below ``boxes``."""
    for offset, (jacobian, look) in zip((-0.2, 0.2), style.JACOBIANS.items(), strict=True):
        values = _of_seeds(study, name, dataset, jacobian)
        bars(ax, np.arange(len(values)) + offset, values, 0.36, look.color)


def bars(ax: Axes, places: np.ndarray, values: np.ndarray, width: float, color: str) -> None:
    """A bar for each of FEW seeds side by side, of (place, seed) values, dead or not; else one up to their median."""
    if values.shape[1] > FEW:
        values = np.median(values, axis=1, keepdims=True)
    own = width / values.shape[1]
    for index, of_seed in enumerate(values.T):
        ax.bar(places + own * (index + 0.5) - width / 2, of_seed, width=0.92 * own, color=color, linewidth=0)


def legend_of_boxes(figure: Figure, study: Summary) -> None:
    """The legend of ``boxes``."""
    handles: list[Artist] = [
        Patch(facecolor=look.tint, edgecolor=look.color, linewidth=0.8, label=look.label)
        for look in style.JACOBIANS.values()
    ]
    handles.append(Line2D([], [], color="black", label="1st, 99th percentile", **TAILS))
    if study.by_seed.sizes["seed"] > 1:
        handles.append(Line2D([], [], label="median of each seed", **SEED_MEDIANS))
    style.legend_below(figure, [*handles, *dead_handle(study)], columns=5)


def _line(look: style.DatasetLook, index: int = 0) -> dict[str, Any]:
    """Of one of FEW seeds, by its place."""
    line = {"color": look.color, "marker": look.marker, "linewidth": look.linewidth, "zorder": look.zorder}
    return line | seed_line(look.color, index)


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
