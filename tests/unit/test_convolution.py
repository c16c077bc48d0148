"""Convolutions of points that stand last, against torch's own."""

import pytest
import torch
from aespectra.linalg.convolution import Convolution, Spacing, meetings
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from .dense import assert_same_matrix

MODULES = {(1, False): nn.Conv1d, (2, False): nn.Conv2d, (3, False): nn.Conv3d}
MODULES |= {(1, True): nn.ConvTranspose1d, (2, True): nn.ConvTranspose2d, (3, True): nn.ConvTranspose3d}


def convolution(layer: nn.Module, size: tuple[int, ...], result: tuple[int, ...], **more) -> Convolution:
    spacing = Spacing(layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    kernel = layer.weight.transpose(0, 1) if layer.transposed else layer.weight
    return Convolution(kernel, layer.bias, meetings(size, result, spacing, layer.transposed), **more)


@st.composite
def layers(draw) -> tuple[nn.Module, tuple[int, ...]]:
    """A float64 layer and the size of an image that it takes."""
    dims, transposed = draw(st.integers(1, 3)), draw(st.booleans())
    each = [[draw(st.integers(*bounds)) for _ in range(dims)] for bounds in ((1, 6), (1, 4), (1, 3), (0, 3), (1, 2))]
    size, kernel, stride, padding, dilation = (tuple(values) for values in each)
    channels = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    torch.manual_seed(draw(st.integers(0, 99)))
    more = {}
    if transposed:
        more = {"output_padding": tuple(draw(st.integers(0, s - 1)) for s in stride)}
    bias = draw(st.booleans())
    layer = MODULES[dims, transposed](
        *channels, kernel, stride=stride, padding=padding, dilation=dilation, bias=bias, **more
    )
    return layer.double(), size


@settings(max_examples=150)
@given(layers(), st.sampled_from([1, 2, 5, 127, 128, 129, 300]), st.booleans())
@torch.no_grad()
def test_values_are_those_of_torch(given_layer, n, inside):
    layer, size = given_layer
    x = torch.randn(n, layer.in_channels, *size, dtype=torch.float64)
    x[: n // 2, 0] = 0  # a unit that some points switch off, the first of a block among them
    try:
        expected = layer(x)
    except RuntimeError:
        assume(False)
    assume(expected.numel())
    h = x.movedim(0, -1)
    if inside:  # channels beside the points in memory, as results have them
        h = h.movedim(0, -2).contiguous().movedim(-2, 0)
    kept = h.clone()
    found = convolution(layer, size, expected.shape[2:])(h).value
    torch.testing.assert_close(found.movedim(-1, 0), expected, rtol=1e-12, atol=1e-12)
    assert torch.equal(h, kept)


@pytest.mark.parametrize("n", [1, 3, 64, 100])
@pytest.mark.parametrize("transposed", [False, True])
@torch.no_grad()
def test_tangents_meet_the_slopes_of_their_point(transposed, n):
    """Slopes of some units are zero at all points, and so are some channels of the tangents."""
    torch.manual_seed(0)
    layer = MODULES[2, transposed](6, 7, 3, stride=2, padding=1).double()
    size, result = ((5, 4), (9, 7)) if transposed else ((5, 4), (3, 2))
    activated = convolution(layer, size, result, activation=nn.ReLU())
    layer.bias[2] = -100
    h = torch.randn(6, *size, n, dtype=torch.float64)
    found = activated(h)
    assert not activated.affine
    assert (found.pattern[2] == 0).all()
    tangents = torch.randn(6, *size, 3, n, dtype=torch.float64)
    tangents[1] = 0
    expected = torch.stack(
        [layer(each.movedim(-1, 0)) - layer(0 * each.movedim(-1, 0)) for each in tangents.movedim(-2, 0)]
    )
    expected = expected.movedim(0, -1).movedim(0, -1) * (layer(h.movedim(-1, 0)) > 0).movedim(0, -1).unsqueeze(-2)
    torch.testing.assert_close(found.push(tangents), expected, rtol=1e-12, atol=1e-12)


@torch.no_grad()
def test_points_that_are_not_finite_spoil_no_others():
    layer = nn.Conv2d(3, 4, 3, padding=1)
    x = torch.randn(7, 3, 4, 4)
    expected = layer(x)
    x[2, 1, 0, 0] = torch.nan
    found = convolution(layer, (4, 4), (4, 4))(x.movedim(0, -1)).value.movedim(-1, 0)
    others = [0, 1, 3, 4, 5, 6]
    torch.testing.assert_close(found[others], expected[others])
    assert found[2].isnan().any()


@torch.no_grad()
def test_a_pixel_that_meets_nothing_is_its_bias():
    layer = nn.ConvTranspose1d(1, 2, 1, stride=3).double()
    x = torch.randn(4, 1, 3, dtype=torch.float64)
    found = convolution(layer, (3,), (7,))(x.movedim(0, -1)).value
    assert_same_matrix(found[:, 1], layer.bias[:, None].expand(2, 4).numpy())
