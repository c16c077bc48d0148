"""The networks are those of the paper, and a checkpoint gives back what was saved."""

import json

import numpy as np
import pytest
import torch
from aespectra.integrity import BrokenFileError
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from safetensors import safe_open
from torch import nn

CONFIG = {
    "family": "mine",
    "kind": "autoencoder",
    "latent_dim": 3,
    "seed": 4,
    "images": "digits",
    "pixels": 20,
    "autoencoder": {"hidden": [9, 5], "activation": "GELU", "output_activation": "Sigmoid"},
    "training": {"epochs": 1},
}
ASKED = CONFIG | {"image_shape": (20,)}


def described(layers: nn.Sequential) -> list:
    return [
        (layer.in_features, layer.out_features) if isinstance(layer, nn.Linear) else type(layer).__name__
        for layer in layers
    ]


def test_defaults_are_the_paper():
    model = Autoencoder((784,), 7, hidden=[128, 64, 32])
    assert described(model.encoder) == [(784, 128), "ReLU", (128, 64), "ReLU", (64, 32), "ReLU", (32, 7)]
    assert described(model.decoder) == [(7, 32), "ReLU", (32, 64), "ReLU", (64, 128), "ReLU", (128, 784), "Tanh"]
    assert type(model.encoder) is nn.Sequential
    assert type(model.decoder) is nn.Sequential
    assert all(layer.bias is not None for layer in [*model.encoder, *model.decoder] if isinstance(layer, nn.Linear))


def test_architecture_is_what_is_asked_for():
    model = Autoencoder((20,), 3, hidden=[9], activation="Softplus", output_activation="Identity")
    assert described(model.encoder) == [(20, 9), "Softplus", (9, 3)]
    assert described(model.decoder) == [(3, 9), "Softplus", (9, 20), "Identity"]


def test_initial_weights_are_as_asked_for():
    """Uniform: the largest of many is just below the bound."""
    torch.manual_seed(0)
    given = {"hidden": [200], "output_activation": "Identity"}
    for layers in (Autoencoder((300,), 100, **given, initialization="glorot"), Autoencoder((300,), 100, **given)):
        for layer in layers.modules():
            if isinstance(layer, nn.Linear):
                glorot = (6 / (layer.in_features + layer.out_features)) ** 0.5
                bound = glorot if not bool(layer.bias.any()) else layer.in_features**-0.5
                assert 0.99 * bound < layer.weight.abs().max().item() <= bound
                assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    glorot, usual = (Autoencoder((20,), 3, hidden=[9], initialization=each) for each in ("glorot", "torch"))
    assert not any(layer.bias.any() for layer in glorot.modules() if isinstance(layer, nn.Linear))
    assert all(layer.bias.any() for layer in usual.modules() if isinstance(layer, nn.Linear))


def test_reconstruction_is_that_of_the_layers_by_hand():
    torch.manual_seed(0)
    model = Autoencoder((6,), 2, hidden=[5, 4]).double()
    x = np.random.default_rng(0).random((3, 6))
    h = x
    linear = [layer for layer in [*model.encoder, *model.decoder] if isinstance(layer, nn.Linear)]
    for i, layer in enumerate(linear):
        h = h @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        # affine into the latent space, tanh onto the pixels
        h = h if i == 2 else np.tanh(h) if i == 5 else np.maximum(h, 0)
    np.testing.assert_allclose(model(torch.from_numpy(x)).detach().numpy(), h, rtol=1e-13)


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(1)
    model = Autoencoder((20,), 3, **CONFIG["autoencoder"])
    save_checkpoint(tmp_path / "new" / "model.safetensors", model, CONFIG, "a device")
    return tmp_path / "new" / "model.safetensors", model


def test_a_checkpoint_gives_back_weights_and_config(saved):
    path, model = saved
    found, config = load_checkpoint(path, plain, ASKED)
    assert config == CONFIG
    assert not found.training
    assert [type(layer) for layer in found.modules()] == [type(layer) for layer in model.modules()]
    assert list(found.state_dict()) == list(model.state_dict())
    assert all(torch.equal(found.state_dict()[name], value) for name, value in model.state_dict().items())
    x = torch.rand(4, 20)
    assert torch.equal(found(x), model(x))


def test_a_checkpoint_says_what_made_it(saved):
    with safe_open(saved[0], framework="np") as file:
        made_by = json.loads(file.metadata()["provenance"])
        names = set(file.keys())
    assert json.loads(made_by["config"]) == CONFIG
    assert made_by["device"] == "a device"
    assert "torch" in json.loads(made_by["versions"])
    layers = [f"{half}.{i}" for half in ("encoder", "decoder") for i in (0, 2, 4)]
    assert names == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}


def test_the_same_model_makes_the_same_bytes(saved, tmp_path):
    path, model = saved
    for i in range(5):
        again = tmp_path / f"again{i}.safetensors"
        save_checkpoint(again, model, dict(reversed(CONFIG.items())), "a device")
        assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("family", "another"),
        ("kind", "vae"),
        ("latent_dim", 4),
        ("seed", 0),
        ("images", "mnist"),
        ("autoencoder", CONFIG["autoencoder"] | {"hidden": [9, 4]}),
        ("autoencoder", CONFIG["autoencoder"] | {"new": 1}),
    ],
)
def test_a_checkpoint_made_for_something_else_is_refused(saved, key, value):
    with pytest.raises(BrokenFileError, match=rf"model\.safetensors was made with {key}.* is asked for\.$"):
        load_checkpoint(saved[0], plain, ASKED | {key: value})


def test_a_checkpoint_made_for_images_of_another_size_is_refused(saved):
    with pytest.raises(BrokenFileError, match=r"was made with pixels 20, 784 is asked for\.$"):
        load_checkpoint(saved[0], plain, ASKED | {"image_shape": (1, 28, 28)})


def test_a_network_is_built_by_what_is_asked_for_and_never_by_the_file(saved, tmp_path):
    """Metadata that lie about the network build nothing: the weights do not fit."""
    other = Autoencoder((20,), 4, **CONFIG["autoencoder"])
    save_checkpoint(tmp_path / "lies.safetensors", other, CONFIG, "cpu")
    with pytest.raises(BrokenFileError, match=r"lies\.safetensors does not fit what the family builds now: "):
        load_checkpoint(tmp_path / "lies.safetensors", plain, ASKED)


def test_a_checkpoint_from_before_there_were_kinds_is_of_the_kind_of_its_family(saved, tmp_path):
    old = {key: value for key, value in CONFIG.items() if key != "kind"} | {"family": "autoencoder"}
    save_checkpoint(tmp_path / "old.safetensors", saved[1], old, "cpu")
    _, made_by = load_checkpoint(tmp_path / "old.safetensors", plain, ASKED | {"family": "autoencoder"})
    assert made_by["kind"] == "autoencoder"


def test_a_failure_while_saving_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        save_checkpoint(tmp_path / "model.safetensors", Autoencoder((4,), 2, hidden=[3]), {"a": object()}, "cpu")
    assert list(tmp_path.iterdir()) == []
