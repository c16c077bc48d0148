"""Stacked training against training one by one."""

import numpy as np
import pytest
import torch
from aespectra.models import train_together as training_together
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.families import autoencoder as plain
from aespectra.models.optimizers import OPTIMIZERS
from aespectra.models.train import train
from aespectra.models.train_together import train_together

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 3, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}
PAIRS = [(2, 0), (2, 7), (5, 0), (3, 1)]


@pytest.fixture(scope="module")
def images(small_digits) -> np.ndarray:
    return small_digits[:200]  # the last batch has 8 images


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", ["mse", "euclidean"])
def test_every_network_is_the_one_trained_alone(images, optimizer, loss):
    recipe = RECIPE | {"optimizer": optimizer, "loss": loss}
    models, curves = train_together(images, PAIRS, plain, ARCHITECTURE, recipe)
    assert len(curves) == 4
    for (latent_dim, seed), model, curve in zip(PAIRS, models, curves, strict=True):
        alone, expected = train(images, latent_dim, seed, plain, ARCHITECTURE, recipe)
        assert not model.training
        assert list(curve) == list(expected) == ["loss", "reconstruction"]
        for name, values in curve.items():
            assert values.shape == (3,)
            np.testing.assert_allclose(values, expected[name], rtol=1e-5)
        for (name, weight), (same, own) in zip(model.named_parameters(), alone.named_parameters(), strict=True):
            assert name == same
            assert weight.shape == own.shape
            np.testing.assert_allclose(weight.detach(), own.detach(), atol=2e-4, err_msg=name)


def test_the_same_pairs_give_the_same_bits(images):
    torch.manual_seed(99)
    first, curves = train_together(images, PAIRS, plain, ARCHITECTURE, RECIPE)
    second, again = train_together(images, PAIRS, plain, ARCHITECTURE, RECIPE)
    for one, two in zip(curves, again, strict=True):
        np.testing.assert_array_equal(one["loss"], two["loss"])
    for one, two in zip(first, second, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["ReLU", "Sigmoid", "GELU"])
def test_padding_stays_exactly_zero(monkeypatch, images, optimizer, activation):
    """Seen at the stacked weights themselves, after training."""
    kept = []

    def keep(parameters, rate):
        kept.append(list(parameters))
        return make(parameters, rate)

    make = OPTIMIZERS[optimizer]
    monkeypatch.setitem(OPTIMIZERS, optimizer, keep)
    architecture = ARCHITECTURE | {"activation": activation}
    models, _ = train_together(images, PAIRS, plain, architecture, RECIPE | {"optimizer": optimizer})
    (stacks,) = kept
    counts = []
    for i, model in enumerate(models):
        for stack, own in zip(stacks, model.parameters(), strict=True):
            outside = torch.ones(stack.shape[1:], dtype=torch.bool)
            outside[tuple(map(slice, own.shape))] = False
            assert (stack[i][outside] == 0).all()
            counts.append(int(outside.sum()))
    # rows of 8 weights and a bias in the encoder, columns of 8 in the decoder, for 3 + 3 + 0 + 2 units
    assert sum(counts) == 8 * (8 + 1 + 8)


def test_one_diverging_network_is_named(images):
    with pytest.raises(FloatingPointError, match=r"latent_dim 2, seed 0.*lower the learning rate"):
        train_together(images, PAIRS, plain, ARCHITECTURE, RECIPE | {"optimizer": "SGD", "learning_rate": 1e30})


def test_padded_networks_compute_the_same(images):
    torch.manual_seed(0)
    small = Autoencoder((64,), 2, **ARCHITECTURE)
    wide = Autoencoder((64,), 6, **ARCHITECTURE)
    x = torch.from_numpy(images)
    torch.testing.assert_close(training_together._padded(small, wide)(x), small(x))
