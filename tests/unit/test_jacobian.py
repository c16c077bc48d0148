"""The d x d Jacobians against dense Jacobians of the composed networks, made by torch.func."""

import copy
import functools
import inspect
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import pytest
import torch
import yaml
from aespectra.data import noise
from aespectra.linalg import activations
from aespectra.linalg.jacobian import jacobians
from torch import nn
from torch.func import jacrev

from .dense import Plain, assert_dense_truth, assert_same_matrix, dense_jacobians, matched_errors
from .lapack import sorted_eigenvalues

STUDY = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())
# one of each distribution of the study
NOISE = {spec["distribution"]: spec for spec in STUDY["evaluation"]["sets"]}
# points at which numpy's eigenvalues of the 784 x 784 matrix are themselves ten times better than the bars below
WELL_CONDITIONED = [504, 506]


@pytest.fixture(scope="module")
def points(request, big_digits):
    """points(name, rows): float64 (len(rows), 784), those samples of one evaluation set."""

    def make(name: str, rows: list[int]) -> torch.Tensor:
        if name in NOISE:
            values = noise.draw(NOISE[name], 0, 784, 0, max(rows) + 1)[rows]
        else:
            images = request.getfixturevalue("mnist") if name == "mnist" else big_digits
            values = images[200:][rows]
        return torch.from_numpy(values).double()

    return make


@pytest.mark.long
@pytest.mark.parametrize("name", ["digits", "mnist", *NOISE])
@pytest.mark.parametrize("latent_dim", [2, 10, 20])
@pytest.mark.parametrize("kind", ["random", "trained"])
def test_spectra_are_those_of_the_dense_jacobians(kind, latent_dim, name, network, points):
    model, x = network(kind, latent_dim), points(name, WELL_CONDITIONED)
    found = jacobians(model.encoder, model.decoder, x)
    for i, point in enumerate(x):
        j_input, j_latent = dense_jacobians(model.encoder, model.decoder, point)
        assert j_input.shape == (784, 784)
        in_pixels, in_latent = sorted_eigenvalues(found.matrices[:, i].numpy())
        errors = matched_errors(in_pixels, np.linalg.eigvals(j_input))
        assert errors[0] < 1e-12
        assert errors[1] < 1e-9
        assert errors[2] < 1e-12
        assert_same_matrix(found.matrices[1][i], j_latent, 1e-13)
        errors = matched_errors(in_latent, np.linalg.eigvals(j_latent))
        assert errors[0] < 1e-12
        assert errors[1] < 1e-9


@pytest.mark.long
@pytest.mark.parametrize(("latent_dim", "row"), [(10, 503), (10, 504), (20, 501)])
def test_spectra_are_right_where_the_dense_solver_is_not(latent_dim, row, network, points):
    """Fifty digits instead of 784 x 784 floats: at 503 and 501 the latter miss the bars above, K_I does not."""
    model, x = network("random", latent_dim), points("truncated_normal", [row])
    with torch.no_grad():
        z = model.encoder(x)[0]
        down, up = jacrev(model.encoder)(x[0]).tolist(), jacrev(model.decoder)(z).tolist()
    with mpmath.workdps(50):
        truth, _ = mpmath.eig(mpmath.matrix(down) * mpmath.matrix(up))
    values = sorted_eigenvalues(jacobians(model.encoder, model.decoder, x).matrices[0].numpy())[0]
    largest, relative, _ = matched_errors(values, np.array([complex(value) for value in truth]))
    assert largest < 1e-12
    assert relative < 1e-10


def test_study_has_every_kind_of_noise():
    assert set(NOISE) == {"truncated_normal", "uniform", "bernoulli", "beta"}


@pytest.mark.parametrize("activation", activations.ELEMENTWISE, ids=lambda each: each.__name__)
def test_fast_route_is_right_for_every_activation(activation, x):
    torch.manual_seed(1)
    encoder = nn.Sequential(nn.Linear(12, 9), activation(), nn.Linear(9, 7), activation(), nn.Linear(7, 4)).double()
    decoder = nn.Sequential(nn.Linear(4, 7), activation(), nn.Linear(7, 12), activation()).double()
    for layer in [*encoder, *decoder]:
        if isinstance(layer, nn.Linear):
            layer.weight.data *= 2.5  # so that every piece of the activation is met
    assert_dense_truth(encoder, decoder, x)


IN_PLACE = [each for each in activations.ELEMENTWISE if "inplace" in inspect.signature(each).parameters]


