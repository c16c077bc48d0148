"""torch's functions, methods and operators as operations of known derivative."""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from .layers import UnreadableError, largest
from .operations import Affine, Elementwise, Joined, Operation, Product, Reshaped, Sum, of_points_first

# functions as torch.fx calls them; methods by their names

RESHAPING = {
    torch.flatten, torch.reshape, torch.squeeze, torch.unflatten, torch.unsqueeze,
    "clone", "contiguous", "flatten", "reshape", "squeeze", "unflatten", "unsqueeze", "view",
}  # fmt: skip
"""The units of a point stay in their order."""

LINEAR = {
    F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.avg_pool1d, F.avg_pool2d, F.interpolate, F.pixel_shuffle,
    operator.getitem, operator.neg, torch.mean, torch.neg, torch.permute, torch.sum, torch.transpose,
    "mean", "neg", "permute", "sum", "transpose",
}  # fmt: skip
"""In their first argument."""

ELEMENTWISE = {
    F.celu, F.elu, F.gelu, F.hardshrink, F.hardsigmoid, F.hardswish, F.hardtanh, F.leaky_relu, F.logsigmoid, F.mish,
    F.relu6, F.selu, F.sigmoid, F.silu, F.softplus, F.softshrink, F.softsign, F.tanhshrink, operator.pow,
    torch.abs, torch.clamp, torch.cos, torch.erf, torch.exp, torch.sigmoid, torch.sin, torch.square,
    "abs", "clamp", "cos", "erf", "exp", "sigmoid", "sin", "square",
}  # fmt: skip
"""Of each unit of their first argument alone."""

KNOWN_SLOPES = {
    **dict.fromkeys((F.relu, torch.relu, torch.relu_, "relu", "relu_"), nn.ReLU()),
    **dict.fromkeys((F.tanh, torch.tanh, "tanh"), nn.Tanh()),
}
"""Those whose slopes have a closed form."""

SIGNS = {
    **dict.fromkeys((operator.add, operator.iadd, torch.add, "add"), 1),
    **dict.fromkeys((operator.sub, operator.isub, torch.sub, "sub"), -1),
}
PRODUCTS = {operator.mul, operator.imul, torch.mul, "mul"}
QUOTIENTS = {operator.truediv, torch.div, "div"}
PARTS = {torch.chunk, torch.split, "chunk", "split"}
"""Give tuples."""

Target = Callable[..., Any] | str
Operations = tuple[tuple[int, ...], list[Operation]]
"""Numbers of the values taken, and what is done with them, one after the other."""


class Value(NamedTuple):
    """An argument that depends on the points."""

    number: int
    shape: tuple[int, ...]
    """Of one point."""


class Parts(NamedTuple):
    """An argument that is a tuple of parts of such a value."""

    value: Value
    split: Callable[[torch.Tensor], tuple[torch.Tensor, ...]]


def operations_of_call(
    target: Target, arguments: tuple[Any, ...], keywords: dict[str, Any], shape: tuple[int, ...]
) -> Operations:
    """What a call does, of whose arguments those that depend on the points are Values; it gives points of ``shape``.

    UnreadableError where the derivative is not known.
    """
    first = arguments[0]
    if target in SIGNS or target in PRODUCTS or target in QUOTIENTS:
        if len(arguments) != 2 or keywords:
            raise UnreadableError
        return _arithmetic(target, first, arguments[1], shape)
    if target in (torch.cat, "cat"):
        dim = keywords["dim"] if "dim" in keywords else arguments[1]
        return tuple(each.number for each in first), [Joined(dim % (len(shape) + 1) - 1)]
    function = _with(target, arguments[1:], keywords)
    if isinstance(first, Parts):
        if target is not operator.getitem:
            raise UnreadableError
        return (first.value.number,), [Affine(of_points_first(lambda h: function(first.split(h))))]
    return (first.number,), [_operation(target, function, arguments, keywords, shape, first.shape)]


def parts_of_call(target: Target, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Parts:
    """What a call of PARTS gives."""
    return Parts(arguments[0], _with(target, arguments[1:], keywords))


def _with(target: Target, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Callable[[Any], Any]:
    """The call as a function of its first argument."""
    if any(isinstance(each, Value | Parts) for each in (*arguments, *keywords.values())):
        raise UnreadableError
    if isinstance(target, str):
        return lambda h: getattr(h, target)(*arguments, **keywords)
    return lambda h: target(h, *arguments, **keywords)


def _operation(
    target: Target,
    function: Callable[[torch.Tensor], torch.Tensor],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    shape: tuple[int, ...],
    of_first: tuple[int, ...],
) -> Operation:
    if target in RESHAPING:
        return Reshaped(shape)
    if target in KNOWN_SLOPES:
        return Elementwise(KNOWN_SLOPES[target])
    if target in ELEMENTWISE:
        if any(isinstance(each, torch.Tensor) and each.dim() for each in (*arguments[1:], *keywords.values())):
            return Elementwise(of_points_first(function), by_channel=True)
        return Elementwise(function)
    if target in LINEAR:
        return Affine(of_points_first(function))
    if target is F.dropout and not keywords["training"]:
        return Reshaped(shape)
    if target is F.max_pool2d and not keywords["return_indices"]:
        return largest({"kernel_size": arguments[1], **keywords}, of_first)
    raise UnreadableError


def _arithmetic(target: Target, first: Any, second: Any, shape: tuple[int, ...]) -> Operations:
    if isinstance(first, Value) and isinstance(second, Value):
        if target in QUOTIENTS or len(first.shape) != len(second.shape):
            raise UnreadableError
        return (first.number, second.number), [Product() if target in PRODUCTS else Sum(SIGNS[target])]
    value, constant = (first, second) if isinstance(first, Value) else (second, first)
    columns = _columns(constant, len(shape))
    if target in PRODUCTS:
        return (value.number,), [Affine(lambda h: h * columns)]
    if target in QUOTIENTS and value is first:
        return (value.number,), [Affine(lambda h: h / columns)]
    if target in QUOTIENTS or value.shape != shape:
        raise UnreadableError
    if value is first:
        return (value.number,), [Affine(lambda h: h, SIGNS[target] * columns)]
    return (value.number,), [Affine(lambda h: SIGNS[target] * h, columns)]


def _columns(constant: Any, dims: int) -> Any:
    """A constant beside values of these dimensions whose points stand last."""
    if not isinstance(constant, torch.Tensor) or constant.dim() == 0:
        return constant
    if constant.dim() > dims:
        if constant.dim() > dims + 1 or len(constant) != 1:
            raise UnreadableError
        constant = constant[0]
    return constant.unsqueeze(-1)
