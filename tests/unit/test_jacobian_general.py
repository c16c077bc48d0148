"""Any modules: their Jacobians against dense ones, in bounded memory, and none in training mode."""

import copy
from itertools import pairwise

import pytest
import torch
from aespectra.linalg import activations, forward_mode
from aespectra.linalg.jacobian import jacobians
from aespectra.models.autoencoder import Autoencoder
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from .dense import Plain, assert_dense_truth, assert_same_matrix, dense_jacobians


class Residual(nn.Module):
    """A layer of its own, that no list of known layers can hold."""

    def __init__(self, size: int):
        super().__init__()
        self.inner = nn.Linear(size, size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.sin(self.inner(x))


class ResidualSequential(nn.Sequential):
    """Known layers, but another way through them."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 3 * super().forward(x)


class TwiceLinear(nn.Linear):
    """A known layer's child, with another derivative."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


def generic_pairs() -> dict[str, tuple[nn.Module, nn.Module]]:
    torch.manual_seed(2)
    linear = nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3))
    convolution = nn.Sequential(
        nn.Unflatten(1, (1, 3, 4)), nn.Conv2d(1, 4, 2), nn.GELU(), nn.Flatten(), nn.Linear(24, 3)
    )
    transposed = nn.Sequential(
        nn.Linear(3, 6), nn.Unflatten(1, (1, 2, 3)), nn.ConvTranspose2d(1, 1, 2), nn.Flatten(), nn.Tanh()
    )
    normalised = nn.Sequential(nn.Linear(3, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 12), nn.Sigmoid())
    softmax = nn.Sequential(nn.Linear(12, 6), nn.Softmax(dim=1), nn.Linear(6, 3))
    weighted = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(12, 6)), nn.PReLU(), nn.Linear(6, 3))
    back = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 12), nn.Tanh())
    convolutions = nn.Sequential(
        nn.Unflatten(1, (1, 3, 4)),
        nn.Conv2d(1, 4, 2),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.Dropout2d(),
        nn.Flatten(),
        nn.Linear(24, 3),
    )
    inner = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout())
    batch_norm = nn.Sequential(inner, nn.ReLU(inplace=True), nn.Linear(8, 12))
    for layer in (convolutions[2], inner[1]):  # statistics and factors that a training could have left
        for values in (layer.running_mean, layer.running_var, layer.weight, layer.bias):
            nn.init.uniform_(values, 0.2, 1.5)
    return {
        "batch-norm": (convolutions.eval(), batch_norm.eval()),
        "convolution": (convolution, transposed),
        "layer-norm": (linear, normalised),
        "softmax": (softmax, back),
        "own-module": (nn.Sequential(Residual(12), nn.Linear(12, 3)), nn.Sequential(nn.Linear(3, 12), Residual(12))),
        "child-of-linear": (nn.Sequential(TwiceLinear(12, 3)), nn.Sequential(TwiceLinear(3, 12), nn.Tanh())),
        "weight-norm": (weighted, back),
        "nested": (nn.Sequential(linear), nn.Sequential(back, nn.Identity())),
        "sequence-with-its-own-forward": (ResidualSequential(*linear), back),
        "decoder-with-its-own-forward": (linear, ResidualSequential(*back)),
    }


@pytest.mark.parametrize("name", generic_pairs())
def test_any_modules_have_the_dense_jacobians(name, x):
    encoder, decoder = (copy.deepcopy(module).double() for module in generic_pairs()[name])
    assert_dense_truth(encoder, decoder, x)
    assert_dense_truth(Plain(encoder), Plain(decoder), x)
    assert not jacobians(Plain(encoder), Plain(decoder), x).same_pattern.any()