def pair(activation: Callable[[], nn.Module], first: bool) -> tuple[nn.Sequential, nn.Sequential]:
    """Two float64 networks, which with ``first`` begin with the activation."""
    torch.manual_seed(4)
    begin = [activation()] if first else []
    encoder = nn.Sequential(*begin, nn.Linear(12, 9), activation(), nn.Linear(9, 7), activation(), nn.Linear(7, 4))
    decoder = nn.Sequential(*begin, nn.Linear(4, 7), activation(), nn.Linear(7, 12), activation())
    return encoder.double(), decoder.double()


def test_activations_that_can_work_in_place_are_known():
    assert {nn.ReLU, nn.ELU, nn.SELU, nn.CELU, nn.LeakyReLU, nn.Hardswish, nn.SiLU, nn.Mish, nn.ReLU6} < set(IN_PLACE)


@pytest.mark.parametrize("hidden", [False, True], ids=["fast", "generic"])
@pytest.mark.parametrize("first", [False, True], ids=["inside", "first"])
@pytest.mark.parametrize("activation", IN_PLACE, ids=lambda each: each.__name__)
def test_working_in_place_changes_nothing(activation, first, hidden, x):
    kept = x.clone()
    plain, in_place = (pair(functools.partial(activation, inplace=flag), first) for flag in (False, True))
    wrapped = tuple(Plain(module) for module in in_place) if hidden else in_place
    found, expected = jacobians(*wrapped, x), jacobians(*plain, x)
    assert torch.equal(x, kept)
    for name in ("latent", "reconstruction_mse", "matrices"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), rtol=1e-12, atol=1e-14)
    assert found.matrices.abs().max() > 1e-6


@pytest.mark.parametrize("hidden", [False, True], ids=["fast", "generic"])
def test_networks_without_layers_leave_the_points_alone(hidden, x):
    kept = x.clone()
    nothing = Plain(nn.Sequential()) if hidden else nn.Sequential()
    found = jacobians(nothing, nothing, x)
    assert torch.equal(x, kept)
    assert torch.equal(found.latent, x)
    assert torch.equal(found.matrices, torch.eye(12, dtype=torch.float64).expand(2, 5, 12, 12))


def test_schema_allows_exactly_the_elementwise_activations(schema):
    names = {activation.__name__ for activation in activations.ELEMENTWISE}
    for key in ("activation", "output_activation"):
        allowed = schema["properties"]["autoencoder"]["properties"][key]["enum"]
        assert sorted(allowed) == sorted(names)
    assert all(getattr(nn, name) in activations.ELEMENTWISE for name in names)


@pytest.mark.parametrize("activation", ["ReLU", "ReLU6", "Hardtanh", "LeakyReLU", "ELU", "Hardshrink", "Softshrink"])
def test_slopes_at_kinks_are_those_of_torch(activation):
    kinks = torch.tensor([[0.0, 6.0, 1.0, -1.0, 0.5, -0.5]], dtype=torch.float64)
    encoder = nn.Sequential(nn.Linear(6, 6, bias=False), getattr(nn, activation)(), nn.Linear(6, 2))
    encoder[0].weight.data = torch.eye(6)
    decoder = nn.Sequential(nn.Linear(2, 6))
    assert_dense_truth(encoder.double(), decoder.double(), kinks)


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [
        ([nn.Linear(12, 3)], [nn.Linear(3, 12)]),
        ([nn.Linear(12, 5), nn.Linear(5, 3)], [nn.Linear(3, 12), nn.Tanh()]),
        ([nn.Linear(12, 3, bias=False)], [nn.ReLU(), nn.Linear(3, 12)]),
        ([nn.Tanh(), nn.Linear(12, 3)], [nn.Linear(3, 12)]),
        ([nn.Linear(12, 6), nn.ReLU(), nn.Tanh(), nn.Linear(6, 3), nn.Sigmoid()], [nn.Linear(3, 12)]),
        (
            [nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 12), nn.Sigmoid(), nn.Linear(12, 3)],
            [nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 12), nn.Tanh()],
        ),
    ],
    ids=["affine", "two-linear", "no-bias", "activation-first", "activation-last", "equal-widths"],
)
def test_layers_in_any_order(encoder, decoder, x):
    encoder, decoder = (nn.Sequential(*copy.deepcopy(layers)).double() for layers in (encoder, decoder))
    # the weights above are of the moment at which the tests were collected
    for layer in [*encoder, *decoder]:
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    assert_dense_truth(encoder, decoder, x)


def test_latent_units_that_are_off_leave_zeros(x):
    """And not what was in the memory, which torch fills with nan here."""
    torch.manual_seed(3)
    encoder = nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3), nn.ReLU()).double()
    decoder = nn.Sequential(nn.Linear(3, 12), nn.Tanh()).double()
    encoder[2].bias.data = torch.tensor([3.0, -100.0, 3.0], dtype=torch.float64)
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.empty(3).isnan().all()
        found = jacobians(encoder, decoder, x)
    finally:
        torch.use_deterministic_algorithms(False)
    assert (found.matrices[:, :, 1] == 0).all()
    assert_dense_truth(encoder, decoder, x)


