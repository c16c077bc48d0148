"""Decoded samples, each above the training image nearest to it, in pixels."""

from math import isqrt

import numpy as np
from matplotlib.figure import Figure

from ..summary.prior_study import PriorStudy
from . import style

COLUMNS = 10

IMAGE = 0.27
"""Width of an image in inches."""

GAP, WIDE_GAP = 0.06, 0.6
"""Between images, and between the sources, in widths of an image."""

BLACK = {"image": 0.0, "neighbour": 0.45}
"""Gray level that black is drawn as: nobody shall take an image for a sample."""


@style.paper()
def draw(study: PriorStudy, latent_dim: int) -> Figure:
    """Samples of the first seed, of every family: left from the prior, right from what was fitted to its latents.

    That is the flow, where the family has one, else a Gaussian mixture. Below each sample stands, lighter, the training
    image nearest to it. Gray levels go from 0, black, to 1, white.
    """
    data = study.samples[["image", "neighbour"]].isel(seed=0).sel(latent_dim=latent_dim)
    side = isqrt(data.sizes["pixel"])
    columns = min(COLUMNS, data.sizes["shown"])
    step, between = 1 + GAP, columns * (1 + GAP) + WIDE_GAP
    height, width = len(study.families) * (2 * step + WIDE_GAP / 2), 2 * between
    figure = Figure(figsize=(IMAGE * width + 1.2, IMAGE * height + 0.4), layout="constrained")
    ax = figure.subplots()
    centres = []
    for row, (name, family) in enumerate(study.families.items()):
        top = row * (2 * step + WIDE_GAP / 2)
        for place, source in enumerate(("prior", "flow" if family["kind"] == "flow" else "mixture")):
            cells = data.sel(family=name, source=source)
            for column in range(columns):
                left = place * between + column * step
                for below, (images, black) in enumerate(BLACK.items()):
                    pixels = cells[images].isel(shown=column).values.reshape(side, side).astype(np.float64)
                    extent = (left, left + 1, top + below * step + 1, top + below * step)
                    shown = black + (1 - black) * pixels / 255
                    ax.imshow(shown, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="none")
        centres.append(top + step)
    ax.set_xlim(0, width - WIDE_GAP)
    ax.set_ylim(height, 0)
    ax.set_yticks(centres, list(study.families))
    ax.set_xticks([place * between + columns * step / 2 for place in (0, 1)], ["prior", "fitted afterwards"])
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    ax.set_title(f"$d = {latent_dim}$", loc="left")
    return figure
