"""The d x d Jacobians against dense Jacobians of the composed networks, made by torch.func."""

import copy
from pathlib import Path

import mpmath
import numpy as np
import pytest
import torch
import yaml
from aespectra import datasets, jacobian
from aespectra.autoencoder import Autoencoder
from aespectra.jacobian import jacobians
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.func import jacrev

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
            values = datasets.draw(NOISE[name], 0, 784, 0, max(rows) + 1)[rows]
        else:
            images = request.getfixturevalue("mnist") if name == "mnist" else big_digits
            values = images[200:][rows]
        return torch.from_numpy(values).double()

    return make


def dense_jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """J_I(x), n x n, and J_L(z), d x d, at one point, by reverse mode through the composed networks."""

    def encode(point: torch.Tensor) -> torch.Tensor:
        return encoder(point[None])[0]

    def decode(point: torch.Tensor) -> torch.Tensor:
        return decoder(point[None])[0]

    with torch.no_grad():
        z = encode(x)
    j_input = jacrev(lambda point: decode(encode(point)))(x)
    j_latent = jacrev(lambda point: encode(decode(point)))(z)
    return j_input.detach().numpy(), j_latent.detach().numpy()


def matched_errors(values: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Errors of d eigenvalues against the d largest of n true ones after optimal matching, relative to |λ1|: the
    worst one, the worst of |λ| > 1e-4 |λ1| relative to its own norm, and the largest of the n - d others."""
    truth = truth[np.argsort(-np.abs(truth))]
    top, others = truth[: len(values)], truth[len(values) :]
    scale = np.abs(top[0])
    distance = np.abs(values[:, None] - top)
    rows, columns = linear_sum_assignment(distance)
    error, norm = distance[rows, columns], np.abs(top[columns])
    large = norm > 1e-4 * scale
    return error.max() / scale, (error[large] / norm[large]).max(), np.abs(others).max(initial=0) / scale


def assert_same_matrix(actual: torch.Tensor, expected: np.ndarray, tolerance: float = 1e-12) -> None:
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=0, atol=tolerance * np.linalg.norm(expected))


def assert_dense_truth(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> None:
    """Values, K_L itself, and the spectrum of K_I at every point of a small pair of networks."""
    found = jacobians(encoder, decoder, x)
    with torch.no_grad():
        z = encoder(x)
        y = decoder(z)
    torch.testing.assert_close(found.latent, z, rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(found.reconstruction_mse, ((y - x) ** 2).mean(dim=1), rtol=1e-13, atol=1e-13)
    assert found.matrices[1].abs().max() > 1e-6  # else this would show nothing
    for i, point in enumerate(x):
        j_input, j_latent = dense_jacobians(encoder, decoder, point)
        assert_same_matrix(found.matrices[1][i], j_latent)
        with torch.no_grad():
            at_x = jacrev(lambda p: encoder(p[None])[0])(point)
            at_z = jacrev(lambda p: decoder(p[None])[0])(z[i])
        assert_same_matrix(found.matrices[0][i], (at_x @ at_z).detach().numpy())
        # power traces of the d x d and of the n x n matrix: together they fix the spectrum
        small, large = found.matrices[0][i].numpy(), j_input
        for power in range(1, len(small) + 1):
            left, right = (np.trace(np.linalg.matrix_power(matrix, power)) for matrix in (small, large))
            assert left == pytest.approx(right, rel=1e-11, abs=1e-12 * np.linalg.norm(small) ** power)


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


@pytest.fixture
def x():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(5, 12)))


@pytest.mark.parametrize("activation", jacobian.ELEMENTWISE, ids=lambda each: each.__name__)
def test_fast_route_is_right_for_every_activation(activation, x):
    torch.manual_seed(1)
    encoder = nn.Sequential(nn.Linear(12, 9), activation(), nn.Linear(9, 7), activation(), nn.Linear(7, 4)).double()
    decoder = nn.Sequential(nn.Linear(4, 7), activation(), nn.Linear(7, 12), activation()).double()
    for layer in [*encoder, *decoder]:
        if isinstance(layer, nn.Linear):
            layer.weight.data *= 2.5  # so that every piece of the activation is met
    assert_dense_truth(encoder, decoder, x)


def test_schema_allows_exactly_the_elementwise_activations(schema):
    names = {activation.__name__ for activation in jacobian.ELEMENTWISE}
    for key in ("activation", "output_activation"):
        allowed = schema["properties"]["autoencoder"]["properties"][key]["enum"]
        assert sorted(allowed) == sorted(names)
    assert all(getattr(nn, name) in jacobian.ELEMENTWISE for name in names)


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


class Plain(nn.Module):
    """Hides the layers of a sequence, so that the generic route is taken."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)


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
    return {
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
    assert not jacobians(encoder, decoder, x).same_pattern.any()


@pytest.mark.parametrize("activation", jacobian.ELEMENTWISE, ids=lambda each: each.__name__)
def test_both_routes_agree_on_perceptrons(activation, x):
    model = Autoencoder(12, 3, [9, 5], activation.__name__, "Tanh").double()
    fast = jacobians(model.encoder, model.decoder, x)
    generic = jacobians(Plain(model.encoder), Plain(model.decoder), x)
    for name in ("latent", "reconstruction_mse", "matrices"):
        torch.testing.assert_close(getattr(fast, name), getattr(generic, name), rtol=1e-12, atol=1e-14)


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
    for name, values in whole._asdict().items():
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
    assert not any(value.requires_grad for value in found)


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
    for one, two in zip(found, expected, strict=True):
        assert one.dtype == two.dtype
        assert torch.equal(one, two)


def relu_signs(model: Autoencoder, point: np.ndarray) -> list[bool]:
    """Which encoder units are on at a point, unit by unit in numpy."""
    signs, h = [], point
    for layer in model.encoder[:-1]:
        if isinstance(layer, nn.Linear):
            h = layer.weight.detach().numpy() @ h + layer.bias.detach().numpy()
        else:
            signs += [bool(value > 0) for value in h]
            h = np.array([max(value, 0) for value in h])
    return signs


@pytest.mark.parametrize("latent_dim", [2, 10, 20])
def test_same_pattern_is_equality_of_relu_signs(latent_dim, network, training_images):
    model = network("trained", latent_dim)
    x = torch.from_numpy(training_images[:150]).double()
    found = jacobians(model.encoder, model.decoder, x)
    with torch.no_grad():
        y = model(x)
    expected = [relu_signs(model, a) == relu_signs(model, b) for a, b in zip(x.numpy(), y.numpy(), strict=True)]
    assert found.same_pattern.tolist() == expected
    assert 0 < sum(expected) < len(expected)


@pytest.mark.parametrize("latent_dim", [2, 10, 20])
def test_same_pattern_means_equal_spectra(latent_dim, network, training_images):
    """Theorem I.1 where it is exact: f_enc is piecewise affine, so Df_enc(x) = Df_enc(y)."""
    model = network("trained", latent_dim)
    found = jacobians(model.encoder, model.decoder, torch.from_numpy(training_images[:1500]).double())
    same = found.same_pattern.numpy()
    assert 0 < same.sum() < len(same)
    assert torch.equal(found.matrices[0][same], found.matrices[1][same])
    spectra = [sorted_eigenvalues(matrices.numpy()) for matrices in found.matrices]
    difference = np.abs(spectra[0] - spectra[1]).max(axis=1) / np.abs(spectra[0]).max(axis=1)
    assert difference[same].max() < 1e-10
    assert np.median(difference[~same]) > 1e-4
    # the truth for one such point
    point = torch.from_numpy(training_images[np.flatnonzero(same)[0]]).double()
    j_input, j_latent = (np.linalg.eigvals(matrix) for matrix in dense_jacobians(model.encoder, model.decoder, point))
    errors = matched_errors(j_latent, j_input)
    assert max(errors) < 1e-10


@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "GELU"])
def test_theorem_1_at_exact_fixed_points(activation, training_images):
    """f_dec(f_enc(x)) = x, made so by the decoder's last bias: the non-zero spectra agree."""
    torch.manual_seed(5)
    model = Autoencoder(784, 6, [32, 16], activation, "Identity").double()
    point = torch.from_numpy(training_images[3:4]).double()
    with torch.no_grad():
        model.decoder[-2].bias += (point - model(point))[0]
        assert (model(point) - point).abs().max() < 1e-15
    found = jacobians(model.encoder, model.decoder, point)
    j_input, j_latent = (
        np.linalg.eigvals(matrix) for matrix in dense_jacobians(model.encoder, model.decoder, point[0])
    )
    assert max(matched_errors(j_latent, j_input)) < 1e-10
    spectra = [sorted_eigenvalues(matrix.numpy())[0] for matrix in found.matrices]
    assert max(matched_errors(spectra[0], spectra[1])) < 1e-10
    assert max(matched_errors(spectra[0], j_input)) < 1e-10


