"""Convolutions of images whose points stand last, transposed or not: each pixel of the result is a sum of a few others.

torch unfolds images one by one. Here a list says which pixels meet which taps of the kernel, and module
``convolution_sums`` takes blocks of points through it, without the units that no point of a block switches on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import torch

from .activations import value_and_slope
from .convolution_sums import add_up
from .operations import Found


class Meetings(NamedTuple):
    """Which pixels meet which taps, by the pixels of the result, all counted row by row."""

    first: np.ndarray  # (pixels of the result + 1,) int64, where those of each begin
    pixel: np.ndarray  # int64
    tap: np.ndarray  # int64
    size: tuple[int, ...]  # of the result


class Spacing(NamedTuple):
    """Over each dimension, as torch has it."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]


def meetings(size: tuple[int, ...], result: tuple[int, ...], spacing: Spacing, transposed: bool) -> Meetings:
    """Those of an image of ``size`` with a kernel."""
    small, large = (size, result) if transposed else (result, size)
    found: list[list[np.ndarray]] = [[], [], []]
    for pixels, others, kernel, stride, padding, dilation in zip(small, large, *spacing, strict=True):
        at, tap = (each.ravel() for each in np.indices((pixels, kernel)))
        meets = stride * at - padding + dilation * tap
        inside = (meets >= 0) & (meets < others)
        for of_dimensions, values in zip(found, (at, tap, meets), strict=True):
            of_dimensions.append(values[inside])
    at, tap, meets = (
        np.ravel_multi_index([axis.ravel() for axis in np.meshgrid(*each, indexing="ij")], shape)
        for each, shape in zip(found, (small, spacing.kernel, large), strict=True)
    )
    pixel, of = (at, meets) if transposed else (meets, at)
    order = np.argsort(of, kind="stable")
    first = np.searchsorted(of[order], np.arange(np.prod(result) + 1))
    return Meetings(first, pixel[order], tap[order], result)


@dataclass(frozen=True)
class Convolution:
    """A convolution and, where there is one, the activation of its result."""

    kernel: torch.Tensor
    """(channels of the result, channels, …)"""
    bias: torch.Tensor | None
    where: Meetings
    activation: Callable[[torch.Tensor], torch.Tensor] | None = None

    @property
    def affine(self) -> bool:
        return self.activation is None

    @cached_property
    def rows(self) -> torch.Tensor:
        """(taps · channels + 1, channels of the result), the last row zeros."""
        rows = self.kernel.detach().movedim((0, 1), (-1, -2)).flatten(0, -2)
        return torch.cat([rows, rows.new_zeros(1, rows.shape[1])])

    def __call__(self, h: torch.Tensor) -> Found:
        value = self._convolved(h, self.bias)
        if self.activation is None:
            return Found(value, self._push)
        value, slope = value_and_slope(self.activation, value)
        return Found(value, partial(self._push, slope=slope), slope)

    def _push(self, tangents: torch.Tensor, slope: torch.Tensor | None = None) -> torch.Tensor:
        return self._convolved(tangents.flatten(-2), slope=slope).unflatten(-1, tangents.shape[-2:])

    def _convolved(
        self, h: torch.Tensor, bias: torch.Tensor | None = None, slope: torch.Tensor | None = None
    ) -> torch.Tensor:
        pixels = _channels_inside(h)
        channels, columns = pixels.shape[-2:]
        outputs = self.rows.shape[1]
        result = h.new_empty(*self.where.size, outputs, columns)
        bias = h.new_zeros(outputs) if bias is None else bias.detach()
        slopes = h.new_empty(0, outputs, 1) if slope is None else _channels_inside(slope).flatten(0, -3)
        first, pixel, tap, _ = self.where
        arrays = pixels.view(-1, columns), self.rows, bias, slopes, result.view(-1, outputs, columns)
        add_up(*(each.numpy() for each in arrays), channels, first, pixel, tap)
        return result.movedim(-2, 0)


def _channels_inside(h: torch.Tensor) -> torch.Tensor:
    """(channels, …, n) as (…, channels, n), a copy unless they lie like this in memory."""
    return h.movedim(0, -2).contiguous()
