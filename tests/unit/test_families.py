"""The seam between families and what trains, keeps and evaluates them; and what a config says of them."""

import copy
import math
import types

import numpy as np
import pytest
import torch
from aespectra.models import family as seam
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.family import family_of, players_of
from aespectra.models.objectives import RECONSTRUCTION
from aespectra.models.train import train
from aespectra.models.train_together import train_together
from study.families import declared, families, kinds
from torch import nn

from .test_config import KINDS, STUDY

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 3, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}


def penalised(weight: float, together: bool = True) -> types.SimpleNamespace:
    """A family whose latents are pulled to 0."""

    def losses(network, x, training):
        z = network.encoder(x)
        reconstruction = RECONSTRUCTION[training["loss"]](network.decoder(z), x)
        return {"reconstruction": reconstruction, "size": z.square().sum(dim=1).mean()}

    terms = {"reconstruction": 1.0, "size": weight}
    return types.SimpleNamespace(TERMS=terms, TOGETHER=together, build=plain.build, losses=losses)


class WithCritic(nn.Module):
    def __init__(self, image_shape: tuple, latent_dim: int, architecture: dict):
        super().__init__()
        network = Autoencoder(image_shape, latent_dim, **architecture)
        self.encoder, self.decoder = network.encoder, network.decoder
        self.critic = nn.Linear(latent_dim, 1)


def adversarial() -> types.SimpleNamespace:
    """A family with a critic that tells latents from normal numbers, and an encoder that it should not be able to."""

    def losses(network, x, training):
        z = network.encoder(x)
        real = torch.randn_like(z)
        logit = nn.functional.binary_cross_entropy_with_logits
        ones = torch.ones(len(x), 1)
        return {
            "reconstruction": (network.decoder(z) - x).square().mean(),
            "fooling": logit(network.critic(z), ones),
            "telling": logit(network.critic(real), ones) + logit(network.critic(z.detach()), 0 * ones),
        }

    return types.SimpleNamespace(
        TERMS={"reconstruction": 1.0, "fooling": 0.1, "telling": 1.0},
        PLAYERS={"critic": ("telling",)},
        build=WithCritic,
        losses=losses,
    )


@pytest.fixture(scope="module")
def images(small_digits) -> np.ndarray:
    return small_digits[:200]


def same(one: nn.Module, two: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_a_family_is_found_by_its_name():
    assert family_of("autoencoder") is plain
    assert players_of(plain) == {}
    with pytest.raises(ValueError, match=r"^there is no family of kind 'gan'\.$"):
        family_of("gan")


def test_an_import_that_fails_inside_a_family_is_not_taken_for_a_missing_one(monkeypatch):
    def import_module(name):
        raise ModuleNotFoundError("no zuko", name="zuko")

    monkeypatch.setattr(seam, "import_module", import_module)
    with pytest.raises(ModuleNotFoundError, match="no zuko"):
        family_of("flow")


def test_a_weight_of_0_is_the_plain_autoencoder(images):
    one, curves = train(images, 3, 0, plain, ARCHITECTURE, RECIPE)
    two, others = train(images, 3, 0, penalised(0), ARCHITECTURE, RECIPE)
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-6)
    np.testing.assert_allclose(others["reconstruction"], curves["reconstruction"], rtol=1e-6)
    assert list(others) == ["loss", "reconstruction", "size"]


def test_the_loss_is_the_weighted_sum_of_its_terms_and_a_penalty_does_what_it_says(images):
    free, curves = train(images, 3, 0, penalised(0), ARCHITECTURE, RECIPE | {"epochs": 10})
    pulled, others = train(images, 3, 0, penalised(0.5), ARCHITECTURE, RECIPE | {"epochs": 10})
    np.testing.assert_allclose(others["loss"], others["reconstruction"] + 0.5 * others["size"], rtol=1e-6)
    np.testing.assert_allclose(curves["loss"], curves["reconstruction"], rtol=1e-6)
    assert others["size"][-1] < 0.2 * curves["size"][-1]
    x = torch.from_numpy(images)
    assert pulled.encoder(x).square().mean() < 0.2 * free.encoder(x).square().mean()


def test_weights_in_the_recipe_come_before_the_familys_own(images):
    asked, _ = train(images, 3, 0, penalised(0.5), ARCHITECTURE, RECIPE | {"weights": {"size": 0.25}})
    own, _ = train(images, 3, 0, penalised(0.25), ARCHITECTURE, RECIPE)
    assert same(asked, own)


def test_a_family_of_several_terms_is_trained_together_as_alone(images):
    pairs = [(2, 0), (5, 1), (3, 0)]
    networks, curves = train_together(images, pairs, penalised(0.1), ARCHITECTURE, RECIPE)
    for (latent_dim, seed), network, curve in zip(pairs, networks, curves, strict=True):
        alone, expected = train(images, latent_dim, seed, penalised(0.1), ARCHITECTURE, RECIPE)
        for name in ("loss", "reconstruction", "size"):
            np.testing.assert_allclose(curve[name], expected[name], rtol=1e-5)
        for a, b in zip(network.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=2e-4)


