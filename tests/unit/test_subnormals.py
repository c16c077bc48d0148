"""Subnormal numbers stay out of training, and nothing but them; the mode ends with it."""

import sys

import numpy as np
import pytest
import torch
from aespectra import subnormals
from aespectra.models.families import autoencoder as plain
from aespectra.models.optimizers import OPTIMIZERS, Adam
from aespectra.models.train import DivergedError, train
from aespectra.models.train_together import train_together
from aespectra.subnormals import flushed, flushing

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 1, "batch_size": 1, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}
PAIRS = [(2, 0), (3, 0)]
SMALLEST = {torch.float32: torch.finfo(torch.float32).tiny, torch.float64: torch.finfo(torch.float64).tiny}

pytestmark = pytest.mark.skipif(not torch.set_flush_denormal(False), reason="this processor cannot flush subnormals")


@pytest.fixture(autouse=True)
def off():
    torch.set_flush_denormal(False)
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="module")
def images(small_digits) -> np.ndarray:
    """One step an image, and a pixel that is on in the first alone: its moment halves every seven steps from there."""
    images = small_digits[:1200].copy()
    images[:, 0] = 0
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images[order[0], 0] = 1
    return images


def halved(value: float) -> float:
    return value / 2


def subnormal(values: torch.Tensor) -> int:
    return int(((values != 0) & (values.abs() < SMALLEST[values.dtype])).sum())


def test_the_mode_is_on_within_and_as_before_after():
    assert not flushing()
    with flushed():
        assert flushing()
        assert halved(sys.float_info.min) == 0
        assert torch.full((64,), SMALLEST[torch.float32]).div(2).count_nonzero() == 0
        with flushed():
            assert flushing()
        assert flushing()
    assert not flushing()
    assert halved(sys.float_info.min) > 0
    assert torch.full((64,), SMALLEST[torch.float32]).div(2).count_nonzero() == 64


def alone(images) -> list[torch.Tensor]:
    return list(train(images, 2, 0, plain, ARCHITECTURE, RECIPE)[0].parameters())


def together(images) -> list[torch.Tensor]:
    models, _ = train_together(images, PAIRS, plain, ARCHITECTURE, RECIPE)
    return [parameter for model in models for parameter in model.parameters()]


@pytest.mark.parametrize("weights_of", [alone, together])
def test_moments_hold_no_subnormal_number_and_weights_are_the_same_bits(monkeypatch, images, weights_of):
    optimizers = []

    def keep(parameters, rate):
        optimizers.append(Adam(parameters, rate))
        return optimizers[-1]

    monkeypatch.setitem(OPTIMIZERS, "Adam", keep)
    flushing_weights = weights_of(images)
    with monkeypatch.context() as without:
        without.setattr(subnormals.torch, "set_flush_denormal", lambda mode: False)
        gradual_weights = weights_of(images)
    counts = [sum(subnormal(each) for state in optimizer.states for each in state) for optimizer in optimizers]
    assert counts[0] == 0
    assert counts[1] >= ARCHITECTURE["hidden"][0] / 4  # else nothing was there to be flushed
    assert all(torch.equal(a, b) for a, b in zip(flushing_weights, gradual_weights, strict=True))
    assert not flushing()


@pytest.mark.parametrize("before", [False, True])
def test_the_mode_ends_with_a_training_that_fails(images, before):
    torch.set_flush_denormal(before)
    with pytest.raises(DivergedError):
        train(
            images[:100],
            2,
            0,
            plain,
            ARCHITECTURE | {"output_activation": "Identity"},
            RECIPE | {"optimizer": "SGD", "learning_rate": 1e30},
        )
    assert flushing() is before
