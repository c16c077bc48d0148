"""Tables I and II: what the autoencoders of one seed make of samples, in and out of distribution."""

from math import isqrt

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style

GAP = 0.1
"""Between images, in widths of an image."""

WIDE_GAP = 0.4
"""Between the originals and their reconstructions, and between sets."""

IMAGE = 0.4
"""Width of an image in inches, less where the column of a journal has no room for all of them."""

LABELS = 1.0
"""Width of the labels of the rows in inches."""


@style.paper()
def draw(study: Summary, representatives: dict[str, str], seed: int) -> Figure:
    """Reconstructions by the autoencoders of ``seed``: rows are samples of bright, moderate, dark noise and of D_train.

    The first column has the originals, the others their reconstructions with rising d. Gray levels go from 0, black,
    to 1, white; output of tanh below 0 is black.
    """
    train, *noise = panels.titles_of_sets(study, representatives).items()
    titles = dict([*noise, train])
    images = _images(study.by_seed.sel(seed=seed, dataset=list(titles)))
    mosaic, rows, columns = _mosaic(images)

    inches = min(IMAGE / images.shape[-1], (style.DOUBLE_COLUMN - LABELS) / mosaic.shape[1])
    height, width = (inches * length for length in mosaic.shape)
    figure = Figure(figsize=(width + LABELS, height + 0.5), layout="constrained")
    ax = figure.subplots()
    ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="none")
    ax.set_xticks(columns, ["$x$", *(str(d) for d in study.by_seed["latent_dim"].values)])
    ax.set_yticks(
        rows.mean(axis=1), [title.replace(": ", ":\n") for title in titles.values()], linespacing=style.LINE_SPACING
    )
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    ax.set_title(f"seed {seed}", loc="left")
    ax.set_title("$d$")
    return figure


def _images(data: xr.Dataset) -> np.ndarray:
    """(dataset, example, column, side, side): the originals, then the reconstructions."""
    dims = ("dataset", "example", "latent_dim", "pixel")
    columns = [data["original"].expand_dims("latent_dim").transpose(*dims), data["reconstruction"].transpose(*dims)]
    images = np.concatenate([column.values for column in columns], axis=2)
    side = isqrt(images.shape[-1])
    return images.reshape(*images.shape[:-1], side, side)


def _mosaic(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All images in one, nan between them, with the rows (dataset, example) and columns of their centres."""
    sets, examples, columns, side, _ = images.shape
    gap, wide = max(1, round(GAP * side)), max(1, round(WIDE_GAP * side))
    top = np.arange(sets * examples).reshape(sets, examples) * (side + gap) + np.arange(sets)[:, None] * wide
    left = np.arange(columns) * (side + gap) + wide * (np.arange(columns) > 0)
    mosaic = np.full((top.max() + side, left.max() + side), np.nan)
    for (index, example, column), _ in np.ndenumerate(images[..., 0, 0]):
        y, x = top[index, example], left[column]
        mosaic[y : y + side, x : x + side] = images[index, example, column].clip(0, 1)
    middle = (side - 1) / 2
    return mosaic, top + middle, left + middle
