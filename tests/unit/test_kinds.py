"""Every kind of family: its losses against their formulas, what it trains to, what it draws."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.family import family_of, players_of, rates_of
from aespectra.models.objectives import RECONSTRUCTION
from aespectra.models.penalties.cramer_wold import cramer_wold
from aespectra.models.penalties.epps_pulley import epps_pulley
from aespectra.models.penalties.kl import kl
from aespectra.models.penalties.mmd import mmd
from aespectra.models.penalties.priors import directions, draw
from aespectra.models.penalties.quantiles import mismatch, of_gaussian, sorted_of
from aespectra.models.penalties.sliced_wasserstein import sliced_wasserstein
from aespectra.models.step import players
from aespectra.models.stochastic import drawn
from aespectra.models.train import train, train_on
from study.families import declared, kinds

from .test_config import KINDS

pytestmark = pytest.mark.long  # families are trained, statistics drawn many times

ARCHITECTURE = {"hidden": [24, 12], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 2, "batch_size": 64, "optimizer": "Adam", "learning_rate": 0.002, "loss": "squared"}
NAMES = [kind for kind in kinds(KINDS) if kind != "autoencoder"]
STOCHASTIC = ["vae", "infovae"]
TO_THE_PRIOR = [kind for kind in NAMES if kind != "flow"]


@pytest.fixture(autouse=True)
def a_short_fit_of_the_flow(monkeypatch) -> None:
    """But where a test says otherwise: how well it fits matters to one test alone."""
    monkeypatch.setattr(family_of("flow"), "STEPS", 20)


@pytest.fixture(scope="module")
def images(small_digits) -> np.ndarray:
    return small_digits[:1000]


@pytest.fixture(scope="module")
def x(images) -> torch.Tensor:
    return torch.from_numpy(images[:50])


def same(one: torch.nn.Module, two: torch.nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def built(kind: str, latent_dim: int = 3):
    torch.manual_seed(0)
    return family_of(kind).build((64,), latent_dim, ARCHITECTURE)


def found(kind: str, network, x: torch.Tensor, **training) -> dict[str, float]:
    torch.manual_seed(7)
    return {name: value.item() for name, value in family_of(kind).losses(network, x, RECIPE | training).items()}


def error(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return ((y - x) ** 2).sum() / len(x)


def expected(kind: str, network, x: torch.Tensor, prior: str = "gaussian") -> dict[str, torch.Tensor]:
    """Every term written out, with the draws in the order in which the families make them."""
    torch.manual_seed(7)
    if kind in STOCHASTIC:
        features = network.encoder[:-1](x)
        mean, log_variance = network.encoder[-1](features), network.log_variance(features)
        z = mean + torch.sqrt(log_variance.exp()) * torch.randn_like(mean)
        terms = {"reconstruction": error(network.decoder(z), x), "kl": kl(mean, log_variance)}
        return terms | ({"mmd": mmd(z, torch.randn_like(z))} if kind == "infovae" else {})
    z = network.encoder(x)
    terms = {"reconstruction": error(network.decoder(z), x)}
    match kind:
        case "wae_mmd":
            return terms | {"mmd": mmd(z, draw(prior, z))}
        case "swae":
            target = draw(prior, z)
            return terms | {"sliced_wasserstein": sliced_wasserstein(z, target, directions(50, z))}
        case "cwae":
            return terms | {"log_cramer_wold": cramer_wold(z).log()}
        case "sigreg":
            return terms | {"epps_pulley": epps_pulley(z, directions(64, z))}
        case "cdf" if prior == "gaussian":
            return terms | mismatch(sorted_of(z), of_gaussian(*z.shape, z.dtype, z.device))
        case "cdf":
            return terms | mismatch(sorted_of(z), sorted_of(draw(prior, z)))
        case "wae_gan":
            real, false = network.critic(draw(prior, z)).sigmoid(), network.critic(z).sigmoid()
            telling = -real.log().mean() - (1 - false).log().mean()
            return terms | {"fooling": -false.log().mean(), "telling": telling}
    return terms


@pytest.mark.parametrize("kind", NAMES)
def test_losses_are_their_formulas(kind, x):
    network = built(kind)
    terms = expected(kind, network, x)
    assert list(terms) == list(family_of(kind).TERMS)
    assert found(kind, network, x) == pytest.approx({name: each.item() for name, each in terms.items()}, rel=1e-5)


@pytest.mark.parametrize("kind", ["cdf", "swae", "wae_gan", "wae_mmd"])
def test_another_prior_is_compared_with(kind, x):
    network = built(kind)
    terms = {name: each.item() for name, each in expected(kind, network, x, "uniform").items()}
    assert found(kind, network, x, prior="uniform") == pytest.approx(terms, rel=1e-5)
    assert found(kind, network, x) == found(kind, network, x, prior="gaussian") != terms
    assert declared(kind, KINDS)["PRIORS"] == ("gaussian", "uniform")


def test_squared_is_the_mean_squared_error_times_the_pixels(x):
    y = x.flip(0)
    assert RECONSTRUCTION["squared"](y, x) == pytest.approx(64 * RECONSTRUCTION["mse"](y, x).item(), rel=1e-5)


@pytest.mark.parametrize("kind", NAMES)
def test_encoder_and_decoder_start_as_those_of_the_plain_autoencoder(kind):
    network, reference = built(kind), built("autoencoder")
    assert same(network.encoder, reference.encoder)
    assert same(network.decoder, reference.decoder)


@pytest.mark.parametrize("kind", NAMES)
def test_the_seed_alone_decides(kind, images):
    family = family_of(kind)
    first, curves = train(images[:200], 3, 4, family, ARCHITECTURE, RECIPE)
    torch.rand(5)
    second, again = train(images[:200], 3, 4, family, ARCHITECTURE, RECIPE)
    other, _ = train(images[:200], 3, 5, family, ARCHITECTURE, RECIPE)
    assert same(first, second)
    assert not same(first, other)
    assert list(curves) == ["loss", *family.TERMS]
    for name, values in curves.items():
        np.testing.assert_array_equal(values, again[name])
        assert np.isfinite(values).all()


@pytest.mark.parametrize("kind", NAMES)
def test_a_look_at_a_training_changes_nothing(kind, images):
    """A flow draws when it is fitted, a stochastic encoder in every step."""
    family = family_of(kind)
    (early, _), (late, _) = train_on(images[:200], 3, 4, family, ARCHITECTURE, RECIPE, [1, RECIPE["epochs"]])
    assert same(late, train(images[:200], 3, 4, family, ARCHITECTURE, RECIPE)[0])
    assert same(early, train(images[:200], 3, 4, family, ARCHITECTURE, RECIPE | {"epochs": 1})[0])


@pytest.mark.parametrize("kind", NAMES)
def test_a_checkpoint_has_all_of_a_network(kind, images, tmp_path):
    network, _ = train(images[:200], 3, 4, family_of(kind), ARCHITECTURE, RECIPE | {"epochs": 1})
    made_by = {"family": kind, "kind": kind, "latent_dim": 3, "pixels": 64, "autoencoder": ARCHITECTURE}
    save_checkpoint(tmp_path / "network.safetensors", network, made_by, "cpu")
    loaded, _ = load_checkpoint(tmp_path / "network.safetensors", family_of(kind), made_by | {"image_shape": (64,)})
    assert same(loaded, network)


@pytest.mark.long
@pytest.mark.parametrize("kind", [kind for kind in TO_THE_PRIOR if kind not in ("wae_gan", *STOCHASTIC)])
def test_latents_come_to_the_prior(kind, images):
    """Their sliced distance falls to a fraction of the plain autoencoder's."""
    recipe = RECIPE | {"epochs": 25, "weights": {"reconstruction": 0.05}}
    network, _ = train(images, 3, 0, family_of(kind), ARCHITECTURE, recipe)
    free, _ = train(images, 3, 0, plain, ARCHITECTURE, recipe)
    assert _distance(network, images) < 0.12 * _distance(free, images)


