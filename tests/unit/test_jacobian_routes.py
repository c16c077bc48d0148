"""Which route a module takes, and that what it finds there is what dense Jacobians are."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from aespectra.linalg import batched, jacobian
from aespectra.linalg.graph import read
from aespectra.linalg.jacobian import jacobians
from aespectra.linalg.layers import UnreadableError
from torch import nn

from .dense import assert_dense_truth
from .modules import IMAGE, By, D, assert_images_have_the_dense_truth, flat, images, settled


@pytest.fixture
def taken(monkeypatch) -> list[str]:
    """The routes that are taken."""
    routes = []

    def note(name: str, route: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: routes.append(name) or route(*args)

    for name in ("perceptron", "batched", "forward_mode"):
        route = f"{name}_jacobians"
        monkeypatch.setattr(jacobian, route, note(name, getattr(jacobian, route)))
    return routes


def dense_encoders() -> dict[str, nn.Module]:
    """Encoders of (12,), all perceptrons."""
    torch.manual_seed(3)
    shared = nn.Linear(12, 12)
    return {
        "nested": nn.Sequential(nn.Sequential(nn.Linear(12, 7), nn.Sequential(nn.ReLU())), nn.Linear(7, D)),
        "batch norm": nn.Sequential(nn.Linear(12, 7, bias=False), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, D)),
        "batch norm after": nn.Sequential(nn.Linear(12, 7), nn.ReLU(), nn.BatchNorm1d(7), nn.Linear(7, D, bias=False)),
        "batch norm first": nn.Sequential(nn.BatchNorm1d(12), nn.Linear(12, D)),
        "batch norm without factors": nn.Sequential(nn.Linear(12, 7), nn.BatchNorm1d(7, affine=False), nn.Linear(7, D)),
        "layer norm": nn.Sequential(nn.Linear(12, 7), nn.LayerNorm(7), nn.ReLU(), nn.Linear(7, D)),
        "layer norm after": nn.Sequential(nn.Linear(12, 7), nn.ReLU(), nn.LayerNorm(7), nn.Linear(7, D)),
        "layer norm first": nn.Sequential(nn.LayerNorm(12), nn.Linear(12, 7), nn.Tanh(), nn.Linear(7, D)),
        "layer norm last": nn.Sequential(nn.Linear(12, 7), nn.ReLU(), nn.Linear(7, D, bias=False), nn.LayerNorm(D)),
        "layer norm twice": nn.Sequential(
            nn.Linear(12, 7), nn.LayerNorm(7), nn.LayerNorm(7), nn.ReLU(), nn.Linear(7, D)
        ),
        "layer norm after two": nn.Sequential(nn.Linear(12, 7), nn.ReLU(), nn.Tanh(), nn.LayerNorm(7), nn.Linear(7, D)),
        "layer norm without factors": nn.Sequential(
            nn.Linear(12, 7), nn.LayerNorm(7, elementwise_affine=False), nn.ReLU(), nn.Linear(7, D)
        ),
        "both norms": nn.Sequential(nn.Linear(12, 7), nn.LayerNorm(7), nn.BatchNorm1d(7), nn.Linear(7, D)),
        "dropout": nn.Sequential(nn.Dropout(), nn.Linear(12, 7), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(7, D)),
        "one layer": nn.Linear(12, D),
        "own forward": By(
            lambda self, x: self.parts[1](F.relu(self.parts[0](x.view(x.size(0), -1)))),
            nn.Linear(12, 7),
            nn.Linear(7, D),
        ),
        "layer twice": nn.Sequential(shared, nn.ReLU(), shared, nn.Tanh(), nn.Linear(12, D)),
        "dropout as a function": By(
            lambda self, x: F.dropout(self.parts[0](x), 0.5, self.training).tanh(), nn.Linear(12, D)
        ),
        "slopes by channel": nn.Sequential(
            nn.Unflatten(1, (4, 3)), nn.PReLU(4, init=0.1), nn.Flatten(), nn.Linear(12, 8), nn.PReLU(8), nn.Linear(8, D)
        ),
        "one slope": nn.Sequential(nn.Unflatten(1, (4, 3)), nn.PReLU(), nn.Flatten(), nn.Linear(12, D)),
        "first half": By(lambda self, x: torch.tanh(self.parts[0](x)).chunk(2, dim=1)[0], nn.Linear(12, 2 * D)),
    }


IN_ANOTHER_ROUTE = {"first half": "batched", "slopes by channel": "batched"}


@pytest.mark.parametrize("name", dense_encoders())
def test_perceptrons_take_the_fast_route(name, taken, x):
    encoder = settled(dense_encoders()[name])
    decoder = settled(nn.Sequential(nn.Sequential(nn.Linear(D, 8), nn.ReLU()), nn.Linear(8, 12), nn.Sigmoid()))
    assert_dense_truth(encoder, decoder, x)
    assert taken == [IN_ANOTHER_ROUTE.get(name, "perceptron")]
    assert_dense_truth(settled(nn.Sequential(nn.Linear(12, 9), nn.SiLU(), nn.Linear(9, D))), mirrored(name), x)


@pytest.mark.parametrize("layer", [nn.ReLU(), nn.Tanh()], ids=type)
def test_a_layer_that_stands_twice_in_plain_sequences_is_used_twice(layer, taken, x):
    torch.manual_seed(8)
    square = nn.Linear(6, 6)
    encoder = settled(nn.Sequential(nn.Linear(12, 6), layer, square, layer, square, layer, nn.Linear(6, D)))
    decoder = settled(nn.Sequential(nn.Linear(D, 6), layer, nn.Linear(6, 9), layer, nn.Linear(9, 12)))
    assert_dense_truth(encoder, decoder, x)
    assert taken == ["perceptron"]


def test_a_skip_connection_may_be_added_last(taken, x):
    torch.manual_seed(9)
    encoder = settled(
        By(lambda self, x: self.parts[0](torch.relu(x)) + self.parts[1](x), nn.Linear(12, D), nn.Linear(12, D))
    )
    decoder = settled(nn.Sequential(nn.Linear(D, 8), nn.Tanh(), nn.Linear(8, 12)))
    assert_dense_truth(encoder, decoder, x)
    assert taken == ["batched"]


def mirrored(name: str) -> nn.Module:
    """A decoder that has the encoder inside."""
    return settled(nn.Sequential(nn.Linear(D, 12), nn.Tanh(), dense_encoders()[name], nn.SiLU(), nn.Linear(D, 12)))


def image_encoders() -> dict[str, nn.Module]:
    torch.manual_seed(4)
    depthwise = nn.Conv2d(4, 4, 3, padding=1, groups=4)
    half = nn.Conv2d(2, 4, 2, padding="same")
    return {
        "convolutions": images(nn.Conv2d(2, 5, 3, 2, 1), nn.ReLU(), nn.Conv2d(5, 4, 2), nn.GELU(), units=16),
        "pooled": images(nn.Conv2d(2, 5, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.AvgPool2d(1), units=5 * 2 * 1),
        "overlapping pools": images(
            nn.Conv2d(2, 3, 2), nn.Tanh(), nn.MaxPool2d(3, 1, 1, ceil_mode=True), units=3 * 5 * 4
        ),
        "global": images(nn.Conv2d(2, 5, 3), nn.SiLU(), nn.AdaptiveAvgPool2d(1), units=5),
        "batch norm": images(nn.Conv2d(2, 5, 3, bias=False), nn.BatchNorm2d(5), nn.ReLU(), units=5 * 4 * 3),
        "batch norm after": images(nn.Conv2d(2, 5, 3), nn.ReLU(), nn.BatchNorm2d(5), nn.Dropout2d(), units=5 * 4 * 3),
        "group norm": images(nn.Conv2d(2, 6, 3), nn.GroupNorm(3, 6), nn.ReLU(), units=6 * 4 * 3),
        "layer norm": images(nn.Conv2d(2, 3, 3), nn.LayerNorm([3, 4, 3]), nn.ReLU(), units=3 * 4 * 3),
        "odd paddings": images(half, nn.ELU(), nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect"), units=2 * 30),
        "groups": images(nn.Conv2d(2, 4, 1), depthwise, nn.ReLU(), depthwise, units=4 * 30),
        "prelu": images(nn.Conv2d(2, 4, 3), nn.PReLU(4, init=0.1), units=4 * 4 * 3),
        "three dimensions": images(nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 2, 2), nn.ReLU(), units=2 * 5 * 4),
        "one dimension": images(nn.Flatten(2), nn.Conv1d(2, 3, 4, stride=3), nn.ReLU(), units=3 * 9),
        "residual": images(
            nn.Conv2d(2, 4, 1),
            By(
                lambda self, x: x + self.parts[1](F.relu(self.parts[0](x))),
                *(nn.Conv2d(4, 4, 3, padding=1) for _ in "12"),
            ),
            nn.ReLU(),
            units=4 * 30,
        ),
        "seen twice": images(
            nn.Conv2d(2, 2, 1),
            nn.Tanh(),
            By(
                lambda self, x: (lambda h: h * torch.relu(h) + self.parts[1](h))(self.parts[0](x)),
                nn.Conv2d(2, 4, 1),
                nn.BatchNorm2d(4),
            ),
            units=4 * 30,
        ),
        "dense block": By(
            lambda self, x: self.parts[1](torch.cat([x, torch.relu(self.parts[0](x))], 1).flatten(1)),
            nn.Conv2d(2, 3, 3, padding=1),
            nn.Linear(5 * 30, D),
        ),
        "attention to channels": By(
            lambda self, x: self.parts[1]((x * torch.sigmoid(self.parts[0](x.mean((2, 3), keepdim=True)))).flatten(1)),
            nn.Conv2d(2, 2, 1),
            nn.Linear(60, D),
        ),
        "own forward": By(
            lambda self, x: self.parts[1](F.max_pool2d(F.leaky_relu(self.parts[0](x), 0.1), 2).reshape(x.shape[0], -1)),
            nn.Conv2d(2, 3, 3),
            nn.Linear(3 * 2, D),
        ),
        "linear over the last dimension": images(nn.Linear(5, 4), nn.ReLU(), nn.LayerNorm(4), units=48),
        "channels last": images(nn.Conv2d(2, 4, 3).to(memory_format=torch.channels_last), nn.ReLU(), units=48),
        "arithmetic": By(
            lambda self, x: self.parts[0]((1 - (2 * x - self.shift) / 3 + x**2 - torch.square(x)).flatten(1)),
            nn.Linear(60, D),
            shift=torch.randn(2, 1, 1),
        ),
    }


def image_decoder() -> nn.Module:
    torch.manual_seed(5)
    return settled(
        nn.Sequential(
            nn.Linear(D, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Unflatten(1, (4, 3, 2)),
            nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=(1, 0)), nn.BatchNorm2d(3), nn.Tanh(),
            nn.Upsample(size=IMAGE[1:], mode="nearest"), nn.ConvTranspose2d(3, 2, 1), nn.Sigmoid(),
        )
    )  # fmt: skip


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randn(4, *IMAGE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", image_encoders())
def test_networks_of_images_are_pushed_in_batches(name, taken, pictures, monkeypatch):
    encoder, decoder = settled(image_encoders()[name]), image_decoder()
    assert_images_have_the_dense_truth(encoder, decoder, pictures)
    assert_images_have_the_dense_truth(encoder, decoder, pictures[:1])
    last = pictures.to(memory_format=torch.channels_last)
    torch.testing.assert_close(
        jacobians(encoder, decoder, last).matrices,
        jacobians(encoder, decoder, pictures).matrices,
        rtol=1e-12,
        atol=1e-14,
    )
    monkeypatch.setitem(batched.COLUMN_BYTES, "cpu", 8 * 60 * 4)  # two directions of two points at most
    monkeypatch.setitem(batched.POINTS, "cpu", 2)
    assert_images_have_the_dense_truth(encoder, decoder, pictures[:3])
    assert set(taken) == {"batched"}


def test_dense_networks_of_images_are_perceptrons(taken, pictures):
    encoder = settled(images(units=60))
    decoder = settled(
        nn.Sequential(nn.Linear(D, 60), nn.ReLU(), nn.Linear(60, 60), nn.Unflatten(1, IMAGE), nn.Sigmoid())
    )
    assert_images_have_the_dense_truth(encoder, decoder, pictures)
    assert taken == ["perceptron"]


@pytest.mark.parametrize("name", ["convolutions", "batch norm", "group norm", "residual"])
def test_float32_is_near(name, pictures):
    encoder, decoder = settled(image_encoders()[name]), image_decoder()
    expected = jacobians(encoder, decoder, pictures)
    found = jacobians(copy.deepcopy(encoder).float(), copy.deepcopy(decoder).float(), pictures)
    assert {each.dtype for each in found[:3]} == {torch.float32}
    torch.testing.assert_close(
        found.matrices.double(), expected.matrices, rtol=0, atol=1e-4 * expected.matrices.abs().max()
    )


def test_modules_are_left_as_they_are(pictures):
    encoder, decoder = settled(image_encoders()["batch norm"]), image_decoder()
    before = [copy.deepcopy(module.state_dict()) for module in (encoder, decoder)]
    kept = pictures.clone()
    found = jacobians(encoder, decoder, pictures)
    assert torch.equal(pictures, kept)
    assert not any(each.requires_grad for each in found[:4])
    for module, values in zip((encoder, decoder), before, strict=True):
        assert all(torch.equal(values[name], each) for name, each in module.state_dict().items())


def test_what_a_forward_notes_down_is_not_a_proxy(x):
    def forward(self, x):
        self.seen = self.parts[0](x)
        return self.seen

    encoder = By(forward, nn.Linear(12, D)).double()
    jacobians(encoder, nn.Linear(D, 12).double(), x)
    assert not hasattr(encoder, "seen")
    assert_dense_truth(encoder, nn.Linear(D, 12).double(), x)


def unreadable() -> dict[str, nn.Module]:
    """Encoders of (12,) whose derivative only torch.func knows."""
    torch.manual_seed(6)
    hooked, patched = nn.Linear(12, 12), nn.Linear(12, 12)
    hooked.register_forward_hook(lambda _, __, y: 2 * y)
    before = nn.Linear(12, 12)
    before.register_forward_pre_hook(lambda _, x: (2 * x[0],))
    patched.forward = lambda x: x**3
    known = nn.Sequential(nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, D))
    known.register_forward_hook(lambda _, __, y: 2 * y)
    return {
        "hook": nn.Sequential(hooked, nn.Linear(12, D)),
        "hook before": nn.Sequential(before, nn.Linear(12, D)),
        "hook of the whole": known,
        "forward of an instance": nn.Sequential(patched, nn.Linear(12, D)),
        "parametrized": nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(12, 12)), nn.Linear(12, D)),
        "softmax": nn.Sequential(nn.Softmax(dim=1), nn.Linear(12, D)),
        "loop over the batch": flat(lambda self, x: torch.stack([each.sin() for each in x])),
        "over the batch": flat(lambda self, x: x - x.mean(0) + x.mean(0)),
        "size as a number": flat(lambda self, x: x * x.size(0)),
        "written over, seen again": flat(
            lambda self, x: (lambda h: self.parts[0](h.relu_()) + h)(2 * x), nn.Linear(12, 12)
        ),
        "view written over": flat(lambda self, x: (lambda h: h.view(-1, 3, 4).relu_().flatten(1) + h)(2 * x)),
    }


@pytest.mark.parametrize("name", unreadable())
def test_what_is_not_known_is_left_to_torch(name, taken, x):
    encoder = settled(unreadable()[name])
    decoder = settled(nn.Sequential(nn.Linear(D, 12), nn.Tanh()))
    with pytest.raises(UnreadableError):
        read(encoder, x[:1])
    if name not in ("loop over the batch", "over the batch", "size as a number"):  # no functions of a point
        assert_dense_truth(encoder, decoder, x)
        assert taken == ["forward_mode"]


def test_a_hook_on_all_modules_is_seen(taken, x):
    encoder = nn.Sequential(nn.Linear(12, 5), nn.Linear(5, D)).double()
    decoder = nn.Sequential(nn.Linear(D, 12)).double()
    hook = nn.modules.module.register_module_forward_hook(
        lambda module, _, y: 2 * y if type(module) is nn.Linear else y
    )
    try:
        assert_dense_truth(encoder, decoder, x)
    finally:
        hook.remove()
    assert taken == ["forward_mode"]


@pytest.mark.parametrize("inplace", [False, True])
def test_residual_sums_of_what_is_written_over(inplace, x):
    """x + relu(x) is 2·relu(x) where the activation works in place."""
    encoder = flat(
        lambda self, x: (lambda h: self.parts[1](h) + h)(self.parts[0](x)), nn.Linear(12, 12), nn.ReLU(inplace)
    )
    encoder, decoder = settled(encoder), settled(nn.Linear(D, 12))
    assert_dense_truth(encoder, decoder, x)


def test_points_of_few_are_not_confused_with_units():
    """As many points as units: what mixes them does not pass."""
    encoder = nn.Sequential(By(lambda self, x: x.transpose(0, 1)), nn.Linear(2, 2)).double()
    for n in (1, 2, 3):
        with pytest.raises(UnreadableError):
            read(encoder, torch.randn(n, n).double()[:1])
    with pytest.raises(UnreadableError):
        read(By(lambda self, x: x.view(2, -1)), torch.randn(1, 6))


def test_kinks_are_taken_as_torch_does(pictures):
    """Ties in max pooling, zeros of ReLU."""
    encoder = settled(images(nn.ReLU(), nn.MaxPool2d(2), units=2 * 3 * 2))
    decoder = settled(nn.Sequential(nn.Linear(D, 60), nn.Unflatten(1, IMAGE), nn.ReLU()))
    tied = pictures.round().clamp(-1, 1)
    assert_images_have_the_dense_truth(encoder, decoder, tied)
    assert (tied == 0).any()


@pytest.mark.parametrize("kind", ["relu", "max"])
def test_same_pattern_is_that_of_every_activation(kind):
    """x and y switch on the same units at some of the points; the truth by hand."""
    torch.manual_seed(0)
    convolution = nn.Conv2d(1, 2, 2, bias=False)
    act = nn.ReLU() if kind == "relu" else nn.MaxPool2d(2, 1)
    units = 2 * 2 * 2 if kind == "relu" else 2
    encoder = settled(nn.Sequential(convolution, act, nn.Flatten(), nn.Linear(units, D)))
    decoder = settled(nn.Sequential(nn.Linear(D, 9), nn.Unflatten(1, (1, 3, 3))))
    x = torch.randn(200, 1, 3, 3, dtype=torch.float64)
    with torch.no_grad():
        h, g = convolution(x), convolution(decoder(encoder(x)))
        if kind == "relu":
            expected = ((h > 0) == (g > 0)).flatten(1).all(dim=1)
        else:
            expected = (h.flatten(2).argmax(dim=2) == g.flatten(2).argmax(dim=2)).all(dim=1)
    found = jacobians(encoder, decoder, x)
    assert torch.equal(found.same_pattern, expected)
    assert expected.any()
    assert not expected.all()
    torch.testing.assert_close(found.matrices[0][expected], found.matrices[1][expected], rtol=1e-13, atol=1e-15)
