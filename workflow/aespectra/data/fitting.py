"""Images brought to one shape: number of channels, size, and rows of pixels, one channel after the other."""

from typing import TYPE_CHECKING

import numpy as np

from .shape import Shape

if TYPE_CHECKING:
    from PIL.Image import Image

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in gray: ITU-R 601, as Pillow has them for bytes; in float64 white stays 1."""


def fitted(image: "Image", shape: Shape) -> "Image":
    """An image of bytes turned to gray or colour, and resized (bilinear, antialiased) where it has another size."""
    from PIL.Image import Resampling

    channels, height, width = shape
    image = image.convert("L" if channels == 1 else "RGB")
    return image if image.size == (width, height) else image.resize((width, height), Resampling.BILINEAR)


def row_of(image: "Image") -> np.ndarray:
    """(pixels,) uint8 of an image in gray or colour."""
    pixels = np.asarray(image, dtype=np.uint8)
    return (pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)).reshape(-1)


def fitted_array(images: np.ndarray, shape: Shape) -> np.ndarray:
    """Images of an array as ``fitted`` has them.

    Parameters
    ----------
    images : np.ndarray
        (n, c, h, w), c 1 or 3; uint8, or float32 in [0, 1].
    shape : Shape
        Of the images that are wanted.

    Returns
    -------
    np.ndarray
        (n, pixels), of the same dtype.
    """
    if images.shape[1:] == shape:
        return images.reshape(len(images), -1)
    fit = _fitted_bytes if images.dtype == np.uint8 else _fitted_floats
    return np.stack([fit(image, shape) for image in images])


def _fitted_bytes(image: np.ndarray, shape: Shape) -> np.ndarray:
    from PIL import Image

    return row_of(fitted(Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)), shape))


def _fitted_floats(image: np.ndarray, shape: Shape) -> np.ndarray:
    from PIL import Image

    channels, height, width = shape
    if channels == 1 and len(image) == 3:
        image = np.tensordot(LUMA, image, 1)[None].astype(np.float32)
    resized = [
        Image.fromarray(np.ascontiguousarray(channel)).resize((width, height), Image.Resampling.BILINEAR)
        for channel in image
    ]
    return np.broadcast_to(np.stack([np.asarray(channel) for channel in resized]), shape).reshape(-1)