@pytest.mark.long
@pytest.mark.parametrize("kind", STOCHASTIC)
def test_samples_of_a_stochastic_encoder_come_to_the_prior(kind, images):
    weights = {"reconstruction": 0.05, "kl": 0.003} | ({"mmd": 1.0} if kind == "infovae" else {})
    recipe = RECIPE | {"epochs": 40, "weights": weights}
    network, _ = train(images, 3, 0, family_of(kind), ARCHITECTURE, recipe)
    torch.manual_seed(0)
    with torch.no_grad():
        mean, log_variance = network.posterior(torch.from_numpy(images))
        z = drawn(mean, log_variance)
        torch.testing.assert_close(mean, network.encoder(torch.from_numpy(images)))
        assert sliced_wasserstein(z, torch.randn_like(z), directions(50, z)) < 0.1
    assert mean.var(dim=0).max() > 0.3


def _distance(network: Autoencoder, images: np.ndarray) -> float:
    with torch.no_grad():
        z = network.encoder(torch.from_numpy(images))
        torch.manual_seed(1)
        return sliced_wasserstein(z, torch.randn_like(z), directions(50, z)).item()


def test_draws_have_the_moments_of_the_posterior():
    torch.manual_seed(0)
    mean, log_variance = torch.tensor([[1.0, -2.0]]).expand(40_000, 2), torch.tensor([[0.0, -2.0]]).expand(40_000, 2)
    z = drawn(mean, log_variance)
    torch.testing.assert_close(z.mean(dim=0), mean[0], atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(dim=0), log_variance[0].exp(), atol=0.02, rtol=0.02)


