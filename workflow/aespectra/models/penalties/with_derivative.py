"""Functions whose derivative comes with the value, at less than autograd would take for it."""

from collections.abc import Callable
from typing import Any

import torch
from torch.autograd.function import once_differentiable


def with_derivative(
    function: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]], s: torch.Tensor
) -> torch.Tensor:
    """The value of an elementwise function, or of one that gives a scalar, differentiable once.

    Parameters
    ----------
    function : Callable
        Gives the value, a scalar or of the shape of ``s``, and the derivative in every entry of ``s``.
    s : torch.Tensor
        Any shape.
    """
    return _WithDerivative.apply(s, function)


class _WithDerivative(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, s: torch.Tensor, function: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
    ) -> torch.Tensor:
        value, derivative = function(s)
        ctx.save_for_backward(derivative)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (derivative,) = ctx.saved_tensors
        return gradient * derivative, None
