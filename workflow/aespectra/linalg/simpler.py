"""The same operations in fewer steps."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from .convolution import Convolution, Spacing, meetings
from .graph import Step
from .operations import Elementwise, Operation, Reshaped, Scaled, Weighted


def simpler(steps: Sequence[Step]) -> list[Step]:
    """Weights take in the factors that follow them, such as BatchNorm's, and convolutions take in their activation.

    Where what comes before a convolution is affine, its activation stays apart: the tangents before it are the same at
    every point. A linear layer after a flattened image is a convolution with one pixel, and no copy of the image.
    """
    uses = [0] * (len(steps) + 1)
    for step in steps:
        for each in step.inputs:
            uses[each] += 1
    kept: list[Step] = []
    number, affine = [0], [True]  # of the values
    for i, (operation, inputs, shape) in enumerate(steps):
        new = [Step(operation, tuple(number[each] for each in inputs), shape)]
        if kept and new[0].inputs == (len(kept),) and uses[i] == 1:
            before = kept[-1]
            one = _merged(before.operation, operation, all(affine[each] for each in before.inputs))
            if one is not None:
                new = [Step(one, before.inputs, shape)]
            elif isinstance(before.operation, Reshaped) and isinstance(operation, Weighted):
                new = _of_image(operation, kept) or new
            if new[0].inputs == before.inputs:
                kept.pop()
                affine.pop()
        for step in new:
            kept.append(step)
            affine.append(step.operation.affine and all(affine[each] for each in step.inputs))
        number.append(len(kept))
    return kept


def _of_image(weighted: Weighted, kept: list[Step]) -> list[Step]:
    """The same on what is flattened last, if that comes from a convolution."""
    flattened = kept[-1]
    if len(flattened.shape) != 1 or flattened.inputs != (len(kept) - 1,) or len(kept) < 2:
        return []
    if not isinstance(kept[-2].operation, Convolution):
        return []
    image = kept[-2].shape
    size, ones = image[1:], (1,) * (len(image) - 1)
    spacing = Spacing(kernel=size, stride=ones, padding=(0,) * len(size), dilation=ones)
    where = meetings(size, ones, spacing, transposed=False)
    outputs = (len(weighted.weight),)
    whole = Convolution(weighted.weight.unflatten(1, image), weighted.bias, where)
    return [
        Step(whole, flattened.inputs, (*outputs, *ones)),
        Step(Reshaped(outputs), (len(kept),), outputs),
    ]


def _merged(first: Operation, second: Operation, of_affine: bool) -> Operation | None:
    if isinstance(first, Convolution) and first.activation is None:
        if type(second) is Elementwise and not of_affine:
            return replace(first, activation=second.function)
        if isinstance(second, Scaled) and second.factor.shape == (len(first.kernel), *[1] * (first.kernel.dim() - 1)):
            bias = _scaled(first.bias, second)
            return replace(first, kernel=first.kernel * second.factor, bias=bias)
    if isinstance(first, Weighted) and isinstance(second, Scaled) and second.factor.shape == (len(first.weight), 1):
        return Weighted(first.weight * second.factor, _scaled(first.bias, second))
    return None


def _scaled(bias: torch.Tensor | None, by: Scaled) -> torch.Tensor | None:
    if bias is None:
        return None if by.shift is None else by.shift.flatten()
    bias = bias * by.factor.flatten()
    return bias if by.shift is None else bias + by.shift.flatten()
