"""torch's layers as operations of known derivative, in eval mode."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .activations import ELEMENTWISE
from .convolution import Convolution, Spacing, meetings
from .operations import (
    Affine,
    Elementwise,
    Largest,
    Normalised,
    Operation,
    Reshaped,
    Scaled,
    Weighted,
    of_points_first,
)

Shape = tuple[int, ...]
"""Of one point."""


class UnreadableError(Exception):
    """The derivative is not known here: it is for torch.func to find."""


def operations_of(layer: nn.Module, shape: Shape, result: Shape) -> list[Operation]:
    """What a layer does with points of ``shape``, one after the other, to give points of the shape ``result``.

    The exact type counts, as a child of it may do anything; UnreadableError where it is not known.
    """
    if type(layer) in (nn.Flatten, nn.Unflatten):
        return [Reshaped(result)]
    if type(layer) not in LAYERS:
        raise UnreadableError
    return LAYERS[type(layer)](layer, shape, result)


def _over_channels(values: torch.Tensor, shape: Shape) -> torch.Tensor:
    return values.view(-1, *[1] * len(shape))


def _bias(layer: Any, shape: Shape) -> torch.Tensor | None:
    return None if layer.bias is None else _over_channels(layer.bias, shape)


def _convolution(layer: Any, shape: Shape, result: Shape) -> list[Operation]:
    _check_channels(shape, len(layer.kernel_size))
    if _is_own(layer) and isinstance(layer.padding, tuple):
        spacing = Spacing(layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        where = meetings(shape[1:], result[1:], spacing, transposed=False)
        return [Convolution(layer.weight, layer.bias, where)]
    # private, but all that knows the modes of padding
    linear = of_points_first(lambda h: layer._conv_forward(h, layer.weight, None))
    return [Affine(linear, _bias(layer, shape))]


def _transposed_convolution(layer: Any, shape: Shape, result: Shape) -> list[Operation]:
    dims = len(layer.kernel_size)
    _check_channels(shape, dims)
    if _is_own(layer):
        spacing = Spacing(layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        where = meetings(shape[1:], result[1:], spacing, transposed=True)
        return [Convolution(layer.weight.transpose(0, 1), layer.bias, where)]
    function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[dims - 1]
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    arguments = {name: getattr(layer, name) for name in names}
    linear = of_points_first(lambda h: function(h, layer.weight, None, **arguments))
    return [Affine(linear, _bias(layer, shape))]


def _is_own(layer: Any) -> bool:
    """Whether module ``convolution`` has it."""
    return layer.padding_mode == "zeros" and layer.groups == 1 and not layer.weight.is_cuda


def _check_channels(shape: Shape, dims: int) -> None:
    """Without their channels, torch takes points for channels."""
    if len(shape) != dims + 1:
        raise UnreadableError


def _batch_norm(layer: Any, shape: Shape, _: Shape) -> list[Operation]:
    if layer.training or layer.running_mean is None:
        raise UnreadableError
    factor = (layer.running_var + layer.eps).rsqrt()
    if layer.weight is not None:
        factor = factor * layer.weight
    shift = -layer.running_mean * factor
    if layer.bias is not None:
        shift = shift + layer.bias
    return [Scaled(_over_channels(factor, shape), _over_channels(shift, shape))]


def _layer_norm(layer: nn.LayerNorm, shape: Shape, _: Shape) -> list[Operation]:
    first = len(shape) - len(layer.normalized_shape)
    operations: list[Operation] = [Normalised(tuple(range(first, len(shape))), layer.eps)]
    if layer.weight is not None:
        shift = None if layer.bias is None else layer.bias.unsqueeze(-1)
        operations.append(Scaled(layer.weight.unsqueeze(-1), shift))
    return operations


def _group_norm(layer: nn.GroupNorm, shape: Shape, _: Shape) -> list[Operation]:
    operations: list[Operation] = [Reshaped((layer.num_groups, -1)), Normalised((1,), layer.eps), Reshaped(shape)]
    if layer.affine:
        operations.append(Scaled(_over_channels(layer.weight, shape), _bias(layer, shape)))
    return operations


def _dropout(layer: Any, *_: Shape) -> list[Operation]:
    if layer.training:
        raise UnreadableError
    return []


def _max_pooling(layer: Any, shape: Shape, _: Shape) -> list[Operation]:
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    return [largest({name: getattr(layer, name) for name in names}, shape)]


def largest(arguments: dict[str, Any], shape: Shape) -> Operation:
    """Max pooling of images, with the arguments of F.max_pool2d."""
    if len(shape) != 3:
        raise UnreadableError
    return Largest(lambda h: F.max_pool2d(h, **(arguments | {"return_indices": True})))


LAYERS: dict[type[nn.Module], Callable[[Any, Shape, Shape], list[Operation]]] = {
    nn.Linear: lambda layer, *_: [Weighted(layer.weight, layer.bias)],
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.BatchNorm3d: _batch_norm,
    nn.LayerNorm: _layer_norm,
    nn.GroupNorm: _group_norm,
    nn.MaxPool2d: _max_pooling,
    # acts on channels, and torch wants these second
    nn.PReLU: lambda layer, *_: [Elementwise(of_points_first(layer), layer.num_parameters > 1)],
    **dict.fromkeys(ELEMENTWISE, lambda layer, *_: [Elementwise(layer)]),
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _convolution),
    **dict.fromkeys((nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), _transposed_convolution),
    **dict.fromkeys(
        (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout), _dropout
    ),
    # linear, without weights
    **dict.fromkeys(
        (
            nn.AdaptiveAvgPool1d,
            nn.AdaptiveAvgPool2d,
            nn.AdaptiveAvgPool3d,
            nn.AvgPool1d,
            nn.AvgPool2d,
            nn.AvgPool3d,
            nn.PixelShuffle,
            nn.PixelUnshuffle,
            nn.ReflectionPad1d,
            nn.ReflectionPad2d,
            nn.ReplicationPad1d,
            nn.ReplicationPad2d,
            nn.Upsample,
            nn.UpsamplingBilinear2d,
            nn.UpsamplingNearest2d,
            nn.ZeroPad1d,
            nn.ZeroPad2d,
        ),
        lambda layer, *_: [Affine(of_points_first(layer))],
    ),
}
"""All but those that only give a point's units another shape."""