def test_the_critic_has_a_rate_of_its_own():
    family = family_of("wae_gan")
    network = built("wae_gan")
    rate = RECIPE["learning_rate"]
    main, critic = players(family, dict(network.named_parameters()), RECIPE)
    assert players_of(family) == {"critic": ("telling",)}
    assert main.optimizer.rate == rate
    assert critic.optimizer.rate == rate * rates_of(family)["critic"]
    assert main.optimizer.betas == critic.optimizer.betas == (0.5, 0.999)
    assert rates_of(plain) == {}
    (alone,) = players(plain, dict(built("autoencoder").named_parameters()), RECIPE)
    assert alone.optimizer.betas == (0.9, 0.999)


@pytest.mark.parametrize("optimizer", ["AdamW", "SGD", "Adagrad"])
def test_a_critic_can_have_any_optimizer(optimizer, images):
    recipe = RECIPE | {"optimizer": optimizer, "epochs": 1}
    _, curves = train(images[:200], 3, 4, family_of("wae_gan"), ARCHITECTURE, recipe)
    assert np.isfinite(curves["telling"]).all()


def test_the_flow_leaves_the_autoencoder_alone(images):
    recipe = RECIPE | {"weights": {"reconstruction": 1.0}}
    network, curves = train(images, 3, 4, family_of("flow"), ARCHITECTURE, recipe)
    free, others = train(images, 3, 4, plain, ARCHITECTURE, recipe)
    assert same(network.encoder, free.encoder)
    assert same(network.decoder, free.decoder)
    np.testing.assert_array_equal(curves["loss"], others["loss"])


@pytest.mark.long
@pytest.mark.parametrize(("latent_dim", "steps"), [(1, 3000), (3, 600)])  # in one dimension an edge is fitted slowly
def test_the_flow_brings_latents_to_the_prior_and_back(latent_dim, steps, images, monkeypatch):
    monkeypatch.setattr(family_of("flow"), "STEPS", steps)
    network, _ = train(images, latent_dim, 4, family_of("flow"), ARCHITECTURE, RECIPE | {"epochs": 20})
    with torch.no_grad():
        z = network.encoder(torch.from_numpy(images))
        u = network.to_normal(z)
        torch.testing.assert_close(network.from_normal(u), z, atol=2e-3, rtol=2e-3)
        torch.manual_seed(1)
        lines, normal = directions(50, u), torch.randn_like(u)
        assert sliced_wasserstein(u, normal, lines) < 0.1
        assert sliced_wasserstein(network.from_normal(normal), z, lines) < 0.1 * z.var(dim=0).sum()


def test_only_the_flow_imports_zuko() -> None:
    importing = set()
    for path in KINDS.parents[2].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if "zuko" in [*names, getattr(node, "module", None)]:
                importing.add(path.relative_to(KINDS).name if path.is_relative_to(KINDS) else str(path))
    assert importing == {"flow.py"}


def test_terms_are_weighted_against_each_other():
    for kind in NAMES:
        weights = family_of(kind).TERMS
        assert all(weight > 0 and math.isfinite(weight) for weight in weights.values())
        assert Path(KINDS / f"{kind}.py").read_text().count("Source: ") == 1
