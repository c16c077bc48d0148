"""Convolutions of images whose points stand last, transposed or not: each pixel of the result is a sum of a few others.

torch unfolds images one by one, in float64 at a third or less of the processor's speed. Here a list says which pixels
meet which taps of the kernel, and blocks of points go through it in registers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import torch
from numba import njit

from .activations import value_and_slope
from .operations import Found

LANES = 128
"""Points in a block: what they add up to stays in the first cache."""


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
    here, taps, there = [], [], []
    for pixels, others, kernel, stride, padding, dilation in zip(small, large, *spacing, strict=True):
        at, tap = (each.ravel() for each in np.indices((pixels, kernel)))
        meets = stride * at - padding + dilation * tap
        inside = (meets >= 0) & (meets < others)
        for each, values in zip((here, taps, there), (at, tap, meets), strict=True):
            each.append(values[inside])
    at, tap, meets = (
        np.ravel_multi_index([axis.ravel() for axis in np.meshgrid(*each, indexing="ij")], shape)
        for each, shape in ((here, small), (taps, spacing.kernel), (there, large))
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
        _add_up(*(each.numpy() for each in arrays), channels, first, pixel, tap)
        return result.movedim(-2, 0)


def _channels_inside(h: torch.Tensor) -> torch.Tensor:
    """(channels, …, n) as (…, channels, n), a copy unless they lie like this in memory."""
    return h.movedim(0, -2).contiguous()


compiled = njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
inlined = njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"}, forceinline=True)


@compiled
def _add_up(values, weights, bias, slopes, result, channels, first, pixel, tap):
    """result[q] = bias + Σ weights[tap · channels + c] ⊗ values[pixel · channels + c] over what meets in q and all c.

    Times slopes[q], if there are any, whose columns are those of each direction. Rows of values and of slopes that are
    all zero in a block of columns are left out.
    """
    outputs, columns = result.shape[1:]
    points = slopes.shape[2] if len(slopes) else columns
    total = np.empty(outputs * LANES, values.dtype)
    most = np.max(first[1:] - first[:-1]) * channels + 3
    of_values, of_weights = np.empty(most, np.int64), np.empty(most, np.int64)
    alive, of_outputs = np.empty(len(values), np.bool_), np.arange(outputs)
    for start in range(0, columns, LANES):
        lanes = min(columns - start, LANES)
        for row in range(len(values)):
            alive[row] = _any(values[row, start : start + lanes])
        for q in range(len(result)):
            count = 0
            for meeting in range(first[q], first[q + 1]):
                for c in range(channels):
                    if alive[pixel[meeting] * channels + c]:
                        of_values[count] = pixel[meeting] * channels + c
                        of_weights[count] = tap[meeting] * channels + c
                        count += 1
            while count % 4:
                of_values[count], of_weights[count] = of_values[count - 1], len(weights) - 1
                count += 1
            live = outputs
            if len(slopes):
                live = 0
                for m in range(outputs):
                    if _any(slopes[q, m]):
                        of_outputs[live] = m
                        live += 1
                    else:
                        result[q, m, start : start + lanes] = 0
            for j in range(live):
                row, begin = total[j * LANES : (j + 1) * LANES], bias[of_outputs[j]]
                for i in range(LANES):
                    row[i] = begin
            for k in range(0, count, 4):
                _add_four(
                    total, values, weights, of_values[k : k + 4], of_weights[k : k + 4], of_outputs[:live], start, lanes
                )
            for j in range(live):
                m, done = of_outputs[j], 0
                while done < lanes:
                    point = (start + done) % points
                    more = min(points - point, lanes - done)
                    row = total[j * LANES + done : j * LANES + done + more]
                    into = result[q, m, start + done : start + done + more]
                    if len(slopes):
                        slope = slopes[q, m, point : point + more]
                        for i in range(more):
                            into[i] = row[i] * slope[i]
                    else:
                        for i in range(more):
                            into[i] = row[i]
                    done += more


@inlined
def _any(values):
    for value in values:  # noqa: SIM110 (numba has no any)
        if value != 0:
            return True
    return False


@inlined
def _add_four(total, values, weights, of_values, of_weights, of_outputs, start, lanes):
    """total[j] += Σ weights[k, of_outputs[j]] values[k] over four rows k: as many as have their weights in registers.

    Rows of the sum have a fixed length, so that the compiler sees that four of them are apart; values are read once, as
    it does not see that they are no part of the sum.
    """
    stop = start + lanes
    a, b = values[of_values[0], start:stop], values[of_values[1], start:stop]
    c, d = values[of_values[2], start:stop], values[of_values[3], start:stop]
    u, v, w, x = of_weights[0], of_weights[1], of_weights[2], of_weights[3]
    live = len(of_outputs)
    for j in range(0, live - 3, 4):
        e, f, g, h = of_outputs[j], of_outputs[j + 1], of_outputs[j + 2], of_outputs[j + 3]
        ue, uf, ug, uh = weights[u, e], weights[u, f], weights[u, g], weights[u, h]
        ve, vf, vg, vh = weights[v, e], weights[v, f], weights[v, g], weights[v, h]
        we, wf, wg, wh = weights[w, e], weights[w, f], weights[w, g], weights[w, h]
        xe, xf, xg, xh = weights[x, e], weights[x, f], weights[x, g], weights[x, h]
        rows = total[j * LANES : (j + 4) * LANES]
        for i in range(lanes):
            ai, bi, ci, di = a[i], b[i], c[i], d[i]
            rows[i] += ue * ai + ve * bi + we * ci + xe * di
            rows[i + LANES] += uf * ai + vf * bi + wf * ci + xf * di
            rows[i + 2 * LANES] += ug * ai + vg * bi + wg * ci + xg * di
            rows[i + 3 * LANES] += uh * ai + vh * bi + wh * ci + xh * di
    for j in range(live - live % 4, live):
        row = total[j * LANES : (j + 1) * LANES]
        e = of_outputs[j]
        ue, ve, we, xe = weights[u, e], weights[v, e], weights[w, e], weights[x, e]
        for i in range(lanes):
            row[i] += ue * a[i] + ve * b[i] + we * c[i] + xe * d[i]