def test_encoder_without_activations_has_one_pattern(x):
    encoder, decoder = nn.Sequential(nn.Linear(12, 3)).double(), nn.Sequential(nn.Linear(3, 12)).double()
    found = jacobians(encoder, decoder, x)
    assert found.same_pattern.tolist() == [True] * len(x)
    torch.testing.assert_close(found.matrices[0], found.matrices[1], rtol=0, atol=0)


@pytest.mark.parametrize("generic", [False, True], ids=["fast", "generic"])
@pytest.mark.parametrize("size", [1, 3, 16])
def test_batch_splitting_has_no_effect(generic, size, network, training_images):
    model = network("trained", 10)
    encoder, decoder = (Plain(model.encoder), Plain(model.decoder)) if generic else (model.encoder, model.decoder)
    x = torch.from_numpy(training_images[:16]).double()
    whole = jacobians(encoder, decoder, x)
    parts = [jacobians(encoder, decoder, part) for part in x.split(size)]
    for name, values in zip(whole._fields, whole[:4], strict=False):
        joined = torch.cat([getattr(part, name) for part in parts], dim=1 if name == "matrices" else 0)
        assert joined.shape == values.shape
        torch.testing.assert_close(joined, values, rtol=1e-11, atol=1e-13)


def test_weights_and_points_are_left_alone(network, training_images):
    model = network("random", 2)
    before = copy.deepcopy(model.state_dict())
    x = torch.from_numpy(training_images[:3]).double()
    kept = x.clone()
    found = jacobians(model.encoder, model.decoder, x)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(x, kept)
    assert not any(value.requires_grad for value in found[:4])


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_precision_of_the_networks_is_kept(precision, network, training_images):
    model = copy.deepcopy(network("trained", 2)).to(precision)
    found = jacobians(model.encoder, model.decoder, torch.from_numpy(training_images[:3]).to(precision))
    assert {value.dtype for value in found[:3]} == {precision}
    assert found.same_pattern.dtype == torch.bool


@pytest.mark.parametrize("generic", [False, True], ids=["fast", "generic"])
def test_points_of_less_precision_are_converted(generic, network, training_images):
    model = network("trained", 2)
    encoder, decoder = (Plain(model.encoder), Plain(model.decoder)) if generic else (model.encoder, model.decoder)
    x = torch.from_numpy(training_images[:3].astype(np.float32))
    found, expected = (jacobians(encoder, decoder, points) for points in (x, x.double()))
    for one, two in zip(found[:4], expected[:4], strict=True):
        assert one.dtype == two.dtype
        assert torch.equal(one, two)


def test_spectra_differ_where_nothing_says_they_agree(network, points):
    """Guards the tests above: K_I and K_L are two matrices."""
    model = network("random", 10)
    found = jacobians(model.encoder, model.decoder, points("bernoulli", WELL_CONDITIONED))
    assert not found.same_pattern.any()
    assert (found.matrices[0] - found.matrices[1]).norm() > 1e-3 * found.matrices[0].norm()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 3e-6), (torch.float64, 1e-9)])
def test_slopes_of_a_saturated_tanh_are_those_of_many_digits(dtype, tolerance):
    """1 - y² cancels: in float32 it is off by 6 % at 8 and by all of it at 9."""
    at = torch.tensor([-8.0, -2.0, -0.5, 0.0, 1.0, 4.0, 8.0, 9.0 if dtype == torch.float32 else 8.5], dtype=dtype)
    decoder = nn.Sequential(nn.Linear(1, len(at)), nn.Tanh()).to(dtype)
    encoder = nn.Sequential(nn.Linear(len(at), 1)).to(dtype)
    with torch.no_grad():
        decoder[0].weight.fill_(1)
        decoder[0].bias.copy_(at)
    for unit in range(len(at)):  # the encoder picks it, as K of one direction is its slope
        with torch.no_grad():
            encoder[0].weight.zero_()
            encoder[0].weight[0, unit] = 1
            encoder[0].bias.zero_()
        found = jacobians(encoder, decoder, torch.zeros(1, len(at), dtype=dtype)).matrices[0, 0, 0, 0].item()
        assert found == pytest.approx(float(1 / mpmath.cosh(at[unit].item()) ** 2), rel=tolerance)


def test_a_tanh_beyond_the_range_of_its_cosh_has_no_slope():
    value, slope = activations.value_and_slope(nn.Tanh(), torch.tensor([-1e30, -100.0, 100.0, 1e30]))
    assert value.tolist() == [-1, -1, 1, 1]
    assert slope.tolist() == [0, 0, 0, 0]
