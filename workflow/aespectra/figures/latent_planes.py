"""Where two latent units put held-out images, by class, over the contours of the prior."""

from typing import Any

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from ..summary.prior_study import PriorStudy
from . import panels, style

COLUMNS = 5

CLASSES = ["#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499", "#777777"]
"""Ten colours that most readers tell apart (Paul Tol's muted, and gray); the numerals on them do the rest."""

CONTOUR: dict[str, Any] = {"fill": False, "edgecolor": "black", "linewidth": 0.6, "zorder": 3}


@style.paper()
def draw(study: PriorStudy) -> Figure:
    """Latents that the decoder sees in training, of the first seed, coloured by class, numerals at their medians.

    Of a flow, where it puts the latents of the plain autoencoder.

    Circles hold 39, 86 and 99 % of N(0, I), radii 1, 2 and 3; the square is the uniform prior. Axes are equal to scale,
    and reach as far as 98 % of the latents.
    """
    points = study.samples["point"].isel(seed=0)
    labels = study.samples["label"].values
    figure, axes = panels.grid_of_panels(len(study.families), COLUMNS, height=1.5)
    for ax, family in zip(axes, study.families, strict=True):
        _plane(ax, points.sel(family=family, view=study.compared(family)), labels)
        if study.prior(family) == "gaussian":
            for radius in (1, 2, 3):
                ax.add_patch(Circle((0, 0), radius, **CONTOUR))
        else:
            ax.add_patch(Rectangle((-(3**0.5), -(3**0.5)), 2 * 3**0.5, 2 * 3**0.5, **CONTOUR))
        ax.set_title(family)
    return figure


def _plane(ax: Axes, points: xr.DataArray, labels: np.ndarray) -> None:
    z = points.transpose("at", "axis").values
    colors = mpl.colors.ListedColormap(CLASSES)
    ax.scatter(
        z[:, 0], z[:, 1], c=labels % len(CLASSES), cmap=colors, vmin=-0.5, vmax=9.5, s=1, linewidths=0, rasterized=True
    )
    for label in np.unique(labels):
        x, y = np.median(z[labels == label], axis=0)
        text = ax.text(x, y, str(label), ha="center", va="center", fontsize=7, fontweight="bold", zorder=4)
        text.set_path_effects([mpl.patheffects.withStroke(linewidth=1.5, foreground="white")])
    reach = max(3.2, *np.quantile(np.abs(z), 0.98, axis=0))
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-reach, reach)
    ax.set_aspect("equal")
