"""Claims over many seeds: the statistic of every training, those of the paper's two seeds marked."""

from collections import defaultdict
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..claims.pairs import OfPairs
from . import panels, style

COLORS = {"holds": "#2166ac", "holds in most cases": "#92c5de", "does not hold": "#b2182b", "not testable": "0.6"}
"""Of verdicts, from blue to red; the share beside the row says the same without colour."""

COLUMNS = 3

STEP = 0.08
"""Between dots that would hide each other, in rows."""


@style.paper()
def draw(rows: list[OfPairs], marked: list[str]) -> Figure:
    """A row for every claim and Jacobian, in columns; a dot a seed, equal ones above each other, the ``marked`` ringed.

    Only of claims whose statistic is a share of cases, from none to all, and that are testable. The dots have the
    colour of the verdict by all seeds; right of them is the share of the pairs of seeds that come to another verdict
    than most pairs.
    """
    shown = [row for row in rows if not row.single and not np.isnan(list(row.values.values())).all()]
    height = ceil(len(shown) / COLUMNS)
    figure, axes = panels.grid_of_panels(COLUMNS, COLUMNS, height=0.19 * height + 0.5, sharex=True)
    for ax, start in zip(axes, range(0, len(shown), height), strict=False):
        part = shown[start : start + height]
        for place, row in enumerate(part):
            for seed, (value, beside) in _spread(row.values).items():
                ring = seed in marked
                ax.plot(
                    value,
                    place + beside,
                    "o",
                    color=COLORS[row.of_all],
                    markersize=4.2 if ring else 2.6,
                    markeredgecolor="black" if ring else "none",
                    markeredgewidth=0.7,
                    alpha=0.9,
                    clip_on=False,
                )
            ax.text(1.06, place, f"{row.otherwise:.0%}", va="center", fontsize=7)
        labels = [f"{row.claim} {style.JACOBIANS[row.jacobian].label if row.jacobian else ''}" for row in part]
        ax.set_yticks(range(len(part)), labels)
        ax.set_ylim(height - 0.5, -0.8)
        ax.set_xlim(-0.04, 1.04)
        ax.set_xlabel("share of the cases that meet the bound")
        ax.set_title("pairs that differ", loc="right", fontsize=7)
    handles = [Line2D([], [], linestyle="none", marker="o", markersize=3, color=c, label=n) for n, c in COLORS.items()]
    of_marked: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 0.7, "markersize": 4.2}
    label = f"seeds {' and '.join(marked)}"
    handles.append(Line2D([], [], linestyle="none", marker="o", color="white", label=label, **of_marked))
    style.legend_below(figure, handles, columns=len(handles))
    return figure


def _spread(values: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Every seed's place along and across its row: those that are the same to one in fifty stand above each other."""
    alike = defaultdict(list)
    for seed, value in values.items():
        alike[value if np.isnan(value) else round(value * 50)].append(seed)
    return {
        seed: (values[seed], (index - (len(seeds) - 1) / 2) * STEP)
        for seeds in alike.values()
        for index, seed in enumerate(seeds)
    }
