"""Geometry of the Jacobians against singular values of dense ones, on every route."""

import copy

import numpy as np
import pytest
import torch
from aespectra.linalg.eigenvalues import eigenvalues
from aespectra.linalg.geometry import geometry
from aespectra.linalg.jacobian import jacobians
from torch import nn
from torch.func import jacrev

from .dense import Plain, dense_jacobians

D = 4


def perceptrons() -> tuple[nn.Module, nn.Module]:
    encoder = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 7), nn.Tanh(), nn.Linear(7, D))
    return encoder, nn.Sequential(nn.Linear(D, 8), nn.ReLU(), nn.Linear(8, 12), nn.Tanh())


def normalised() -> tuple[nn.Module, nn.Module]:
    encoder = nn.Sequential(
        nn.Linear(12, 9), nn.LayerNorm(9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.LayerNorm(7), nn.Linear(7, D)
    )
    return encoder, nn.Sequential(nn.Linear(D, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 12))


def activation_first() -> tuple[nn.Module, nn.Module]:
    """And last, so that latent units are off."""
    encoder = nn.Sequential(nn.ReLU(), nn.Linear(12, 9), nn.Tanh(), nn.Linear(9, D), nn.ReLU())
    return encoder, nn.Sequential(nn.Linear(D, 12), nn.ReLU())


def affine() -> tuple[nn.Module, nn.Module]:
    return nn.Sequential(nn.Linear(12, 6), nn.Linear(6, D)), nn.Sequential(nn.Linear(D, 12))


def convolutional() -> tuple[nn.Module, nn.Module]:
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 4, 3)), nn.Conv2d(1, 5, 2), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(30, D)
    )
    decoder = nn.Sequential(
        nn.Linear(D, 8),
        nn.ReLU(),
        nn.Unflatten(1, (2, 2, 2)),
        nn.ConvTranspose2d(2, 1, (3, 2)),
        nn.Flatten(),
        nn.Tanh(),
    )
    return encoder, decoder


def hidden() -> tuple[nn.Module, nn.Module]:
    encoder, decoder = convolutional()
    return Plain(encoder), Plain(decoder)


MODULES = {each.__name__: each for each in (perceptrons, normalised, activation_first, affine, convolutional, hidden)}


def found_of(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor):
    batch = jacobians(encoder, decoder, x, grams=True)
    values = eigenvalues(batch.matrices.flatten(0, 1).numpy())[0].reshape(2, len(x), -1)
    return batch, values, geometry(batch.grams, batch.matrices[1], values)


@pytest.fixture(params=MODULES)
def pair(request) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(1)
    return tuple(module.double().eval() for module in MODULES[request.param]())


def assert_dense_geometry(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor, tolerance: float) -> None:
    """Up to ``tolerance`` of the largest singular value of each derivative."""
    batch, _, found = found_of(encoder, decoder, x)
    for i, point in enumerate(x):
        down = jacrev(lambda p: encoder(p[None])[0])(point).detach().numpy()
        up = jacrev(lambda p: decoder(p[None])[0])(batch.latent[i]).detach().numpy()
        np.testing.assert_allclose(batch.grams[0, i], down @ down.T, atol=1e-12 * (1 + np.linalg.norm(down) ** 2))
        np.testing.assert_allclose(batch.grams[1, i], up.T @ up, atol=1e-12 * (1 + np.linalg.norm(up) ** 2))
        scale = np.linalg.norm(down, 2) * np.linalg.norm(up, 2)
        both = dense_jacobians(encoder, decoder, point)
        for which, (j, bound) in enumerate(
            zip(both, (tolerance * scale, 1e-13 * np.linalg.norm(both[1])), strict=True)
        ):
            mine, theirs = found.singular_values[which, i], np.linalg.svd(j, compute_uv=False)[: batch.latent.shape[1]]
            assert (np.diff(mine) <= 0).all()
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-300 + bound)
            expected = np.square(j).sum() - np.square(np.abs(np.linalg.eigvals(j))).sum()
            departure = found.departure[which, i]
            assert departure == pytest.approx(expected, rel=1e-9, abs=1e-300 + 1e-12 * np.square(j).sum())
            assert departure >= 0
        stretches = np.linalg.svd(up, compute_uv=False)
        if stretches[-1] > 1e-4 * stretches[0]:
            assert found.log_volume[i] == pytest.approx(np.log(stretches).sum(), abs=1e-7)


def test_it_is_that_of_dense_jacobians(pair, x):
    assert_dense_geometry(*pair, x, 1e-7)


