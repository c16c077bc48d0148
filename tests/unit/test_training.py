"""Training: the same bits from the same seed, and the steps of a plain loop."""

import csv
import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from aespectra.determinism import device_name, make_deterministic
from aespectra.models.families import autoencoder as plain
from aespectra.models.objectives import RECONSTRUCTION
from aespectra.models.train import DivergedError, in_order, save_losses, train, train_on
from torch import nn

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 3, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}


@pytest.fixture(scope="module")
def images(small_digits) -> np.ndarray:
    return small_digits[:200]  # the last batch has 8 images


def weights(model: nn.Module) -> list[np.ndarray]:
    return [parameter.detach().numpy() for parameter in model.parameters()]


def test_the_same_seed_gives_the_same_bits(images):
    kept = images.copy()
    first, curves = train(images, 3, 5, plain, ARCHITECTURE, RECIPE)
    torch.manual_seed(99)  # what ran before does not matter
    torch.rand(7)
    np.random.default_rng().random()
    second, again = train(images, 3, 5, plain, ARCHITECTURE, RECIPE)
    assert all(np.array_equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))
    np.testing.assert_array_equal(curves["loss"], again["loss"])
    np.testing.assert_array_equal(images, kept)


def test_another_seed_gives_another_network(images):
    first, curves = train(images, 3, 0, plain, ARCHITECTURE, RECIPE)
    second, others = train(images, 3, 1, plain, ARCHITECTURE, RECIPE)
    assert not any(np.array_equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))
    assert (curves["loss"] != others["loss"]).all()


@pytest.mark.parametrize("dropout", [False, True])
def test_a_look_at_a_training_changes_nothing(images, dropout, monkeypatch):
    """Each network is what a training of that many epochs makes, whatever is drawn from torch's generator."""
    if dropout:
        build = plain.build

        def with_state(*arguments):
            network = build(*arguments)
            network.encoder.append(nn.BatchNorm1d(3))
            network.encoder.append(nn.Dropout(0.2))
            return network

        monkeypatch.setattr(plain, "build", with_state)
    monkeypatch.setattr(plain, "finish", lambda network, x: torch.rand(5), raising=False)
    found = train_on(images, 3, 5, plain, ARCHITECTURE, RECIPE | {"epochs": 99}, [0, 1, 3])
    for epochs, (network, curves) in zip([0, 1, 3], found, strict=True):
        alone, expected = train(images, 3, 5, plain, ARCHITECTURE, RECIPE | {"epochs": epochs})
        ours, theirs = network.state_dict(), alone.state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
        assert not network.training
        np.testing.assert_array_equal(curves["loss"], expected["loss"])
        assert len(curves["loss"]) == epochs
    assert len({id(network) for network, _ in found}) == 3


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "SGD", "Adagrad"])
@pytest.mark.parametrize("loss", ["mse", "euclidean"])
def test_the_loss_falls_with_every_optimiser(images, optimizer, loss):
    rate = {"SGD": 0.1, "Adagrad": 0.01}.get(optimizer, 0.002)
    recipe = RECIPE | {"epochs": 8, "optimizer": optimizer, "loss": loss, "learning_rate": rate}
    model, curves = train(images, 3, 0, plain, ARCHITECTURE, recipe)
    losses = curves["loss"]
    assert losses.shape == (8,)
    assert losses.dtype == np.float64
    assert losses[-1] < 0.95 * losses[0]
    assert not model.training


def plain_losses(difference: torch.Tensor, name: str) -> torch.Tensor:
    if name == "mse":
        return (difference * difference).sum() / difference.numel()
    return sum((row * row).sum().sqrt() for row in difference) / len(difference)


def plain_training(images, latent_dim, seed, recipe) -> tuple[list[np.ndarray], list[float]]:
    """Own initialisation order, own layers, torch's plain (neither fused nor batched) optimiser, float64 sums."""
    torch.manual_seed(seed)
    widths = [64, *ARCHITECTURE["hidden"], latent_dim, *ARCHITECTURE["hidden"][::-1], 64]
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    optimizer = getattr(torch.optim, recipe["optimizer"])(
        [parameter for layer in layers for parameter in layer.parameters()],
        lr=recipe["learning_rate"],
        foreach=False,
        fused=False,
    )
    order = torch.Generator().manual_seed(seed)
    x, losses = torch.tensor(images), []
    for _ in range(recipe["epochs"]):
        of_points = []
        shuffled = torch.randperm(len(x), generator=order).tolist()
        for start in range(0, len(x), recipe["batch_size"]):
            points = torch.stack([x[i] for i in shuffled[start : start + recipe["batch_size"]]])
            h = points
            for i, layer in enumerate(layers):
                h = layer(h)
                h = h if i == 2 else h.tanh() if i == 5 else h.clamp(min=0)
            loss = plain_losses(h - points, recipe["loss"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            of_points += [loss.item()] * len(points)
        losses.append(math.fsum(of_points) / len(of_points))
    return [p.detach().numpy() for layer in layers for p in layer.parameters()], losses


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "SGD", "Adagrad"])
@pytest.mark.parametrize("loss", ["mse", "euclidean"])
def test_training_is_the_plain_loop(images, optimizer, loss):
    recipe = RECIPE | {"optimizer": optimizer, "loss": loss}
    model, curves = train(images, 3, 7, plain, ARCHITECTURE, recipe)
    expected, expected_losses = plain_training(images, 3, 7, recipe)
    assert len(expected) == len(weights(model))
    for found, wanted in zip(weights(model), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6)
    assert list(curves) == ["loss", "reconstruction"]
    for curve in curves.values():
        np.testing.assert_allclose(curve, expected_losses, rtol=1e-6)


