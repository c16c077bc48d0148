"""Local dimension: how many directions a Jacobian stretches by more than a factor, against that factor."""

from typing import Any

import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..summary.file import Summary
from . import panels, style

LINES: dict[str, dict[str, Any]] = {"input": {"linestyle": "-"}, "latent": {"linestyle": "--"}}
"""By Jacobian: colours are taken by d."""


@style.paper()
def draw(study: Summary, representatives: dict[str, str], latent_dims: list[int]) -> Figure:
    """Mean number of singular values above a threshold, against it; a panel for each of four sets.

    A colour for each d of ``latent_dims`` that the study has, solid J_I, dashed J_L, the points of all seeds together
    but for dead bottlenecks. The thin line is σ = 1: what lies above it is stretched.
    """
    titles = panels.titles_of_sets(study, representatives)
    shown = [d for d in latent_dims if d in study.pooled["latent_dim"]]
    colors = dict(zip(shown, sns.color_palette("flare", len(shown)), strict=True))
    figure, axes = panels.grid_of_panels(len(titles), columns=2, height=2.2, sharex=True, sharey=True)
    thresholds = study.pooled["threshold"].values
    for ax, (dataset, title) in zip(axes, titles.items(), strict=True):
        of_set = study.pooled["local_dimension"].sel(dataset=dataset)
        for d, color in colors.items():
            for jacobian, line in LINES.items():
                ax.plot(thresholds, of_set.sel(latent_dim=d, jacobian=jacobian), color=color, **line)
        ax.set_title(title)
        ax.set_xscale("log")
        ax.set_ylim(bottom=0)
        ax.axvline(1, **style.REFERENCE)
        ax.set_xlabel("threshold")
        ax.set_ylabel("singular values above it")
        ax.label_outer()
    handles = [Line2D([], [], color=color, label=f"$d$ = {d}") for d, color in colors.items()]
    for jacobian, line in LINES.items():
        handles.append(Line2D([], [], color="black", label=style.JACOBIANS[jacobian].label, **line))
    style.legend_below(figure, handles, columns=len(handles))
    return figure
