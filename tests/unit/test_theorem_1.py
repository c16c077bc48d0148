"""Theorem I.1 of the paper, and where it is exact: where x and y switch on the same encoder units."""

import numpy as np
import pytest
import torch
from aespectra.linalg.jacobian import jacobians
from aespectra.models.autoencoder import Autoencoder
from torch import nn

from .dense import dense_jacobians, matched_errors
from .lapack import sorted_eigenvalues


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
    model = Autoencoder((784,), 6, hidden=[32, 16], activation=activation, output_activation="Identity").double()
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
