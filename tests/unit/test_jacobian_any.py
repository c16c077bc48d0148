"""Any network at all, drawn by hypothesis, has the Jacobians that are dense ones."""

from itertools import pairwise

import pytest
import torch
from aespectra.linalg.graph import read
from aespectra.linalg.jacobian import jacobians
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from .dense import Plain
from .modules import assert_images_have_the_dense_truth, settled

pytestmark = pytest.mark.long


@st.composite
def networks(draw) -> tuple[nn.Module, nn.Module, torch.Tensor]:
    """Of images: some blocks, then dense; and back."""
    torch.manual_seed(draw(st.integers(0, 999)))
    size, latent, n = draw(st.integers(4, 7)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    blocks, channels = [], draw(st.integers(1, 3))
    point = (channels, size, size)
    for _ in range(draw(st.integers(1, 3))):
        out = draw(st.integers(1, 6))
        blocks.append(nn.Conv2d(channels, out, 3, draw(st.integers(1, 2)), 1, bias=draw(st.booleans())))
        if draw(st.booleans()):
            blocks.append(draw(st.sampled_from([nn.BatchNorm2d(out), nn.GroupNorm(1, out), nn.Dropout2d()])))
        kind = draw(st.sampled_from([nn.ReLU, nn.GELU, nn.LeakyReLU, nn.Tanh]))
        blocks.append(kind(inplace=True) if kind is nn.LeakyReLU else kind())
        channels = out
    body = nn.Sequential(*blocks).eval()
    with torch.no_grad():
        features = body(torch.zeros(1, *point)).numel()
    encoder = nn.Sequential(body, nn.Flatten(), nn.Linear(features, latent))
    up = nn.ConvTranspose2d(2, point[0], size - 1, draw(st.integers(1, 2)), 0)
    decoder = nn.Sequential(
        nn.Linear(latent, 8), nn.ReLU(), nn.Unflatten(1, (2, 2, 2)), up,
        nn.AdaptiveAvgPool2d(size), draw(st.sampled_from([nn.Sigmoid(), nn.Identity(), nn.LayerNorm([size, size])])),
    )  # fmt: skip
    return settled(encoder), settled(decoder), torch.randn(n, *point, dtype=torch.float64)


@settings(max_examples=60)
@given(networks())
def test_any_network_of_images_has_the_dense_jacobians(network):
    encoder, decoder, x = network
    for module, points in ((encoder, x[:1]), (decoder, encoder(x[:1]).detach())):
        read(module, points)  # that this route is taken
    assert_images_have_the_dense_truth(encoder, decoder, x, 1e-11)


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.sampled_from(["relu", "tanh", "batch", "layer", "dropout", "nest"]), min_size=1, max_size=6),
    st.integers(1, 4),
    st.integers(0, 999),
)
def test_any_perceptron_has_the_dense_jacobians(widths, kinds, latent, seed):
    torch.manual_seed(seed)

    def network(*sizes: int) -> nn.Module:
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(pairwise(sizes)):
            layers.append(nn.Linear(a, b, bias=bool((seed + i) % 3)))
            for kind in kinds[i % len(kinds) :][:3]:
                made = {"relu": nn.ReLU, "tanh": nn.Tanh, "dropout": nn.Dropout}
                layers.append(
                    nn.BatchNorm1d(b) if kind == "batch" else nn.LayerNorm(b) if kind == "layer"
                    else nn.Sequential(nn.Linear(b, b)) if kind == "nest" else made[kind]()
                )  # fmt: skip
        return settled(nn.Sequential(*layers, nn.Linear(sizes[-1], sizes[-1])))

    encoder, decoder = network(9, *widths, latent), network(latent, *reversed(widths), 9)
    x = torch.randn(4, 9, dtype=torch.float64)
    found, expected = jacobians(encoder, decoder, x), jacobians(Plain(encoder), Plain(decoder), x)
    # a normalisation of few units divides by what is next to nothing
    scale = expected.matrices.flatten(2).norm(dim=2).clamp(min=1)[:, :, None, None]
    torch.testing.assert_close(found.matrices / scale, expected.matrices / scale, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.latent, expected.latent, rtol=1e-9, atol=1e-9)
