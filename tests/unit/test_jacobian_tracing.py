"""Modules that do something else under tracing than when called, or mean another axis than columns have."""

import copy

import aespectra
import pytest
import torch
import torch.nn.functional as F
from aespectra.linalg.graph import read
from aespectra.linalg.jacobian import jacobians
from aespectra.linalg.layers import UnreadableError
from torch import nn

from .dense import assert_dense_truth
from .modules import IMAGE, By, D, assert_images_have_the_dense_truth, settled


def added_in_place(self, x):
    out = self.parts[0](x)
    skip = out
    out += torch.tanh(self.parts[1](out))
    return out * torch.sigmoid(skip)


def seen_through_a_view(self, x):
    h = self.parts[0](x)
    v = h.view(h.shape)
    h += 1
    return v * v


def asks_what_it_got(self, x):
    if isinstance(x, torch.Tensor):
        x = 2 * x - 1
    return torch.tanh(self.parts[0](x))


def changes_a_constant(self, x):
    gain = torch.ones(12, dtype=torch.float64)
    for layer in self.parts:
        x = x + torch.tanh(layer(x) + gain)
        gain *= 0.5
    return x


def writes_over_a_part(self, x):
    parts = self.parts[0](x).chunk(2, 1)
    a = torch.relu_(parts[0])
    return torch.cat([a, parts[0] + parts[1]], 1)


OTHERWISE = {
    each.__name__: each for each in (added_in_place, seen_through_a_view, asks_what_it_got, changes_a_constant)
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_is_read_is_held_against_what_the_module_gives(name, x):
    torch.manual_seed(1)
    encoder = nn.Sequential(By(OTHERWISE[name], nn.Linear(12, 12), nn.Linear(12, 12)), nn.Linear(12, D))
    decoder = settled(nn.Sequential(nn.Linear(D, 8), nn.Tanh(), nn.Linear(8, 12)))
    for each in encoder.parameters():
        each.requires_grad_(False)
    assert_dense_truth(settled(encoder), decoder, x)


def test_parts_of_a_value_that_are_written_over_are_noticed():
    """With weights that want a gradient torch refuses it, and so does its reverse mode."""
    torch.manual_seed(1)
    module = settled(By(writes_over_a_part, nn.Linear(12, 12))).requires_grad_(False)
    module.parts[0].bias.fill_(0.3)  # so that this point does not show it, where all units are on
    with pytest.raises(UnreadableError):
        read(module, torch.zeros(1, 12, dtype=torch.float64))


def test_a_first_point_that_is_not_finite_shows_as_much(x):
    torch.manual_seed(1)
    encoder = settled(nn.Sequential(By(asks_what_it_got, nn.Linear(12, 12)), nn.Linear(12, D)))
    with pytest.raises(UnreadableError):
        read(encoder, torch.full((1, 12), torch.nan, dtype=torch.float64))
    decoder = settled(nn.Linear(D, 12))
    x[0] = torch.nan
    found, expected = jacobians(encoder, decoder, x), jacobians(encoder, decoder, x[1:])
    torch.testing.assert_close(found.matrices[:, 1:], expected.matrices)


def test_sound_modules_are_read_in_single_precision_too():
    torch.manual_seed(2)
    wide = nn.Sequential(nn.Linear(784, 2000), nn.ReLU(), nn.Linear(2000, 500), nn.Tanh(), nn.Linear(500, 20)).eval()
    for scale in (1e-6, 1, 1e6):
        read(nn.Sequential(wide), scale * torch.rand(1, 784))


ACROSS = {
    "bounds by channel": lambda self, x: torch.clamp(self.parts[0](x), min=self.low),
    "bounds by channel and column": lambda self, x: torch.clamp(self.parts[0](x), max=self.low + self.low.mT),
    "powers by channel": lambda self, x: torch.abs(self.parts[0](x)) ** (self.low + 2),
    "a bound by name": lambda self, x: self.parts[0](x).clamp(max=self.low),
    "one bound": lambda self, x: torch.clamp(self.parts[0](x), max=torch.tensor(0.1)),
}


@pytest.mark.parametrize("name", ACROSS)
def test_tensors_among_the_arguments_mean_the_axes_of_a_point(name):
    """Channels are as many as rows, so that the wrong axis would fit as well."""
    torch.manual_seed(3)
    channels, rows, columns = IMAGE
    low = torch.linspace(-0.5, 0.5, rows, dtype=torch.float64).view(rows, 1, 1)
    clamped = By(ACROSS[name], nn.Conv2d(channels, rows, 3, padding=1), low=low)
    encoder = settled(nn.Sequential(clamped, nn.Flatten(), nn.Linear(rows * rows * columns, D)))
    decoder = settled(nn.Sequential(nn.Linear(D, channels * rows * columns), nn.Unflatten(1, IMAGE)))
    x = torch.randn(4, *IMAGE, dtype=torch.float64)
    read(encoder, x[:1])
    assert_images_have_the_dense_truth(encoder, decoder, x)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
def test_arithmetic_with_keywords(name, x):
    torch.manual_seed(4)
    keywords = {"add": {"alpha": 2}, "sub": {"alpha": 3}, "mul": {}, "div": {"rounding_mode": None}}[name]
    function = getattr(torch, name)
    block = By(
        lambda self, x: function(torch.tanh(self.parts[0](x)), 2 + torch.tanh(self.parts[1](x)), **keywords),
        nn.Linear(12, 12),
        nn.Linear(12, 12),
    )
    decoder = settled(nn.Sequential(nn.Linear(D, 8), nn.Tanh(), nn.Linear(8, 12)))
    assert_dense_truth(settled(nn.Sequential(block, nn.Linear(12, D))), decoder, x)


class Attention(nn.Module):
    """Over the three parts of a point of 12."""

    def __init__(self, kind: str):
        super().__init__()
        self.kind = kind
        if kind == "layer":
            self.layer = nn.TransformerEncoderLayer(4, 2, 5, batch_first=True)
        elif kind == "heads":
            self.layer = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        h = x.unflatten(1, (3, 4))
        if self.kind == "function":
            h = F.scaled_dot_product_attention(h, 2 * h, torch.tanh(h))
        elif self.kind == "heads":
            h = self.layer(h, h, h, need_weights=False)[0]
        else:
            h = self.layer(h)
        return h.flatten(1)


@pytest.mark.parametrize("kind", ["function", "heads", "layer"])
@pytest.mark.parametrize("frozen", [False, True])
def test_attention_has_the_dense_jacobians(kind, frozen, x):
    torch.manual_seed(5)
    encoder = settled(nn.Sequential(Attention(kind), nn.Linear(12, D))).requires_grad_(not frozen)
    decoder = settled(nn.Sequential(nn.Linear(D, 8), nn.Tanh(), nn.Linear(8, 12)))
    fast = torch.backends.mha.get_fastpath_enabled()
    found = aespectra.spectra(encoder, decoder, x, device="cpu")  # looked at first
    assert found.eigenvalues.notnull().all()
    assert torch.backends.mha.get_fastpath_enabled() == fast
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            assert_dense_truth(copy.deepcopy(encoder), decoder, x)
        finally:
            torch.backends.mha.set_fastpath_enabled(fast)
