"""What networks are made of: the value of each operation, and its derivative as a function of tangents.

Points stand last, as columns. Values are (…, n), with the shape that a point's units have in the network; tangents are
(…, directions, n), or (…, directions, 1) as long as all points share them. So one product with a weight does all
directions of all points, and the numbers of a unit are contiguous.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import torch

from .activations import value_and_slope

Linear = Callable[[torch.Tensor], torch.Tensor]
"""From columns to columns, each for itself."""


class Found(NamedTuple):
    """Of an operation at the points of a batch."""

    value: torch.Tensor
    push: Callable[..., torch.Tensor]
    """From the tangents of what the operation takes, in its order, to those of what it gives."""
    pattern: torch.Tensor | None = None
    """(…, n): what is the same at two points that switch on the same units."""


class Operation(Protocol):
    """Of one value or several."""

    @property
    def affine(self) -> bool:
        """The derivative is the same at every point."""

    def __call__(self, *args: Any, **kwargs: Any) -> Found:
        """At these values, (…, n)."""


def _affine(linear: Linear, h: torch.Tensor, bias: torch.Tensor | None = None) -> Found:
    value = linear(h)
    return Found(value if bias is None else value + bias, partial(_over_directions, linear))


def _over_directions(linear: Linear, tangents: torch.Tensor) -> torch.Tensor:
    return linear(tangents.flatten(-2)).unflatten(-1, tangents.shape[-2:])


@dataclass(frozen=True)
class Affine:
    """A linear map and a bias, (…, 1)."""

    linear: Linear
    bias: torch.Tensor | None = None
    affine = True

    def __call__(self, h: torch.Tensor) -> Found:
        return _affine(self.linear, h, self.bias)


@dataclass(frozen=True)
class Weighted:
    """weight @ h + bias over the last of a point's dimensions; (outputs, inputs) and (outputs,)."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    affine = True

    def __call__(self, h: torch.Tensor) -> Found:
        return _affine(partial(torch.matmul, self.weight), h, None if self.bias is None else self.bias.unsqueeze(1))


@dataclass(frozen=True)
class Scaled:
    """factor · h + shift, both (…, 1)."""

    factor: torch.Tensor
    shift: torch.Tensor | None = None
    affine = True

    def __call__(self, h: torch.Tensor) -> Found:
        return _affine(partial(torch.mul, self.factor), h, self.shift)


@dataclass(frozen=True)
class Reshaped:
    """The same units in another shape."""

    shape: tuple[int, ...]
    affine = True

    def __call__(self, h: torch.Tensor) -> Found:
        return _affine(lambda each: each.reshape(*self.shape, each.shape[-1]), h)


@dataclass(frozen=True)
class Elementwise:
    """A function of each unit alone."""

    function: Callable[[torch.Tensor], torch.Tensor]
    by_channel: bool = False
    """It depends on where along the first dimension a unit stands."""
    affine = False

    def __call__(self, h: torch.Tensor) -> Found:
        value, slope = value_and_slope(self.function, h)
        return Found(value, partial(torch.mul, slope.unsqueeze(-2)), slope)


@dataclass(frozen=True)
class Normalised:
    """(h - mean) / sqrt(variance + eps), both over some of the dimensions of each point."""

    dims: tuple[int, ...]
    eps: float
    affine = False

    def __call__(self, h: torch.Tensor) -> Found:
        centred = h - h.mean(self.dims, keepdim=True)
        inverse = (centred.square().mean(self.dims, keepdim=True) + self.eps).rsqrt()
        normal = centred * inverse
        return Found(normal, partial(self._push, normal.unsqueeze(-2), inverse.unsqueeze(-2)))

    def _push(self, normal: torch.Tensor, inverse: torch.Tensor, tangents: torch.Tensor) -> torch.Tensor:
        along = (normal * tangents).mean(self.dims, keepdim=True)  # as normal has mean 0, whatever theirs is
        return (tangents - tangents.mean(self.dims, keepdim=True) - normal * along) * inverse


@dataclass(frozen=True)
class Largest:
    """Max pooling; where entries tie, torch says which of them is taken."""

    pool: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
    """(n, channels, …) to values and flat indices, as torch's own with ``return_indices``."""
    affine = False

    def __call__(self, h: torch.Tensor) -> Found:
        value, taken = (each.movedim(0, -1) for each in self.pool(h.movedim(-1, 0)))
        return Found(value, partial(self._push, taken), taken)

    def _push(self, taken: torch.Tensor, tangents: torch.Tensor) -> torch.Tensor:
        channels, *size, n = taken.shape
        directions = tangents.shape[-2]
        every = tangents.expand(*tangents.shape[:-1], n).flatten(1, -3)
        indices = taken.reshape(channels, -1, 1, n).expand(-1, -1, directions, -1)
        return every.gather(1, indices).view(channels, *size, directions, n)


@dataclass(frozen=True)
class Sum:
    """first + sign · second, of as many dimensions, either repeated along those where it has one unit."""

    sign: int
    affine = True

    def __call__(self, first: torch.Tensor, second: torch.Tensor) -> Found:
        return Found(self._sum(first, second), self._sum)

    def _sum(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return torch.add(first, second, alpha=self.sign)


class Product:
    """first · second."""

    affine = False

    def __call__(self, first: torch.Tensor, second: torch.Tensor) -> Found:
        def push(of_first: torch.Tensor, of_second: torch.Tensor) -> torch.Tensor:
            return of_first * second.unsqueeze(-2) + first.unsqueeze(-2) * of_second

        return Found(first * second, push)


@dataclass(frozen=True)
class Joined:
    """Several values as one, along a dimension of the points."""

    dim: int
    affine = True

    def __call__(self, *values: torch.Tensor) -> Found:
        return Found(torch.cat(values, self.dim), self._push)

    def _push(self, *tangents: torch.Tensor) -> torch.Tensor:
        n = max(each.shape[-1] for each in tangents)
        return torch.cat([each.expand(*each.shape[:-1], n) for each in tangents], self.dim)


def of_points_first(function: Callable[[torch.Tensor], torch.Tensor]) -> Linear:
    """torch's own function of (n, …), made one of columns."""
    return lambda h: function(h.movedim(-1, 0)).movedim(0, -1)