def plain_adversarial(images, latent_dim, seed) -> nn.Module:
    """Two optimisers, each on its own terms, both gradients taken before either step: a loop by hand."""
    torch.manual_seed(seed)
    family = adversarial()
    network = family.build(images.shape[1:], latent_dim, ARCHITECTURE)
    main = [*network.encoder.parameters(), *network.decoder.parameters()]
    critic = [*network.critic.parameters()]
    steps = [torch.optim.Adam(each, lr=RECIPE["learning_rate"]) for each in (main, critic)]
    order = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(images)
    for _ in range(RECIPE["epochs"]):
        for batch in torch.randperm(len(x), generator=order).split(RECIPE["batch_size"]):
            terms = family.losses(network, x[batch], RECIPE)
            of_main = torch.autograd.grad(terms["reconstruction"] + 0.1 * terms["fooling"], main, retain_graph=True)
            of_critic = torch.autograd.grad(terms["telling"], critic)
            for parameters, gradients, optimizer in zip((main, critic), (of_main, of_critic), steps, strict=True):
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.grad = gradient
                optimizer.step()
    return network


def test_a_critic_has_an_optimiser_of_its_own(images):
    network, curves = train(images, 3, 4, adversarial(), ARCHITECTURE, RECIPE)
    expected = plain_adversarial(images, 3, 4)
    for (name, a), (_, b) in zip(network.named_parameters(), expected.named_parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=2e-6, msg=name)
    assert list(curves) == ["loss", "reconstruction", "fooling", "telling"]
    np.testing.assert_allclose(curves["loss"], curves["reconstruction"] + 0.1 * curves["fooling"], rtol=1e-6)
    assert all(math.isfinite(value) for curve in curves.values() for value in curve)


def test_what_a_family_draws_is_the_same_from_the_same_seed(images):
    first, _ = train(images, 3, 4, adversarial(), ARCHITECTURE, RECIPE)
    torch.rand(3)
    second, _ = train(images, 3, 4, adversarial(), ARCHITECTURE, RECIPE)
    other, _ = train(images, 3, 5, adversarial(), ARCHITECTURE, RECIPE)
    assert same(first, second)
    assert not same(first, other)


def test_a_checkpoint_keeps_all_of_a_network(images, tmp_path):
    network, _ = train(images, 3, 4, adversarial(), ARCHITECTURE, RECIPE)
    made_by = {"family": "gan", "kind": "wae_gan", "latent_dim": 3, "pixels": 64, "autoencoder": ARCHITECTURE}
    save_checkpoint(tmp_path / "network.safetensors", network, made_by, "cpu")
    found, facts = load_checkpoint(tmp_path / "network.safetensors", adversarial(), made_by | {"image_shape": (64,)})
    assert same(found, network)
    assert facts == made_by
    assert not found.training


def changed(**keys) -> dict:
    return copy.deepcopy(STUDY) | keys


def test_every_kind_declares_its_terms_without_being_imported():
    for kind in kinds(KINDS):
        assert declared(kind, KINDS)["TERMS"] == dict(family_of(kind).TERMS)
    assert "autoencoder" in kinds(KINDS)


def test_what_is_computed_in_a_family_is_not_declared(tmp_path):
    (tmp_path / "one.py").write_text("TERMS = {'a': 1.0}\nHALF = 1.0 / len(TERMS)\nlower = 3\nTOGETHER = True\n")
    assert declared("one", tmp_path) == {"TERMS": {"a": 1.0}, "TOGETHER": True}


def test_a_name_is_the_kind_of_that_name():
    assert families(changed(), KINDS) == {
        "autoencoder": {
            "name": "autoencoder",
            "kind": "autoencoder",
            "autoencoder": STUDY["autoencoder"],
            "training": STUDY["training"] | {"weights": {"reconstruction": 1.0}},
        }
    }


def test_options_lie_over_the_sections_for_that_family_alone():
    options = {"autoencoder": {"hidden": [9]}, "training": {"epochs": 3, "weights": {"reconstruction": 2}}}
    entries = ["autoencoder", {"name": "wide", "kind": "autoencoder", "options": options}]
    training = STUDY["training"] | {"weights": {}}
    found = families(changed(families=entries, training=training), KINDS)
    assert list(found) == ["autoencoder", "wide"]
    assert found["autoencoder"]["autoencoder"] == STUDY["autoencoder"]
    assert found["wide"]["kind"] == "autoencoder"
    assert found["wide"]["autoencoder"] == STUDY["autoencoder"] | {"hidden": [9]}
    assert found["wide"]["training"] == STUDY["training"] | {"epochs": 3, "weights": {"reconstruction": 2}}
    assert found["autoencoder"]["training"]["weights"] == {"reconstruction": 1.0}
