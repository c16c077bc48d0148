"""Tables I and II: what the autoencoders of one seed make of samples, in and out of distribution."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ..data.shape import Shape
from ..summary.file import Summary, variable_of
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
    to 1, white; output of tanh below 0 is black. Images of three channels are red, green and blue. Dead bottlenecks are
    marked.
    """
    train, *noise = panels.titles_of_sets(study, representatives).items()
    titles = dict([*noise, train])
    images = _images(study.by_seed.sel(seed=seed, dataset=list(titles)), study.image_shape)
    mosaic, rows, columns = _mosaic(images)

    inches = min(IMAGE / images.shape[-1], (style.DOUBLE_COLUMN - LABELS) / mosaic.shape[1])
    height, width = (inches * length for length in mosaic.shape[:2])
    figure = Figure(figsize=(width + LABELS, height + 0.5), layout="constrained")
    ax = figure.subplots()
    ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="none")
    dead = study.by_seed["dead"].sel(seed=seed).values
    labels = [
        f"{d}\ndead" if each else f"{d}" for d, each in zip(study.by_seed["latent_dim"].values, dead, strict=True)
    ]
    ax.set_xticks(columns, ["$x$", *labels], linespacing=style.LINE_SPACING)
    ax.set_yticks(
        rows.mean(axis=1), [title.replace(": ", ":\n") for title in titles.values()], linespacing=style.LINE_SPACING
    )
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    ax.set_title(f"seed {seed}", loc="left")
    ax.set_title("$d$")
    return figure


def _images(data: xr.Dataset, shape: Shape) -> np.ndarray:
    """(dataset, example, column, channel, height, width): the originals, then the reconstructions."""
    dims = ("dataset", "example", "latent_dim", "pixel")
    columns = [
        data["original"].expand_dims("latent_dim").transpose(*dims),
        variable_of(data, "reconstruction").transpose(*dims),
    ]
    images = np.concatenate([column.values for column in columns], axis=2)
    return images.reshape(*images.shape[:-1], *shape)


def _mosaic(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All images in one, nothing between them, with the rows (dataset, example) and columns of their centres.

    Gray ones as brightness, nan where there is nothing; others as red, green, blue and opacity.
    """
    sets, examples, columns, channels, height, width = images.shape
    gap, wide = max(1, round(GAP * width)), max(1, round(WIDE_GAP * width))
    top = np.arange(sets * examples).reshape(sets, examples) * (height + gap) + np.arange(sets)[:, None] * wide
    left = np.arange(columns) * (width + gap) + wide * (np.arange(columns) > 0)
    mosaic = np.full((top.max() + height, left.max() + width, channels), np.nan)
    for index, example, column in np.ndindex(sets, examples, columns):
        y, x = top[index, example], left[column]
        image = np.moveaxis(images[index, example, column], 0, -1)
        mosaic[y : y + height, x : x + width] = image.clip(0, 1)
    centres = top + (height - 1) / 2, left + (width - 1) / 2
    if channels == 1:
        return mosaic[..., 0], *centres
    return np.dstack([np.nan_to_num(mosaic), ~np.isnan(mosaic).any(axis=-1)]), *centres
