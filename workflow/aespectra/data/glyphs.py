"""Letters in the fonts that matplotlib ships, as MNIST has its digits: 20 x 20 pixels, centred by mass in 28 x 28.

Of DejaVu, STIX and Computer Modern in all their styles, the letters of the Latin and the Greek blocks of Unicode that a
font has, capital and small. No two images are the same, so that an A is there once where Greek has the same.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .images import Images, Rows, UnsuitableImagesError
from .shape import Shape

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FONTS = ("DejaVu", "STIXGeneral", "cmb", "cmmi", "cmr", "cmss", "cmti", "cmtt")
"""What names of their files begin with; the other fonts there have symbols, or shapes of none."""

END = 0x400
"""Of the blocks: Cyrillic begins here."""

BOX = 20 / 28
"""Size of a letter, in sizes of the image (LeCun et al. 1998)."""

SMALLEST = 8
"""Pixels along an image; of fewer, letters are hardly different."""

FINER = 4
"""How many times larger letters are drawn than they will be."""


def load_images(shape: Shape) -> Images:
    """All letters, font by font, drawn as they are asked for.

    Parameters
    ----------
    shape : Shape
        Of the images; letters are white on black in all channels.

    Raises
    ------
    UnsuitableImagesError
        The images are smaller than 8 x 8.
    """
    if min(shape[1:]) < SMALLEST:
        raise UnsuitableImagesError(
            f"letters need images of at least {SMALLEST} x {SMALLEST} pixels, not of {shape[2]} x {shape[1]}."
        )
    distinct: dict[bytes, tuple[str, str]] = {}
    for font, letter in _letters():
        distinct.setdefault(_drawn(font, letter, shape).tobytes(), (font, letter))
    chosen = list(distinct.values())

    def read(which: np.ndarray) -> np.ndarray:
        letters = (chosen[index] for index in which)
        rows = np.stack([_drawn(font, letter, shape).reshape(-1) for font, letter in letters])
        return np.tile(rows, shape[0])

    return Images(Rows(np.arange(len(chosen)), read), len(chosen), 255, shape)


def _letters() -> Iterator[tuple[str, str]]:
    """Paths of fonts, each with a letter that it has."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for path in sorted(path for path in folder.glob("*.ttf") if path.name.startswith(FONTS)):
        for code in FT2Font(path).get_charmap():
            if code < END and unicodedata.category(chr(code)) in ("Lu", "Ll"):
                yield str(path), chr(code)


@cache
def _font(path: str, size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _drawn(font: str, letter: str, shape: Shape) -> np.ndarray:
    """(height, width) uint8"""
    from PIL import Image, ImageDraw

    _, height, width = shape
    box = round(BOX * min(height, width))
    large = _font(font, FINER * box)
    left, top, right, bottom = map(int, large.getbbox(letter))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), letter, fill=255, font=large)
    image = image.crop(image.getbbox())
    longest = max(image.size)
    size = ceil(image.width * box / longest), ceil(image.height * box / longest)
    small = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    drawn = np.zeros((height, width), np.uint8)
    rows, columns = (_centred(small.sum(axis=1 - axis, dtype=float), drawn.shape[axis]) for axis in (0, 1))
    drawn[rows, columns] = small
    return drawn


def _centred(mass: np.ndarray, length: int) -> slice:
    """Where along an axis what has this mass lies with its centre in the middle, or as near as it can be."""
    centre = (mass * np.arange(len(mass))).sum() / mass.sum()
    start = min(max(round((length - 1) / 2 - centre), 0), length - len(mass))
    return slice(start, start + len(mass))
