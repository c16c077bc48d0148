"""A module as a list of operations of known derivative, read from its forward by torch.fx."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import fx, nn

from .functions import PARTS, RESHAPING, Parts, Value, operations_of_call, parts_of_call
from .hooks import has_hooks
from .layers import UnreadableError, operations_of
from .operations import Operation

CHECKED = 4
"""Points at which what is read is held against what the module gives."""


class Step(NamedTuple):
    """One operation of a module."""

    operation: Operation
    inputs: tuple[int, ...]
    """Of the values so far: 0 is what the module takes, i + 1 what step i gives."""
    shape: tuple[int, ...]
    """Of what it gives, of one point."""


@torch.no_grad()
def read(module: nn.Module, point: torch.Tensor) -> tuple[list[Step], torch.Tensor]:
    """The operations of a module, in their order; the last one's value is the module's.

    Under tracing a forward may do something else: change a tensor in place that it has under another name as well, or
    ask whether it has got a tensor. So what is read is held against what the module gives.

    Parameters
    ----------
    module : nn.Module
        In eval mode. It is left as it is.
    point : torch.Tensor
        (1, …) that it takes, in its dtype.

    Returns
    -------
    steps : list[Step]
    value : torch.Tensor
        (1, …) what the module gives.

    Raises
    ------
    UnreadableError
        Its forward is not made of known operations alone, treats points otherwise than each for itself, or gives
        something else than the operations do.
    """
    if has_hooks(module):
        raise UnreadableError
    points = _near(point)
    try:
        # what a forward notes down while it is traced, it notes in a copy, which has the same weights
        weights = {id(each): each for each in (*module.parameters(), *module.buffers())}
        root = nn.Sequential(copy.deepcopy(module, weights))
        graph = fx.Tracer().trace(root)
        shown = [_Shown(root, graph, point.repeat(n, *[1] * (point.dim() - 1))) for n in (2, 3)]
        reader = _Reader(root, shown, points)
        for node in graph.nodes:
            reader.take(node)
        value, expected = reader.values[reader.last].movedim(-1, 0), root(points.clone())
    except Exception as error:  # whatever a forward does where it gets no tensors; torch.func is to have its say
        raise UnreadableError from error
    tolerance = torch.finfo(value.dtype).eps ** 0.5 * float(expected.nan_to_num(0, 0, 0).norm())
    if value.shape != expected.shape or not torch.allclose(value, expected, 0, tolerance, equal_nan=True):
        raise UnreadableError
    return _needed(reader.steps, reader.last), value[:1]


def _near(point: torch.Tensor) -> torch.Tensor:
    """A point (1, …), finite, and others about as far from it as its units from each other, which switch on others."""
    point = point.nan_to_num(0.5, 0.5, 0.5)
    noise = torch.randn(CHECKED - 1, *point.shape[1:], generator=torch.Generator().manual_seed(0)).to(point)
    return torch.cat([point, point + (point.std(correction=0) or 1) * noise])


def _needed(steps: list[Step], last: int) -> list[Step]:
    """Those that a value depends on, numbered anew."""
    wanted = {last}
    for i in range(last, 0, -1):
        if i in wanted:
            wanted.update(steps[i - 1].inputs)
    number = {old: new for new, old in enumerate(sorted(wanted | {0}))}
    kept = [steps[i - 1] for i in sorted(wanted - {0})]
    return [step._replace(inputs=tuple(number[i] for i in step.inputs)) for step in kept]


class _Shown(fx.Interpreter):
    """What every node gives at some points."""

    def __init__(self, root: nn.Module, graph: fx.Graph, points: torch.Tensor):
        super().__init__(root, garbage_collect_values=False, graph=graph)
        self.points = len(points)
        self.overwritten: dict[fx.Node, list[fx.Node]] = {}
        self.run(points)

    def run_node(self, n: fx.Node) -> Any:
        """Notes as well which values the node has written over."""
        tensors = [each for each in n.all_input_nodes if isinstance(self.env[each], torch.Tensor)]
        before = {each: self.env[each]._version for each in tensors}
        result = super().run_node(n)
        self.overwritten[n] = [each for each, version in before.items() if self.env[each]._version != version]
        return result


class _Reader:
    """Makes steps of the nodes of a graph, taken in their order."""

    def __init__(self, root: nn.Module, shown: Sequence[_Shown], points: torch.Tensor):
        self.root = root
        self.shown = shown
        self.steps: list[Step] = []
        self.values = [points.movedim(0, -1)]
        self.known: dict[fx.Node, Value | Parts | None] = {}
        """What depends on the points; None where that is a size."""
        self.past: list[fx.Node] = []
        self.lost: set[fx.Node] = set()
        """Of these, those that a later one has written over, and their views."""
        self.last = 0

    def take(self, node: fx.Node) -> None:
        """UnreadableError where its derivative is not known."""
        if self.lost.intersection(node.all_input_nodes):
            raise UnreadableError
        if node.op == "placeholder" and not self.past:  # others have their defaults
            self.known[node] = Value(0, tuple(self.values[0].shape[:-1]))
        elif node.op == "output":
            (given,) = node.args
            self.last = self._argument(given).number
        elif not self.known.keys().isdisjoint(node.all_input_nodes):
            self.known[node] = self._result(node)
        for each in self.shown[0].overwritten[node]:
            memory = _memory(self.shown[0].env[each])
            self.lost |= {past for past in self.past if _memory(self.shown[0].env[past]) == memory}
        self.past.append(node)

    def _result(self, node: fx.Node) -> Value | Parts | None:
        values = [shown.env[node] for shown in self.shown]
        given: Any = fx.node.map_arg((node.args, node.kwargs), self._argument)
        arguments, keywords = given
        if not isinstance(values[0], torch.Tensor):
            return parts_of_call(node.target, arguments, keywords) if node.target in PARTS else None
        shapes = {tuple(value.shape[1:]) for value in values}
        if len(shapes) > 1 or any(len(value) != shown.points for value, shown in zip(values, self.shown, strict=True)):
            raise UnreadableError
        if node.target not in RESHAPING and any(self.known.get(each, each) is None for each in node.all_input_nodes):
            raise UnreadableError  # a size may be that of the batch
        (shape,) = shapes
        if node.op == "call_module":
            ((number, of_input),) = arguments
            layer = self.root.get_submodule(str(node.target))
            inputs: tuple[int, ...] = (number,)
            operations = operations_of(layer, of_input, shape)
        else:
            inputs, operations = operations_of_call(node.target, arguments, keywords, shape)
        for operation in operations:
            value = operation(*(self.values[i] for i in inputs)).value
            self.values.append(value)
            self.steps.append(Step(operation, inputs, tuple(value.shape[:-1])))
            inputs = (len(self.steps),)
        if self.values[inputs[0]].shape[:-1] != shape:
            raise UnreadableError
        return Value(inputs[0], shape)

    def _argument(self, node: Any) -> Any:
        return self.known[node] if node in self.known else self.shown[0].env[node]


def _memory(value: Any) -> int | None:
    return value.untyped_storage().data_ptr() if isinstance(value, torch.Tensor) else None
