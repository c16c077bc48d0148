"""Networks of the user's: what a factory may be and make, and what is said of one that cannot be used."""

import sys
import textwrap

import numpy as np
import pytest
import torch
import torch.autograd.forward_ad as fwAD
from aespectra.models.family import Network, family_of
from aespectra.models.own import OwnNetworkError, made, on_rows, own_parts
from aespectra.models.probe import UnfitError, probe_in_float64, probe_untrained
from aespectra.models.stochastic import StochasticAutoencoder
from aespectra.slabs.compute import block_spectra
from torch import nn

from .dense import dense_jacobians, matched_errors

SHAPE = (1, 8, 8)
CODE = """
    from torch import nn

    class Pair(nn.Module):
        def __init__(self, encoder, decoder):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder

    def rows(pixels, latent_dim, hidden=5):
        encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.Tanh(), nn.Linear(hidden, latent_dim))
        return Pair(encoder, nn.Linear(latent_dim, pixels))

    def pictures(image_shape, latent_dim):
        encoder = nn.Sequential(nn.Conv2d(image_shape[0], 3, 8), nn.Flatten(), nn.Linear(3, latent_dim))
        return Pair(encoder, nn.Sequential(nn.Linear(latent_dim, 64), nn.Unflatten(1, image_shape)))

    class OfOneChannel(nn.Module):
        def forward(self, x):
            assert x.dim() == 3
            return x.mean(dim=1)[:, :2]

    def planes(latent_dim):
        return Pair(OfOneChannel(), nn.Sequential(nn.Linear(latent_dim, 64), nn.Unflatten(1, (8, 8))))

    def wide(pixels, latent_dim):
        return Pair(nn.Linear(pixels, latent_dim + 1), nn.Linear(latent_dim, pixels))

    def bright(pixels, latent_dim):
        return Pair(nn.Linear(pixels, latent_dim), nn.Linear(latent_dim, 2 * pixels))

    def nothing(latent_dim):
        return None

    def half(latent_dim):
        return nn.Sequential(nn.Linear(4, 4))

    def broken(latent_dim):
        return Pair(nn.Linear(3, 2), nn.Linear(2, 64))

    NUMBER = 3
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "minenetworks.py").write_text(textwrap.dedent(CODE))
    monkeypatch.syspath_prepend(tmp_path)
    yield "minenetworks"
    sys.modules.pop("minenetworks", None)


@pytest.mark.parametrize("factory", ["rows", "pictures", "planes"])
def test_encoder_and_decoder_are_of_rows_however_the_network_takes_images(mine, factory):
    torch.manual_seed(0)
    plain = made(SHAPE, 2, f"{mine}:{factory}")
    torch.manual_seed(0)
    encoder, decoder = own_parts(SHAPE, 2, f"{mine}:{factory}")
    x = torch.rand(5, 64)
    as_taken = {"rows": x, "pictures": x.view(5, 1, 8, 8), "planes": x.view(5, 8, 8)}[factory]
    assert torch.equal(encoder(x), plain.encoder(as_taken))
    z = encoder(x)
    assert decoder(z).shape == (5, 64)
    assert torch.equal(decoder(z), plain.decoder(z).flatten(1))


def test_what_takes_rows_is_left_as_it_is(mine):
    network = made(SHAPE, 2, f"{mine}:rows", {"hidden": 7})
    assert network.encoder[0].out_features == 7
    assert on_rows(network, SHAPE, 2) == (network.encoder, network.decoder)


def test_looking_at_a_network_changes_nothing_that_training_needs():
    norm = nn.BatchNorm2d(2)
    network = nn.Module()
    network.encoder = nn.Sequential(nn.Conv2d(1, 2, 8), norm, nn.Flatten())
    network.decoder = nn.Sequential(nn.Linear(2, 64), nn.Dropout(0.5))
    network.decoder[0].eval()
    on_rows(network, SHAPE, 2)
    assert norm.training
    assert [layer.training for layer in network.decoder] == [False, True]
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize(
    ("factory", "arguments", "parts"),
    [
        ("nowhere:rows", {}, ["the factory 'nowhere:rows' cannot be imported", "No module named 'nowhere'"]),
        ("minenetworks:absent", {}, ["cannot be imported", "absent"]),
        ("minenetworks:rows", {"depth": 3}, ["does not take what it is given", "depth"]),
        ("minenetworks:NUMBER", {}, ["does not take what it is given", "not a callable object"]),
        ("minenetworks:nothing", {}, ["returns a NoneType", "encoder and decoder are modules"]),
        ("minenetworks:half", {}, ["returns a Sequential", "encoder and decoder are modules"]),
        ("minenetworks:wide", {}, ["the encoder must make (2, 2) of two images; of (2, 64) it makes (2, 3)"]),
        ("minenetworks:bright", {}, ["the decoder must make two images of (2, 1, 8, 8); it makes (2, 128)"]),
        ("minenetworks:broken", {}, ["the encoder must make (2, 2)", "of (2, 64) it says: mat1 and mat2"]),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(mine, factory, arguments, parts):
    with pytest.raises(OwnNetworkError) as caught:
        own_parts(SHAPE, 2, factory, arguments)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("kind", ["autoencoder", "wae_mmd", "wae_gan", "cwae", "vae", "infovae", "flow"])
@pytest.mark.parametrize("factory", ["rows", "pictures"])
def test_every_family_takes_a_factorys_network(mine, kind, factory, small_digits):
    family = family_of(kind)
    torch.manual_seed(0)
    network = family.build(SHAPE, 2, {"factory": f"{mine}:{factory}", "arguments": {}})
    x = torch.from_numpy(small_digits[:32])
    training = {"loss": "squared", "weights": dict(family.TERMS)}
    losses = family.losses(network, x, training)
    assert set(losses) == set(family.TERMS)
    sum(losses.values()).backward()
    first = next(layer for layer in network.encoder if list(layer.parameters()))
    assert first.weight.grad.abs().sum() > 0
    probe_untrained(small_digits[:32].reshape(-1, *SHAPE), 2, family, {"factory": f"{mine}:{factory}"})


def test_a_posteriors_variance_sees_the_penultimate_features(mine):
    network = StochasticAutoencoder.build(SHAPE, 2, {"factory": f"{mine}:pictures"})
    x = torch.rand(4, 64)
    mean, log_variance = network.posterior(x)
    assert torch.equal(mean, network.encoder(x))
    features = network.encoder[:-1](x)
    assert torch.equal(log_variance, network.log_variance(features))


def test_the_mean_is_the_encoder_of_which_a_layer_stands_twice(mine):
    network = StochasticAutoencoder.build(SHAPE, 2, {"factory": f"{mine}:pictures"})
    layer = nn.Tanh()
    network.encoder = nn.Sequential(nn.Linear(64, 5), layer, nn.Linear(5, 5), layer, nn.Linear(5, 2))
    network.log_variance = nn.Linear(5, 2)
    x = torch.rand(4, 64)
    mean, log_variance = network.posterior(x)
    assert torch.equal(mean, network.encoder(x))
    assert torch.equal(log_variance, network.log_variance(network.encoder[:-1](x)))


def test_a_stochastic_family_needs_a_last_layer_that_is_linear(mine):
    with pytest.raises(OwnNetworkError, match=r"ends in an nn\.Linear"):
        StochasticAutoencoder.build(SHAPE, 2, {"factory": f"{mine}:planes"})


class Parts(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder


class Applied(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Rounded(torch.autograd.Function):
    """A straight-through estimator: the derivative is not what the values show."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.round()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, gradient):
        return gradient

    @staticmethod
    def jvp(ctx, tangent):
        return tangent


