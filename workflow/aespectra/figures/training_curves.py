"""How the training went: loss against epoch, and at the end; beside the paper's figures."""

from math import ceil
from typing import Any

import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..summary.file import Summary
from . import panels, style

COLUMNS = 3

ALIVE: dict[str, Any] = {"marker": "o", "markersize": 3.7, "markeredgewidth": 0}
DEAD: dict[str, Any] = panels.DEAD | {"markersize": 4.5, "markeredgewidth": 1.2}


@style.paper()
def draw(study: Summary) -> Figure:
    """Training loss against epoch, a panel for each seed and a line for each d; last, the loss after training.

    The last panel is also the key to the colours, one for each d. A line there joins the autoencoders of one seed;
    those with a dead bottleneck are crosses.
    """
    loss = _trained(study.by_seed["loss"].transpose("seed", "latent_dim", "epoch"))
    latent_dims = loss["latent_dim"].values
    colors = sns.color_palette("flare", len(latent_dims))

    columns = min(COLUMNS, loss.sizes["seed"] + 1)
    rows = ceil((loss.sizes["seed"] + 1) / columns)
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 2.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for ax in axes.flat[loss.sizes["seed"] + 1 :]:
        ax.remove()
    *of_seeds, last = axes.flat[: loss.sizes["seed"] + 1]
    epochs = np.arange(1, loss.sizes["epoch"] + 1)
    for ax, seed in zip(of_seeds, loss["seed"].values, strict=True):
        for curve, color in zip(loss.sel(seed=seed).values, colors, strict=True):
            ax.plot(epochs, curve, color=color)
        ax.set_title(f"seed {seed}")
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    for seed in loss["seed"].values:
        at_end = loss.sel(seed=seed).isel(epoch=-1).values
        last.plot(latent_dims, at_end, color="0.7", zorder=1)
        dead = study.by_seed["dead"].sel(seed=seed).values
        for place, (value, color) in enumerate(zip(at_end, colors, strict=True)):
            last.plot(latent_dims[place], value, color=color, **(DEAD if dead[place] else ALIVE))
    last.set_title("after training")
    panels.latent_dim_axis(last, latent_dims)
    last.set_xlabel("$d$")
    panels.log_axis(last)
    for ax in axes[:, 0]:
        ax.set_ylabel("training loss")
    return figure


def _trained(loss: xr.DataArray) -> xr.DataArray:
    """Up to the last epoch of which any loss is known: nan fills the rest where another family has more epochs."""
    known = np.flatnonzero(loss.notnull().any(["seed", "latent_dim"]))
    return loss.isel(epoch=slice(known[-1] + 1)) if known.size else loss
