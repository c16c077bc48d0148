"""A step of training on one core beside its matrix products alone, early and late; d = 10, batch 128."""

from collections.abc import Callable
from contextlib import nullcontext

import torch
from aespectra.models.families import autoencoder as family
from aespectra.models.step import descend, players
from aespectra.subnormals import flushed
from timing import ARCHITECTURE, PIXELS, TRAINING, images, side_by_side
from torch import nn

LATENT_DIM = 10
LATE = 4000
"""Steps, more than eight epochs of MNIST: many moments are as small as they get."""

AT_ONCE, REPEATS = 4, 150
"""Steps: so few that the early ones stay within the first two epochs, before any moment is that small."""


def step(network: nn.Module, of_family: list, batches: list[torch.Tensor]) -> None:
    for points in batches:
        descend(of_family, family.losses(network, points, TRAINING))


def fresh() -> tuple[nn.Module, list]:
    torch.manual_seed(0)
    network = family.build((PIXELS,), LATENT_DIM, ARCHITECTURE)
    return network, players(family, dict(network.named_parameters()), TRAINING)


def late(x: torch.Tensor, subnormals: bool) -> tuple[nn.Module, list]:
    trained = fresh()
    with nullcontext() if subnormals else flushed():
        for _ in range(LATE):
            step(*trained, [x[torch.randint(len(x), (128,))]])
    return trained


def products(network: nn.Module, points: torch.Tensor) -> Callable[[], None]:
    """All that a step multiplies: layers forward, then gradients of their weights and of all inputs but the first."""
    weights = [layer.weight.detach() for layer in network.modules() if isinstance(layer, nn.Linear)]
    inputs = [points] + [torch.rand(len(points), len(weight)) for weight in weights]
    shaped = [torch.empty_like(each) for each in (*inputs, *weights)]
    of_inputs, of_weights = shaped[: len(inputs)], shaped[len(inputs) :]

    def multiply() -> None:
        for weight, below, out in zip(weights, inputs[:-1], of_inputs[1:], strict=True):
            torch.mm(below, weight.T, out=out)
        for i, weight in enumerate(weights):
            torch.mm(inputs[i + 1].T, inputs[i], out=of_weights[i])
            if i:
                torch.mm(inputs[i + 1], weight, out=of_inputs[i])

    return multiply


def within(scope: Callable, function: Callable, *arguments: object) -> Callable[[], None]:
    def run() -> None:
        with scope():
            function(*arguments)

    return run


def compare() -> list[dict]:
    x = torch.from_numpy(images())
    batches = [x[torch.randint(len(x), (128,))] for _ in range(AT_ONCE)]
    multiply = products(fresh()[0], batches[0])
    functions = {
        "its matrix products": lambda: [multiply() for _ in range(AT_ONCE)],
        "early": within(flushed, step, *fresh(), batches),
        "late": within(flushed, step, *late(x, subnormals=False), batches),
        "late, subnormal numbers kept": within(nullcontext, step, *late(x, subnormals=True), batches),
    }
    times = side_by_side(functions, repeats=REPEATS)
    return [
        {
            "step": name,
            "ms": seconds / AT_ONCE * 1e3,
            "step / products": seconds / times["its matrix products"],
            "step / early": seconds / times["early"],
        }
        for name, seconds in times.items()
    ]
