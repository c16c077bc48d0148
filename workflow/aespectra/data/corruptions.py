"""Corruptions of images by scipy.ndimage, block by block.

Names and strengths are those of MNIST-C (Mu and Gilmer 2019, arXiv 1906.02337, and its published code) where it has
them; mirror and dim are not of it. MNIST-C draws the sign of turns and shifts at random, here the strength has one.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .noise import stream
from .pixels import BLOCK, Pixels


def corrupted_blocks(points: Pixels, spec: dict[str, Any], seed: int) -> Iterator[np.ndarray]:
    """A corrupted set of samples, in their order, a block at a time.

    Parameters
    ----------
    points : Pixels
        The set as it is.
    spec : dict
        ``name``, ``corruption`` and, but of mirror and inverse, ``strength``.
    seed : int
        Of gaussian_noise.

    Yields
    ------
    np.ndarray
        (n, pixels) float32 in [0, 1].
    """
    for number, start in enumerate(range(0, len(points), BLOCK)):
        images = points[start : start + BLOCK]
        rng = stream(seed, spec["name"], number)
        corrupted = corrupt(images.reshape(-1, *points.image_shape), spec["corruption"], spec.get("strength", 0), rng)
        yield corrupted.astype(np.float32).reshape(images.shape)


def corrupt(images: np.ndarray, corruption: str, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Images with one corruption.

    Parameters
    ----------
    images : np.ndarray
        (n, c, h, w) float32 in [0, 1].
    corruption : str
        ``rotate``: by ``strength`` degrees, counterclockwise, around the middle; ``translate``: by so many pixels down
        and to the right; what comes in from outside is black, between pixels all is linear. ``mirror``: left is right.
        ``inverse``: white is black. ``dim``: so large a share of the brightness is gone. ``gaussian_blur``: of so many
        pixels' standard deviation, edges go on outside. ``gaussian_noise``: of this standard deviation, then cut to
        [0, 1].
    strength : float
        Of mirror and inverse of no meaning.
    rng : np.random.Generator
        Of gaussian_noise.

    Returns
    -------
    np.ndarray
        (n, c, h, w) in [0, 1]

    Raises
    ------
    ValueError
        The corruption is none of these.
    """
    from scipy import ndimage  # only here: its import would slow every job that reads a set

    match corruption:
        case "rotate":
            turned = ndimage.rotate(images, strength, axes=(3, 2), reshape=False, order=1, mode="grid-constant")
        case "translate":
            turned = ndimage.shift(images, (0, 0, strength, strength), order=1, mode="grid-constant")
        case "mirror":
            turned = images[..., ::-1]
        case "inverse":
            turned = 1 - images
        case "dim":
            turned = (1 - strength) * images
        case "gaussian_blur":
            turned = ndimage.gaussian_filter(images, strength, mode="nearest", axes=(2, 3))
        case "gaussian_noise":
            turned = images + strength * rng.standard_normal(images.shape)
        case other:
            raise ValueError(f"no corruption is called '{other}'")
    return turned.clip(0, 1)  # sums of weights round to above 1
