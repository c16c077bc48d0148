"""The shape of an image: channels, height and width. Files have its pixels in a row, one channel after the other."""

from collections.abc import Iterable
from math import isqrt

Shape = tuple[int, int, int]
"""Channels, height and width."""


def usual_shape(pixels: int) -> Shape:
    """What images of so many pixels are taken for where nothing says their shape: gray squares, or else a row."""
    side = isqrt(pixels)
    return (1, side, side) if side * side == pixels else (1, 1, pixels)


def shape_of(attribute: Iterable | None, pixels: int) -> Shape:
    """The shape that an attribute of a file says, or the usual one: earlier versions wrote none."""
    if attribute is None:
        return usual_shape(pixels)
    channels, height, width = map(int, attribute)
    return channels, height, width