class Backward(torch.autograd.Function):
    """Without a forward derivative."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


FAULTS = {
    "float32 inside": (lambda x: x.float() * 2, "encoder gives torch.float32 for torch.float64"),
    "random": (lambda x: x + torch.rand_like(x), "the encoder is not deterministic"),
    "over the batch": (lambda x: x - x.mean(dim=0), "another value when others are beside it"),
    "straight through": (Rounded.apply, "the encoder's derivative is not what its values show"),
    "no forward derivative": (Backward.apply, "the encoder has no forward derivative"),
    "a tuple": (lambda x: (x, x), "the encoder gives a tuple"),
    "branches on values": (
        lambda x: x * 2 if x.flatten()[0].item() >= -1e9 else x,
        "torch.func does not take the network's derivative",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_has_no_spectra_is_said_in_one_sentence(fault, small_digits):
    function, sentence = FAULTS[fault]
    network = nn.Module()
    network.encoder = nn.Sequential(nn.Linear(64, 3), Applied(function))
    network.decoder = nn.Linear(3, 64)
    if fault == "straight through":
        network.encoder[0].weight.data *= 100  # else all is rounded to 0
    with pytest.raises(UnfitError, match=sentence):
        probe_in_float64(network, small_digits)


def test_one_kink_of_very_many_is_no_fault():
    """With 100,000 units one lies within a step of any point."""
    refused = []
    for seed in range(4):
        torch.manual_seed(seed)
        network = Network()
        network.encoder = nn.Linear(3, 2)
        network.decoder = nn.Sequential(nn.Linear(2, 400_000), nn.ReLU(), nn.Linear(400_000, 3))
        try:
            probe_in_float64(network, np.random.default_rng(seed).random((1, 3), np.float32))
        except UnfitError as error:
            refused.append(error)
    assert not refused


def test_hooks_on_a_sequence_stay_with_it(small_digits):
    """Where layers that reshape are put before it."""

    def hooked(**_sizes):
        encoder = nn.Sequential(nn.Conv2d(1, 3, 8), nn.Flatten(), nn.Linear(3, 2))
        encoder.register_forward_pre_hook(lambda module, given: (4 * given[0] - 2,))
        return Parts(encoder, nn.Sequential(nn.Linear(2, 64), nn.Unflatten(1, SHAPE)))

    network = hooked()
    encoder, _ = on_rows(network, SHAPE, 2)
    x = torch.from_numpy(small_digits[:5])
    torch.testing.assert_close(encoder(x), network.encoder(x.unflatten(1, SHAPE)))


def test_kinks_at_black_pixels_are_no_fault(small_digits):
    """Without a bias, units of black patches lie at the kink of ReLU, where differences see half of a slope."""
    network = nn.Module()
    network.encoder = nn.Sequential(
        nn.Unflatten(1, SHAPE),
        nn.Conv2d(1, 4, 3, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 3),
    )
    network.decoder = nn.Sequential(nn.Linear(3, 64), nn.Hardtanh())
    probe_in_float64(network, small_digits)


@pytest.mark.parametrize("unreadable", [False, True])
def test_encoders_without_weights_compute_in_the_decoders_precision(small_digits, unreadable):
    """Where points are float32, as files of data sets have them."""
    network = Network()
    network.encoder = Applied(lambda x: (x.cumsum(1) if unreadable else 2 * x)[:, 20:23].tanh())
    network.decoder = nn.Linear(3, 64)
    network = network.double()
    probe_in_float64(network, small_digits)
    found = block_spectra(network, small_digits[:5])
    for point, values in zip(small_digits[:5].astype("float64"), found["eigenvalue"][0], strict=True):
        matrix, _ = dense_jacobians(network.encoder, network.decoder, torch.from_numpy(point))
        assert matched_errors(values, np.linalg.eigvals(matrix))[0] < 1e-12


@pytest.mark.parametrize("scale", [1e-6, 1e-4, 1, 1e3])
def test_points_of_any_scale_are_looked_at(small_digits, scale):
    """Steps are small beside the points, so that kinks, which lie as close as the points are small, are not crossed."""
    torch.manual_seed(0)
    network = nn.Module()
    network.encoder = nn.Sequential(nn.Linear(64, 32, bias=False), nn.ReLU(), nn.Linear(32, 3, bias=False))
    network.decoder = nn.Sequential(nn.Linear(3, 32, bias=False), nn.ReLU(), nn.Linear(32, 64, bias=False))
    probe_in_float64(network, small_digits * np.float32(scale))
    network.encoder.insert(0, Applied(lambda x: Rounded.apply(x * 1e4 / scale) * scale / 1e4))
    with pytest.raises(UnfitError, match="derivative is not what its values show"):
        probe_in_float64(network, small_digits * np.float32(scale))


def test_memory_that_runs_out_is_no_fault_of_the_network(small_digits):
    network = nn.Module()
    for full in (True, False):  # at once, or where the derivative is taken

        def fill(z, full=full):
            return z + torch.empty(10**15).sum() if full or fwAD.unpack_dual(z).tangent is not None else z

        network.encoder, network.decoder = nn.Sequential(nn.Linear(64, 3), Applied(fill)), nn.Linear(3, 64)
        with pytest.raises(RuntimeError, match="can't allocate memory") as caught:
            probe_in_float64(network, small_digits)
        assert not isinstance(caught.value, UnfitError)


def test_the_spectra_of_a_factorys_network_are_those_of_its_pixel_jacobian(mine, small_digits):
    network = family_of("autoencoder").build(SHAPE, 2, {"factory": f"{mine}:pictures"}).double().eval()
    x = small_digits[:3].astype("float64")
    found = block_spectra(network, x)["eigenvalue"]
    for i, point in enumerate(torch.from_numpy(x)):
        for values, dense in zip(found[:, i], dense_jacobians(network.encoder, network.decoder, point), strict=True):
            assert max(matched_errors(values, np.linalg.eigvals(dense))) < 1e-10
