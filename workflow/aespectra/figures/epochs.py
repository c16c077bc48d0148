"""The course of the training: when spectra settle, when tiny eigenvalues go, when units die."""

from typing import Any

import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from ..summary.file import Summary
from . import panels, style

JACOBIAN = "input"

LABELS = (
    r"median of $|\lambda|$",
    "1st percentile\n" + r"of $|\lambda|$",
    "orientation\nreversed",
    r"$\lambda$ zero",
)
"""Of the y axes of the rows."""


@style.paper()
def draw(study: Summary, representatives: dict[str, str]) -> Figure:
    """Statistics of the eigenvalues of J_I against the epochs trained; a row each, a column for each of four sets.

    Epochs, 0 the initial weights, stand at even distances. A colour is a d, a line a network. Percentiles are of the
    non-zero eigenvalues; orientation is shown unless it is of too few points. Crosses are networks with a dead
    bottleneck. The thin lines are |λ| = 1 and one half. ``study`` is of one family, by_epoch.
    """
    titles = panels.titles_of_sets(study, representatives)
    data = study.by_seed.sel(jacobian=JACOBIAN)
    latent_dims, epochs = data["latent_dim"].values, data["epoch"].values
    colors = dict(zip(latent_dims, sns.color_palette("flare", len(latent_dims)), strict=True))
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 6.4), layout="constrained")
    axes = figure.subplots(len(LABELS), len(titles), sharex=True, sharey="row", squeeze=False)
    for row, (label, values) in zip(axes, zip(LABELS, _quantities(data), strict=True), strict=True):
        for ax, dataset in zip(row, titles, strict=True):
            _lines(ax, values.sel(dataset=dataset), data["dead"], colors)
        row[0].set_ylabel(label, linespacing=style.LINE_SPACING)
    for ax in (*axes[0], *axes[1]):
        panels.log_axis(ax)
        ax.axhline(1, **style.REFERENCE)
    for ax in (*axes[2], *axes[3]):
        ax.set_ylim(-0.04, 1.04)
        ax.yaxis.set_major_formatter(PercentFormatter(1))
    for ax in axes[2]:
        ax.axhline(0.5, **style.REFERENCE)
    for ax, title in zip(axes[0], titles.values(), strict=True):
        ax.set_title(title.replace(": ", ":\n"), linespacing=style.LINE_SPACING)
    for ax in axes[-1]:
        ax.set_xticks(np.arange(len(epochs)), [str(epoch) for epoch in epochs])
        ax.set_xlabel("epochs")
    handles = [Line2D([], [], color=color, label=f"$d$ = {d}") for d, color in colors.items()]
    handles += [
        Line2D([], [], color="black", linestyle=line, label=f"seed {seed}")
        for seed, line in zip(data["seed"].values, panels.SEED_LINES, strict=False)
    ]
    style.legend_below(figure, [*handles, *panels.dead_handle(study)], columns=6)
    return figure


def _quantities(data: xr.Dataset) -> list[xr.DataArray]:
    """In the order of LABELS, each with epoch, latent_dim, dataset and seed."""
    norms = xr.ufuncs.exp(data["log_abs_quantiles"])
    return [
        norms.sel(quantile=0.5),
        norms.sel(quantile=0.01),
        data["reversed_share"],
        data["zero_share"],
    ]


def _lines(ax: Axes, values: xr.DataArray, dead: xr.DataArray, colors: dict[int, Any]) -> None:
    for d, color in colors.items():
        for index, seed in enumerate(values["seed"].values):
            of_network, its_dead = (each.sel(latent_dim=d, seed=seed) for each in (values, dead))
            line = panels.SEED_LINES[index % len(panels.SEED_LINES)]
            ax.plot(of_network.values, color=color, linestyle=line, marker="o", markersize=2, markeredgewidth=0)
            ax.plot(of_network.where(its_dead).values, color=color, **panels.DEAD)
