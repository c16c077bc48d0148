"""Geometry of the Jacobians: condition number, departure from normality, and volumes that the decoder stretches."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..summary.file import Summary
from . import panels, style

LABELS = (
    r"condition number $\sigma_1/\sigma_d$",
    "departure from normality",
    "decoder's stretch",
    "flattened by the decoder",
)


@style.paper()
def draw(study: Summary) -> Figure:
    """Medians over points against d, for every set; J_I left, J_L right.

    The condition number σ_1/σ_d, where σ_d is not zero; the departure from normality, (‖J‖²_F - Σ|λ|²)/‖J‖²_F. Last,
    of the decoder alone: the d-th root of the factor by which it stretches volumes, and the share of points where it
    flattens them. Lines, bands and crosses as in lines_of_sets.
    """
    study = Summary(*map(_with_medians, study))
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 6.6), layout="constrained")
    axes = figure.subplots(3, 2, sharex=True)
    for row in axes[:2]:
        row[1].sharey(row[0])
        row[1].tick_params(labelleft=False)
    for (jacobian, look), condition, departure in zip(style.JACOBIANS.items(), *axes[:2], strict=True):
        panels.lines_of_sets(condition, "condition", jacobian, study)
        panels.lines_of_sets(departure, "departure", jacobian, study)
        condition.set_title(look.label)
    panels.lines_of_sets(axes[2, 0], "stretch", None, study)
    panels.lines_of_sets(axes[2, 1], "flattened_share", None, study)
    for ax in axes[0, 0], axes[2, 0]:
        panels.log_axis(ax)
    for ax in axes[1, 0], axes[2, 1]:
        ax.set_ylim(-0.04, 1.04)
        ax.yaxis.set_major_formatter(PercentFormatter(1))
    for ax, label in zip((*axes[:, 0], axes[2, 1]), LABELS, strict=True):
        ax.set_ylabel(label)
    for ax in axes[2]:
        ax.set_xlabel("$d$")
    panels.legend_of_sets(figure, study)
    return figure


def _with_medians(data: xr.Dataset) -> xr.Dataset:
    medians = data.sel(quantile=0.5)
    return data.assign(
        condition=np.exp(medians["log_condition_quantiles"]),
        departure=medians["departure_quantiles"],
        stretch=np.exp(medians["log_volume_quantiles"] / data["latent_dim"]),
    )
