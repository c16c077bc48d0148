"""Networks as the layers of a perceptron, whatever way they are written down."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import nn

from .activations import ELEMENTWISE
from .graph import Step
from .hooks import has_hooks
from .operations import Elementwise, Normalised, Reshaped, Scaled, Weighted


class Norm(NamedTuple):
    """h / sqrt(mean square + eps) over all units of a layer, of mean 0, then factor · h + shift, both (width, 1)."""

    eps: float
    centred: bool
    """What it takes has mean 0 already."""
    factor: torch.Tensor | None = None
    shift: torch.Tensor | None = None


Layer = Weighted | Norm | Callable[[torch.Tensor], torch.Tensor]
"""The last is an activation."""


def plain_layers(module: nn.Module) -> list[Layer] | None:
    """Of a sequence of linear layers and known activations; None for any other module."""
    if not isinstance(module, nn.Sequential) or type(module) is not nn.Sequential or has_hooks(module):
        return None
    if any(type(layer) not in (nn.Linear, *ELEMENTWISE) for layer in module):
        return None
    # not its children(), where a layer that is used twice stands once
    return [Weighted(layer.weight, layer.bias) if isinstance(layer, nn.Linear) else layer for layer in module]


def layers_of(steps: Sequence[Step]) -> list[Layer] | None:
    """Of a module that is read as these steps; None where it is no perceptron.

    A factor for each unit that is left, such as BatchNorm's after an activation, becomes part of the weights after it.
    """
    layers: list[Layer | Scaled] = []
    for i, (operation, inputs, shape) in enumerate(steps):
        if inputs != (i,):
            return None
        if type(operation) is Elementwise and not (operation.by_channel and len(shape) > 1):
            layers.append(operation.function)
        elif len(shape) == 1 and isinstance(operation, Weighted | Scaled | Normalised):
            _append(layers, operation)
        elif not isinstance(operation, Reshaped):
            return None
    found = [layer for layer in layers if not isinstance(layer, Scaled)]
    return found if len(found) == len(layers) else None


def _append(layers: list[Layer | Scaled], operation: Weighted | Scaled | Normalised) -> None:
    before = layers[-1] if layers else None
    if isinstance(operation, Normalised):
        if isinstance(before, Weighted):
            layers[-1] = _centred(before)
        layers.append(Norm(operation.eps, isinstance(before, Weighted)))
    elif isinstance(operation, Weighted) and isinstance(before, Scaled):
        layers[-1] = _after(before, operation)
    elif isinstance(operation, Scaled) and isinstance(before, Norm) and before.factor is None:
        layers[-1] = before._replace(factor=operation.factor, shift=operation.shift)
    else:
        layers.append(operation)


def _centred(weighted: Weighted) -> Weighted:
    """Of mean 0 over the outputs, so that a normalisation need not make them so for every direction."""
    weight, bias = weighted.weight, weighted.bias
    return Weighted(weight - weight.mean(dim=0), None if bias is None else bias - bias.mean())


def _after(scaled: Scaled, weighted: Weighted) -> Weighted:
    bias = weighted.bias
    if scaled.shift is not None:
        shift = (weighted.weight @ scaled.shift).squeeze(1)
        bias = shift if bias is None else bias + shift
    return Weighted(weighted.weight * scaled.factor.T, bias)
