"""How well points out of distribution are told from points in it, by score, set and d."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..summary.battery import MAIN, worst_and_mean
from . import panels, style

COLORS = dict(zip(("reconstruction", "latent", "spectra", "union"), sns.color_palette("colorblind", 4), strict=True))
SECOND = ("two_sided", "knn")
"""Ends of the names of scores that are drawn dashed."""


@style.paper()
def draw(rows: Sequence[dict[str, Any]]) -> Figure:
    """The area under the ROC curve of eight scores: of every set at the largest d, and over all sets against d.

    Parameters
    ----------
    rows : Sequence[dict]
        Of one family, by summary.battery.read_rows.
    """
    d = max(row["latent_dim"] for row in rows)
    seeds = sorted({row["seed"] for row in rows})
    sets = list(dict.fromkeys((row["group"], row["dataset"]) for row in rows))
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 2.2 + 0.16 * len(sets) + 2.4), layout="constrained")
    parts: np.ndarray = np.asarray(figure.subfigures(2, 1, height_ratios=[1.2 + 0.2 * len(sets), 2.6]))
    over, below = parts
    _of_sets(over.subplots(), [row for row in rows if row["latent_dim"] == d], sets)
    over.suptitle(f"$d = {d:g}$" + (f", the lower of {len(seeds)} seeds" if len(seeds) > 1 else ""))
    for ax, (name, of_battery) in zip(below.subplots(1, 2, sharey=True), worst_and_mean(rows).items(), strict=True):
        for score in MAIN:
            for seed in seeds:
                curve = sorted((d, value) for (each, d, of), value in of_battery.items() if (each, of) == (score, seed))
                ax.plot(*np.array(curve).T, **_line(score))
        ax.axhline(0.5, **style.REFERENCE)
        panels.latent_dim_axis(ax, np.array(sorted({row["latent_dim"] for row in rows})))
        ax.set(xlabel="$d$", title=f"{name} over the sets")
    below.axes[0].set_ylabel("area under the ROC curve")
    style.legend_below(below, [Line2D([], [], label=_label(score), **_line(score)) for score in MAIN], columns=4)
    return figure


def _of_sets(ax: Axes, rows: Sequence[dict[str, Any]], sets: list[tuple[str, str]]) -> None:
    """A square for every set and score, its number in it, groups apart."""
    areas = np.full((len(sets), len(MAIN)), np.nan)
    for row in rows:
        if row["detector"] in MAIN:
            place = sets.index((row["group"], row["dataset"])), MAIN.index(row["detector"])
            areas[place] = np.fmin(areas[place], row["auroc"])
    columns = [_label(score) for score in MAIN]
    named = [f"{group}: {style.dataset_label(name)}" for group, name in sets]
    panels.numbers(ax, areas, columns, named, most=1, colors="RdBu", form=".2f", size=6.5)
    ax.tick_params(axis="x", rotation=30)
    for label in ax.get_xticklabels():
        label.set_horizontalalignment("right")
    groups = [group for group, _name in sets]
    for line in range(1, len(sets)):
        if groups[line] != groups[line - 1]:
            ax.axhline(line, color="black", linewidth=0.8)


def _label(score: str) -> str:
    return score.replace("_", " ").replace("two sided", "two-sided").replace("knn", "k-NN").replace("maha", "Maha")


def _line(score: str) -> dict[str, Any]:
    return {
        "color": COLORS[score.split("_")[0]],
        "linestyle": "--" if score.endswith(SECOND) else "-",
        "marker": "s" if score.endswith(SECOND) else "o",
        "markersize": 2.2,
    }
