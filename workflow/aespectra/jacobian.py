"""Jacobians of an autoencoder, small enough to take the eigenvalues of.

With z = f_enc(x), y = f_dec(z), the paper (section II) asks for the d largest eigenvalues of the pixel-space Jacobian
J_I(x) = Df_dec(z) Df_enc(x), n x n, and for those of the latent Jacobian J_L(z) = Df_enc(y) Df_dec(z), d x d. AB and
BA have the same non-zero eigenvalues with the same multiplicities (Horn & Johnson, Matrix Analysis, theorem 1.3.22),
so

    K_I(x) = Df_enc(x) Df_dec(z)        stands for J_I(x)
    K_L(z) = Df_enc(y) Df_dec(z)        is J_L(z)

and no n x n matrix is ever formed. Both are found by pushing the d basis vectors of the latent space, as rows,
through the decoder at z and then through the encoder, once at x and once at y: matrix products with weights that all
points share.
"""

from typing import NamedTuple

import torch
from torch import nn
from torch.func import jvp, vmap

ELEMENTWISE = (
    nn.CELU,
    nn.ELU,
    nn.GELU,
    nn.Hardshrink,
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.Hardtanh,
    nn.Identity,
    nn.LeakyReLU,
    nn.LogSigmoid,
    nn.Mish,
    nn.ReLU,
    nn.ReLU6,
    nn.SELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Softshrink,
    nn.Softsign,
    nn.Tanh,
    nn.Tanhshrink,
)
"""Activations that act on each unit alone, so that their Jacobian is a vector of slopes."""

ROWS = {"cpu": 2048, "cuda": 1 << 18}
"""Rows (points x latent_dim) pushed at once: on a CPU what stays in its cache, on a GPU what fills it."""


class Jacobians(NamedTuple):
    """Of one batch of n points."""

    latent: torch.Tensor  # (n, d), z = f_enc(x)
    reconstruction: torch.Tensor  # (n, pixels), y = f_dec(z)
    in_pixels: torch.Tensor  # (n, d, d), K_I(x), with the non-zero eigenvalues of J_I(x)
    in_latent: torch.Tensor  # (n, d, d), K_L(z) = J_L(z)
    same_pattern: torch.Tensor  # (n,) bool: every activation of the encoder has the same slope at x and at y


def jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> Jacobians:
    """Both Jacobians at every point of a batch.

    Sequences of ``nn.Linear`` and elementwise activations take the fast route, any other pair of modules that maps
    (n, pixels) to (n, d) and back takes torch.func's forward mode under vmap; its ``same_pattern`` is False throughout,
    since activations inside an arbitrary module cannot be seen.

    Parameters
    ----------
    encoder, decoder : modules in the dtype and on the device of ``x``
    x : (n, pixels)
    """
    if _is_perceptron(encoder) and _is_perceptron(decoder):
        return _perceptron_jacobians(encoder, decoder, x)
    return _any_jacobians(encoder, decoder, x)


def _is_perceptron(module: nn.Module) -> bool:
    return type(module) is nn.Sequential and all(type(layer) in (nn.Linear, *ELEMENTWISE) for layer in module)


@torch.no_grad()
def _perceptron_jacobians(encoder: nn.Sequential, decoder: nn.Sequential, x: torch.Tensor) -> Jacobians:
    z, slopes_at_x = _forward(encoder, x)
    y, slopes_at_z = _forward(decoder, z)
    _, slopes_at_y = _forward(encoder, y)
    n, d = z.shape
    basis = torch.eye(d, dtype=x.dtype, device=x.device).expand(n, d, d)
    tangents = _push(decoder, basis, slopes_at_z)
    # up to its first activation the encoder's derivative is the same at x and at y: the costly product is shared
    split = next((i for i, layer in enumerate(encoder) if not isinstance(layer, nn.Linear)), len(encoder))
    tangents = _push(encoder[:split], tangents, [])
    k_input, k_latent = (_push(encoder[split:], tangents, slopes).mT for slopes in (slopes_at_x, slopes_at_y))
    same_pattern = torch.ones(n, dtype=torch.bool, device=x.device)
    for at_x, at_y in zip(slopes_at_x, slopes_at_y, strict=True):
        same_pattern &= (at_x == at_y).all(dim=1)
    return Jacobians(z, y, k_input, k_latent, same_pattern)


def _forward(layers: nn.Sequential, h: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The output and the slope of every activation on the way, each (n, width)."""
    slopes = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            h = layer(h)
        else:
            h, slope = _value_and_slope(layer, h)
            slopes.append(slope)
    return h, slopes


def _value_and_slope(activation: nn.Module, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Elementwise, so the gradient of the sum is the vector of slopes, in torch's own convention at kinks."""
    with torch.enable_grad():
        h = h.detach().requires_grad_()
        value = activation(h)
        (slope,) = torch.autograd.grad(value.sum(), h)
    return value.detach(), slope


def _push(layers: nn.Sequential, tangents: torch.Tensor, slopes: list[torch.Tensor]) -> torch.Tensor:
    """Push (n, d, inputs) tangents, one a row, through the derivative of ``layers``: (n, d, outputs)."""
    slopes = iter(slopes)
    n, d, _ = tangents.shape
    mine = False  # may be overwritten: a fresh array for every activation would cost as much as the products
    for layer in layers:
        if isinstance(layer, nn.Linear):
            # one plain matrix product over all n * d rows
            tangents = (tangents.reshape(n * d, -1) @ layer.weight.T).view(n, d, -1)
        else:
            slope = next(slopes).unsqueeze(1)
            tangents = tangents.mul_(slope) if mine else tangents * slope
        mine = True
    return tangents


@torch.no_grad()
def _any_jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> Jacobians:
    def encode(point: torch.Tensor) -> torch.Tensor:
        return encoder(point.unsqueeze(0)).squeeze(0)

    def decode(point: torch.Tensor) -> torch.Tensor:
        return decoder(point.unsqueeze(0)).squeeze(0)

    def at_point(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        z = encode(x)
        y = decode(z)

        def push(direction: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            _, tangent = jvp(decode, (z,), (direction,))
            return jvp(encode, (x,), (tangent,))[1], jvp(encode, (y,), (tangent,))[1]

        k_input, k_latent = vmap(push)(torch.eye(len(z), dtype=x.dtype, device=x.device))
        return z, y, k_input.mT, k_latent.mT

    unknown = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    return Jacobians(*vmap(at_point)(x), unknown)