def test_theorem_1_on_a_linear_autoencoder():
    """A·B = 1, x = B·z: every point of the plane is fixed, and all d eigenvalues of both Jacobians are 1."""
    rng = np.random.default_rng(0)
    b = rng.normal(size=(12, 3))
    a = np.linalg.pinv(b) + rng.normal(size=(3, 12)) @ (np.eye(12) - b @ np.linalg.pinv(b))  # any left inverse
    encoder, decoder = nn.Linear(12, 3, bias=False), nn.Linear(3, 12, bias=False)
    encoder.weight.data, decoder.weight.data = torch.from_numpy(a), torch.from_numpy(b)
    x = torch.from_numpy(rng.normal(size=(4, 3)) @ b.T)
    found = jacobians(nn.Sequential(encoder), nn.Sequential(decoder), x)
    assert found.reconstruction_mse.max() < 1e-24
    identity = torch.eye(3, dtype=torch.float64).expand(4, 3, 3)
    torch.testing.assert_close(found.matrices[0], identity, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.matrices[1], identity, rtol=0, atol=1e-12)


def test_spectra_differ_where_nothing_says_they_agree(network, points):
    """Guards the tests above: K_I and K_L are two matrices."""
    model = network("random", 10)
    found = jacobians(model.encoder, model.decoder, points("bernoulli", WELL_CONDITIONED))
    assert not found.same_pattern.any()
    assert (found.matrices[0] - found.matrices[1]).norm() > 1e-3 * found.matrices[0].norm()