def test_every_image_is_seen_once_an_epoch(images, monkeypatch):
    """The batches of an epoch are a permutation of the images, another one in every epoch."""
    seen = []

    def watch(reconstruction, x):
        seen.append(x.clone())
        return torch.nn.functional.mse_loss(reconstruction, x)

    monkeypatch.setitem(RECONSTRUCTION, "mse", watch)
    # an image is known by its number, written into its first pixel
    marked = images.copy()
    marked[:, 0] = np.arange(200) / 200
    train(marked, 2, 0, plain, ARCHITECTURE, RECIPE)
    assert [len(batch) for batch in seen] == [32, 32, 32, 32, 32, 32, 8] * 3
    numbers = np.round(torch.cat(seen).numpy()[:, 0] * 200).astype(int).reshape(3, 200)
    for epoch in numbers:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(200))
        assert (epoch != np.arange(200)).mean() > 0.9
    assert (numbers[0] != numbers[1]).mean() > 0.9
    np.testing.assert_array_equal(torch.cat(seen).numpy()[: len(marked)], marked[numbers[0]])


def test_a_loss_that_is_not_finite_names_the_remedy(images):
    recipe = RECIPE | {"learning_rate": 1e30}
    with pytest.raises(DivergedError, match=r"lower the learning rate, now 1e\+30\.") as caught:
        train(images, 3, 11, plain, ARCHITECTURE | {"output_activation": "Identity"}, recipe)
    message = str(caught.value)
    assert "latent_dim 3" in message
    assert "seed 11" in message
    assert message.endswith(".")
    assert "epoch 1" in message or "epoch 2" in message


@pytest.mark.parametrize("n", [1, 5])
def test_objectives_by_hand(n):
    rng = np.random.default_rng(n)
    x, y = rng.random((n, 7)), rng.random((n, 7))
    mse = sum((x[i, k] - y[i, k]) ** 2 for i in range(n) for k in range(7)) / (7 * n)
    euclidean = sum(math.dist(x[i], y[i]) for i in range(n)) / n
    points = torch.from_numpy(x), torch.from_numpy(y)
    assert RECONSTRUCTION["mse"](*points).item() == pytest.approx(mse, rel=1e-13)
    assert RECONSTRUCTION["euclidean"](*points).item() == pytest.approx(euclidean, rel=1e-13)


def test_gradient_of_the_distance_is_0_at_distance_0():
    y = torch.ones(2, 3, requires_grad=True)
    x = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 4.0]])
    RECONSTRUCTION["euclidean"](y, x).backward()
    np.testing.assert_allclose(y.grad, [[0, 0, 0], [0, 0, -0.5]], atol=1e-7)


def test_objectives_are_those_the_schema_allows(schema):
    assert sorted(RECONSTRUCTION) == sorted(schema["properties"]["training"]["properties"]["loss"]["enum"])


def test_columns_are_of_their_terms_in_whatever_order_a_family_gives_them():
    family = SimpleNamespace(TERMS={"reconstruction": 1.0, "shrinkage": 2.0})
    found = in_order({"shrinkage": torch.tensor(3.0), "reconstruction": torch.tensor(0.5)}, family)
    assert list(found.items()) == [("reconstruction", 0.5), ("shrinkage", 3.0)]


@pytest.mark.parametrize(("n", "batch_size"), [(65, 32), (33, 32), (1, 32), (3, 1)])
def test_one_image_left_for_the_last_batch_is_refused_where_a_network_cannot_take_it(
    small_digits, monkeypatch, n, batch_size
):
    images, recipe = small_digits[:n], RECIPE | {"batch_size": batch_size, "epochs": 1}
    assert np.isfinite(train(images, 3, 0, plain, ARCHITECTURE, recipe)[1]["loss"]).all()
    build = plain.build

    def with_batch_norm(*arguments):
        network = build(*arguments)
        network.encoder.append(nn.BatchNorm1d(3))
        return network

    monkeypatch.setattr(plain, "build", with_batch_norm)
    said = rf"^batches of {batch_size} leave one of {n} images for the last, .*\(Expected more.*another batch_size\.$"
    with pytest.raises(ValueError, match=said):
        train(images, 3, 0, plain, ARCHITECTURE, recipe)
    train(small_digits[: n + 1], 3, 0, plain, ARCHITECTURE, RECIPE | {"batch_size": 2 * n, "epochs": 1})


def test_losses_are_kept_as_a_table(tmp_path):
    curves = {"loss": np.array([0.5, 0.1234567891234, 1e-12]), "penalty": np.array([2.0, -1.0, 0.0])}
    save_losses(tmp_path / "new" / "loss.csv", curves)
    with (tmp_path / "new" / "loss.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    for name, curve in curves.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], curve, rtol=1e-8)


def test_determinism_is_switched_on_for_cuda():
    try:
        make_deterministic("cpu")
        assert not torch.are_deterministic_algorithms_enabled()
        make_deterministic("cuda")
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_name_of_the_device():
    assert device_name("cpu") == "cpu"
