"""Optimisers against the classes of torch.optim: the same bits, and none of what those import."""

import inspect
import subprocess
import sys
from pathlib import Path

import aespectra
import pytest
import torch
from aespectra.models.optimizers import OPTIMIZERS

SHAPES = [(3, 5), (5,), (17, 2), (1,)]


def drawn(seed: int) -> list[torch.Tensor]:
    """A tensor of every shape, of numbers of many sizes."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) * 10 ** torch.randn(shape, generator=generator) for shape in SHAPES]


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("threads", [1, 2])
def test_steps_are_those_of_torch_to_the_bit(name, threads):
    ours, theirs = ([each.requires_grad_() for each in drawn(0)] for _ in range(2))
    mine = OPTIMIZERS[name](ours, 0.01)
    reference = getattr(torch.optim, name)(theirs, lr=0.01, fused=True)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for step in range(1, 50):
            first, *others, _ = drawn(step)
            # one that lies in memory in another order, and none, as of a weight that no term knows
            gradients = [first.T.contiguous().T, *others, None]
            mine.step(gradients)
            for parameter, gradient in zip(theirs, gradients, strict=True):
                parameter.grad = gradient if gradient is None else gradient.contiguous()  # as backward() leaves it
            reference.step()
    finally:
        torch.set_num_threads(before)
    for found, wanted, start in zip(ours, theirs, drawn(0), strict=True):
        assert torch.equal(found, wanted)
        assert torch.equal(found, start) is (found is ours[-1])


def test_adam_with_other_betas_too():
    (ours,), (theirs,) = drawn(0)[:1], drawn(0)[:1]
    mine = OPTIMIZERS["Adam"]([ours], 0.01, betas=(0.5, 0.9))
    reference = torch.optim.Adam([theirs.requires_grad_()], lr=0.01, betas=(0.5, 0.9), fused=True)
    for step in range(1, 20):
        theirs.grad = drawn(step)[0]
        mine.step(drawn(step)[:1])
        reference.step()
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_defaults_are_those_of_torch(name):
    """Where torch changes one, the steps above differ only if it touches a first or a later step of theirs."""
    defaults = inspect.signature(getattr(torch.optim, name)).parameters
    expected = {
        "Adam": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
        "AdamW": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False},
        "Adagrad": {"lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0, "eps": 1e-10},
        "SGD": {"momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False},
    }[name]
    assert {key: defaults[key].default for key in expected} == expected


def test_training_does_not_import_the_compiler():
    """In a process of its own: here torch.optim has been used."""
    code = (
        "import sys, numpy\n"
        "from aespectra.models.families import autoencoder\n"
        "from aespectra.models.train import train\n"
        "recipe = dict(epochs=1, batch_size=2, optimizer='Adam', learning_rate=.1, loss='mse')\n"
        "train(numpy.ones((4, 6), 'float32'), 2, 0, autoencoder, dict(hidden=[3]), recipe)\n"
        "print([each for each in ('torch._dynamo', 'sympy') if each in sys.modules])"
    )
    folder = Path(aespectra.__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    assert found.stdout.strip() == "[]"