@settings(max_examples=20)  # each takes a dense Jacobian of every point
@given(
    st.sampled_from([nn.ReLU, nn.SiLU, nn.Softmax, nn.Sequential, nn.BatchNorm1d]),
    st.lists(st.integers(1, 8), min_size=1, max_size=3),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_any_nested_modules_have_the_dense_jacobians(kind, widths, latent_dim, n):
    def layer(width: int) -> nn.Module:
        if kind is nn.BatchNorm1d:
            return kind(width)
        return kind(nn.Tanh()) if kind is nn.Sequential else kind(*([1] if kind is nn.Softmax else []))

    def network(*sizes: int) -> nn.Sequential:
        inner = (nn.Sequential(nn.Linear(*pair), layer(pair[1])) for pair in pairwise(sizes))
        return nn.Sequential(*inner, nn.Linear(sizes[-1], sizes[-1]))

    torch.manual_seed(n)
    encoder = network(9, *widths, latent_dim).double().eval()
    decoder = network(latent_dim, *reversed(widths), 9).double().eval()
    points = torch.randn(n, 9, dtype=torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(forward_mode.POINTS, "cpu", 3)
        found = jacobians(Plain(encoder), Plain(decoder), points)
    assert found.matrices.shape == (2, n, latent_dim, latent_dim)
    for i, point in enumerate(points):
        _, j_latent = dense_jacobians(encoder, decoder, point)
        assert_same_matrix(found.matrices[1][i], j_latent)


@pytest.mark.parametrize("size", [1, 4, 5, 6])
def test_memory_of_forward_mode_is_that_of_a_batch(size, x, monkeypatch):
    """Modules never see more points than POINTS, and what they give is in the order of the points."""
    encoder, decoder = (Plain(module).double() for module in generic_pairs()["batch-norm"])
    whole = jacobians(encoder, decoder, x)
    monkeypatch.setitem(forward_mode.POINTS, "cpu", size)
    batches = []
    one_batch = forward_mode._batch
    monkeypatch.setattr(forward_mode, "_batch", lambda *args: batches.append(len(args[2])) or one_batch(*args))
    parts = jacobians(encoder, decoder, x)
    assert batches == [len(part) for part in x.split(size)]
    for one, two in zip(parts[:4], whole[:4], strict=True):
        torch.testing.assert_close(one, two, rtol=1e-12, atol=1e-14)


TRAINING = [
    nn.Dropout(),
    nn.AlphaDropout(),
    nn.BatchNorm1d(12),
    nn.Sequential(nn.Identity(), nn.BatchNorm1d(12)),
    nn.utils.parametrizations.spectral_norm(nn.Linear(12, 12)),
]


@pytest.mark.parametrize("layer", TRAINING, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("side", ["encoder", "decoder"])
def test_layers_in_training_mode_are_named(layer, side, x):
    encoder, decoder = nn.Sequential(nn.Linear(12, 3)), nn.Sequential(nn.Linear(3, 12))
    layer = copy.deepcopy(layer).train()
    (encoder.insert(0, layer) if side == "encoder" else decoder.append(layer))
    encoder, decoder = encoder.double(), decoder.double()
    culprit = {"Sequential": "BatchNorm1d", "ParametrizedLinear": "_SpectralNorm"}.get(
        type(layer).__name__, type(layer).__name__
    )
    with pytest.raises(ValueError, match=rf"^a layer of type {culprit} is in training mode, .*call \.eval\(\)"):
        jacobians(encoder, decoder, x)
    assert_dense_truth(encoder.eval(), decoder.eval(), x)


def test_training_mode_is_harmless_where_no_layer_minds(x):
    """As it is where a network was just built."""
    for encoder, decoder in ((nn.Linear(12, 3), nn.Linear(3, 12)), generic_pairs()["convolution"]):
        assert encoder.training
        in_training = jacobians(encoder.double(), decoder.double(), x)
        for one, two in zip(in_training[:4], jacobians(encoder.eval(), decoder.eval(), x)[:4], strict=True):
            assert torch.equal(one, two)


@pytest.mark.parametrize("activation", activations.ELEMENTWISE, ids=lambda each: each.__name__)
def test_both_routes_agree_on_perceptrons(activation, x):
    model = Autoencoder((12,), 3, hidden=[9, 5], activation=activation.__name__, output_activation="Tanh").double()
    fast = jacobians(model.encoder, model.decoder, x)
    generic = jacobians(Plain(model.encoder), Plain(model.decoder), x)
    for name in ("latent", "reconstruction_mse", "matrices"):
        torch.testing.assert_close(getattr(fast, name), getattr(generic, name), rtol=1e-12, atol=1e-14)