@pytest.mark.parametrize("name", MODULES)
def test_dead_units_and_missing_ranks_are_zeros(name, x):
    """One latent unit without input, and a decoder that does not tell two of them apart."""
    torch.manual_seed(2)
    encoder, decoder = (module.double().eval() for module in MODULES[name]())
    inner = [module.inner if isinstance(module, Plain) else module for module in (encoder, decoder)]
    last = [layer for layer in inner[0] if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.weight[1] = 0
        inner[1][0].weight[:, 2] = inner[1][0].weight[:, 3]
    assert_dense_geometry(encoder, decoder, x, 1e-7)
    _, _, found = found_of(encoder, decoder, x)
    assert (found.singular_values[0, :, -1] == 0).all()
    assert (found.log_volume == -np.inf).all()


@pytest.mark.parametrize("factor", [1e-1, 1e-3, 1e-5, 1e-6])
def test_small_singular_values_lose_half_of_their_digits(factor):
    """Relative to the largest σ: to eps / factor, and from sqrt(eps) on they are zeros."""
    torch.manual_seed(3)
    encoder, decoder = (module.double() for module in affine())
    x = torch.randn(20, 12, dtype=torch.float64)
    with torch.no_grad():
        u, s, v = torch.linalg.svd(decoder[0].weight, full_matrices=False)
        decoder[0].weight.copy_(u @ torch.diag(torch.tensor([1, 0.7, 0.4, factor], dtype=s.dtype)) @ v)
        encoder[1].weight.copy_(torch.linalg.qr(encoder[1].weight.T)[0].T)
        encoder[0].weight.copy_(torch.linalg.qr(encoder[0].weight.T)[0].T)
    _, _, found = found_of(encoder, decoder, x)
    np.testing.assert_allclose(
        found.singular_values[0], np.tile([1, 0.7, 0.4, factor], (20, 1)), rtol=1e-15 / factor**2
    )
    assert found.log_volume == pytest.approx(np.full(20, np.log(0.28 * factor)), abs=1e-15 / factor**2)


def test_normal_jacobians_depart_by_nothing():
    """A rotation and its scaled inverse; and a shear, which departs by the square of its entry."""
    encoder, decoder = nn.Linear(2, 2, bias=False).double(), nn.Linear(2, 2, bias=False).double()
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    for shear in (0.0, 3.0):
        with torch.no_grad():
            encoder.weight.copy_(turn)
            decoder.weight.copy_(torch.tensor([[1, shear], [0, 1]], dtype=torch.float64) @ turn.T)
        _, _, found = found_of(encoder, decoder, torch.randn(3, 2).double())
        np.testing.assert_allclose(found.departure[0], shear**2, atol=1e-13)


def test_asking_for_it_changes_no_bit_of_the_rest(pair, x):
    plain, more = jacobians(*pair, x), jacobians(*pair, x, grams=True)
    assert plain.grams is None
    assert all(torch.equal(one, two) for one, two in zip(plain[:4], more[:4], strict=True))


def test_a_point_that_is_not_finite_spoils_no_other(x):
    torch.manual_seed(1)
    encoder, decoder = (module.double() for module in perceptrons())
    _, _, expected = found_of(encoder, decoder, x)
    spoilt = x.clone()
    spoilt[2, 3] = torch.nan
    _, _, found = found_of(encoder, decoder, spoilt)
    others = [0, 1, 3, 4]
    np.testing.assert_allclose(found.singular_values[:, others], expected.singular_values[:, others], rtol=1e-10)
    assert np.isnan(found.singular_values[:, 2]).all()
    assert np.isnan(found.log_volume[2])


def test_float32_is_near(x):
    torch.manual_seed(1)
    pair = [module.double() for module in perceptrons()]
    _, _, expected = found_of(*pair, x)
    _, _, found = found_of(*(copy.deepcopy(module).float() for module in pair), x.float())
    assert found.singular_values.dtype == np.float32
    scale = expected.singular_values.max()
    np.testing.assert_allclose(found.singular_values, expected.singular_values, atol=2e-3 * scale)


def test_what_rounding_leaves_of_a_singular_latent_jacobian_is_zero():
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(20, D, D)))[0] for _ in range(2))
    values = np.array([3.0, 1.0, 1e-12, 0.0])
    latent = torch.from_numpy(left * values @ right)
    assert torch.linalg.svdvals(latent)[:, 3].max() > 0
    eigen = np.linalg.eigvals(latent.numpy())
    found = geometry(torch.eye(D).double().expand(2, 20, D, D), latent, np.stack([np.ones((20, D)), eigen]))
    assert (found.singular_values[1, :, 3] == 0).all()
    np.testing.assert_allclose(found.singular_values[1, :, :3], np.tile(values[:3], (20, 1)), rtol=1e-3)
