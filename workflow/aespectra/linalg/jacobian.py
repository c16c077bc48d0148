"""Jacobians of an autoencoder, small enough to take the eigenvalues of.

With z = f_enc(x), y = f_dec(z), the paper (section II) asks for the d largest eigenvalues of the pixel-space Jacobian
J_I(x) = Df_dec(z) Df_enc(x), n x n, and for those of the latent Jacobian J_L(z) = Df_enc(y) Df_dec(z), d x d. AB and
BA have the same non-zero eigenvalues with the same multiplicities (Horn & Johnson, Matrix Analysis, theorem 1.3.22),
so

    K_I(x) = Df_enc(x) Df_dec(z)        stands for J_I(x)
    K_L(z) = Df_enc(y) Df_dec(z)        is J_L(z)

and no n x n matrix is ever formed. Both are found by pushing the d basis vectors of the latent space through the
decoder at z and then through the encoder, once at x and once at y: matrix products with weights that all points share.

Inside, everything is transposed: one point or direction a column. The products then run at full speed however many
units are switched on; as rows they would lose up to a third.
"""

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple, TypeGuard

import torch
from torch import nn
from torch.func import jvp, vmap
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.utils.parametrizations import _SpectralNorm

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

OTHER_IN_TRAINING = (_BatchNorm, _DropoutNd, _SpectralNorm)
"""Layers that in training mode are random, look at the whole batch or change at every call."""

POINTS = {"cpu": 64, "cuda": 4096}
"""Of a batch on the general route, all directions at once: so many that what vmap does once a batch takes little of the
time, so few that their tangents stay in a CPU's cache."""

ROW_BYTES = {"cpu": 4224, "cuda": 1 << 17}
"""A number for each point of a batch: on a CPU enough to pay for what is done once a batch, whole cache lines, and no
multiple of 4096, where rows would share their places in the cache."""

DIRECTIONS = {"cpu": 2, "cuda": 16}
"""Directions of the latent space pushed at once: on a CPU so few that they stay in its cache."""


class Jacobians(NamedTuple):
    """Of one batch of n points."""

    latent: torch.Tensor  # (n, d), z = f_enc(x)
    reconstruction_mse: torch.Tensor  # (n,), mean squared error of y = f_dec(z) over the pixels
    matrices: torch.Tensor  # (2, n, d, d), K_I(x), with the non-zero eigenvalues of J_I(x), and K_L(z) = J_L(z)
    same_pattern: torch.Tensor  # (n,) bool: every activation of the encoder has the same slope at x and at y


def jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> Jacobians:
    """Both Jacobians at every point.

    Sequences of ``nn.Linear`` and elementwise activations take the fast route, any other pair of modules that maps
    (n, …) to (n, d) and back takes torch.func's forward mode under vmap, each point a batch of one; its
    ``same_pattern`` is False throughout, since activations inside an arbitrary module cannot be seen.

    Parameters
    ----------
    encoder, decoder : nn.Module
        On the device of ``x``; their dtype is that of the result. They may work in place.
    x : torch.Tensor
        (n, pixels), or (n, …) on the general route; of that dtype or one to be converted batch by batch; left as it is.

    Returns
    -------
    Jacobians

    Raises
    ------
    ValueError
        A layer is in training mode and would there have no Jacobian at a point.
    """
    if _is_perceptron(encoder) and _is_perceptron(decoder):
        return _perceptron_jacobians(encoder, decoder, x)
    check_mode(encoder, decoder)
    return _any_jacobians(encoder, decoder, x)


class Buffers:
    """Memory that one batch after the other uses: fresh arrays for each cost almost as much as the products."""

    def __init__(self) -> None:
        self.memory: dict[int, torch.Tensor] = {}

    def __call__(self, key: int, like: torch.Tensor, *shape: int) -> torch.Tensor:
        """An uninitialised tensor, of the dtype and on the device of ``like``; the last one of this key is lost."""
        size = math.prod(shape)
        if key not in self.memory or self.memory[key].numel() < size:
            self.memory[key] = like.new_empty(size)
        return self.memory[key][:size].view(shape)


def _is_perceptron(module: nn.Module) -> TypeGuard[nn.Sequential]:
    return type(module) is nn.Sequential and all(type(layer) in (nn.Linear, *ELEMENTWISE) for layer in module)


@torch.no_grad()
def _perceptron_jacobians(encoder: nn.Sequential, decoder: nn.Sequential, x: torch.Tensor) -> Jacobians:
    like = next(encoder.parameters(), x)
    n, d = len(x), len(_forward(encoder, x[:1].T.to(like))[0])
    latent, mse, matrices = like.new_empty(n, d), like.new_empty(n), like.new_empty(2, n, d, d)
    same_pattern = torch.empty(n, dtype=torch.bool, device=x.device)
    buffers = Buffers()
    points = max(1, ROW_BYTES[x.device.type] // like.element_size())
    for start in range(0, n, points):
        part = slice(start, start + points)
        mine = Jacobians(latent[part], mse[part], matrices[:, part], same_pattern[part])
        _fill(encoder, decoder, x[part], mine, buffers)
    return Jacobians(latent, mse, matrices, same_pattern)


def _fill(encoder: nn.Sequential, decoder: nn.Sequential, x: torch.Tensor, result: Jacobians, buffers: Buffers) -> None:
    """Compute one batch into ``result``."""
    x = x.T.to(result.latent.dtype)
    z, slopes_at_x = _forward(encoder, x)
    y, slopes_at_z = _forward(decoder, z)
    _, slopes_at_y = _forward(encoder, y)
    result.latent.copy_(z.T)
    result.reconstruction_mse.copy_((y - x).square_().mean(dim=0))
    result.same_pattern.fill_(True)
    for slope_at_x, slope_at_y in zip(slopes_at_x, slopes_at_y, strict=True):
        result.same_pattern.logical_and_((slope_at_x == slope_at_y).all(dim=0))
    on_in_decoder = [_switched_on(slope) for slope in slopes_at_z]
    # the same units at x and at y, so that points with the same slopes at both get the same bits
    on_in_encoder = [_switched_on(*pair) for pair in zip(slopes_at_x, slopes_at_y, strict=True)]
    # up to its first activation the encoder's derivative is the same at x and at y: the costly product is shared
    layers = list(encoder)
    split = next((i for i, layer in enumerate(layers) if not isinstance(layer, nn.Linear)), len(layers))
    shared, units = _derivative(
        [*decoder, *layers[:split]], slopes_at_z, [*on_in_decoder, *on_in_encoder[:1]], units=None
    )
    (at_x, latent_units), (at_y, _) = (
        _derivative(layers[split:], slopes, on_in_encoder, units) for slopes in (slopes_at_x, slopes_at_y)
    )
    if latent_units is not None:
        result.matrices.zero_()
    rows: slice | torch.Tensor = slice(None) if latent_units is None else latent_units
    basis = torch.eye(len(z), dtype=x.dtype, device=x.device).unsqueeze(2)
    for start in range(0, len(z), DIRECTIONS[x.device.type]):
        part = slice(start, start + DIRECTIONS[x.device.type])
        tangents = _push(shared, basis[:, part].contiguous(), buffers, 0)
        for matrix, factors in zip(result.matrices, (at_x, at_y), strict=True):
            columns = _push(factors, tangents, buffers, len(shared))
            matrix[:, rows, part] = columns.permute(2, 0, 1)


def _forward(layers: nn.Sequential, h: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The output for (width, n) and the slope of every activation on the way, each (width, n)."""
    slopes = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            h = layer.weight @ h if layer.bias is None else torch.addmm(layer.bias.unsqueeze(1), layer.weight, h)
        else:
            h, slope = _value_and_slope(layer, h)
            slopes.append(slope)
    return h, slopes


def _value_and_slope(activation: nn.Module, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Elementwise, so the gradient of the sum is the vector of slopes, in torch's own convention at kinks.

    For the paper's two activations in closed form: autograd makes the decoder's pass take two and a half times as long.
    """
    if type(activation) is nn.ReLU:
        return h.relu(), (h <= 0).logical_not_().to(h.dtype)
    if type(activation) is nn.Tanh:
        value = h.tanh()
        if h.dtype == torch.float32:
            # 1 - y² cancels where the unit is saturated: at 8 it is off by 6 %. In float64 that is 3e-10, and not worth
            # the twentieth of the time that this takes
            return value, h.cosh().square_().reciprocal_()
        return value, torch.addcmul(value.new_ones(()), value, value, value=-1)
    with torch.enable_grad():
        h = h.detach().requires_grad_()
        value = activation(h.clone())  # which it may overwrite
        (slope,) = torch.autograd.grad(value.sum(), h)
    return value.detach(), slope


def _switched_on(*slopes: torch.Tensor) -> torch.Tensor | None:
    """Units where some point of some (width, n) has a slope other than zero; None if that is all of them."""
    if any(slope[:, :1].all() for slope in slopes):  # as ever where slopes cannot vanish: no need to look further
        return None
    on = functools.reduce(torch.logical_or, [slope.any(dim=1) for slope in slopes])
    units = on.nonzero().squeeze(1)
    return None if len(units) == len(on) else units


def _derivative(
    layers: Sequence[nn.Module],
    slopes: list[torch.Tensor],
    switched_on: list[torch.Tensor | None],
    units: torch.Tensor | None,
) -> tuple[list[torch.Tensor], torch.Tensor | None]:
    """The derivative of ``layers`` at every point of a batch, as factors to multiply with in turn.

    Left out of every factor are the units that no point of the batch switches on: with ReLU about a third of them.

    Parameters
    ----------
    layers : Sequence[nn.Module]
        Linear layers and activations.
    slopes : list[torch.Tensor]
        Of each activation among the layers, (width, n).
    switched_on : list[torch.Tensor | None]
        Of each activation, the units to keep, None for all; one more where the next activation is elsewhere.
    units : torch.Tensor, optional
        Of the layers' input, those whose tangents are not zero; None for all.

    Returns
    -------
    factors : list[torch.Tensor]
        Each a matrix that all points share, (outputs, inputs), or their slopes, (units, 1, n).
    units : torch.Tensor or None
        Of the layers' output.
    """
    activations = (i for i, layer in enumerate(layers) if not isinstance(layer, nn.Linear))
    slope_of = dict(zip(activations, slopes, strict=True))
    on_at = dict(zip([*slope_of, len(layers)], switched_on, strict=False))
    factors = []
    for i, layer in enumerate(layers):
        if isinstance(layer, nn.Linear):
            after = on_at.get(i + 1)
            weight = layer.weight if after is None else layer.weight.index_select(0, after)
            factors.append(weight if units is None else weight.index_select(1, units))
            units = after
        else:
            slope = slope_of[i] if units is None else slope_of[i].index_select(0, units)
            factors.append(slope.unsqueeze(1))
    return factors, units


def _push(factors: list[torch.Tensor], tangents: torch.Tensor, buffers: Buffers, key: int) -> torch.Tensor:
    """Push tangents through a derivative.

    Parameters
    ----------
    factors : list[torch.Tensor]
        From ``_derivative``.
    tangents : torch.Tensor
        (units, directions, n), contiguous, or (units, directions, 1) as long as all points share them.
    buffers : Buffers
        Where the results are put.
    key : int
        Of the first buffer to use; every factor uses one.

    Returns
    -------
    torch.Tensor
        (units, directions, n), in one of the buffers or in ``tangents``.
    """
    for i, factor in enumerate(factors):
        units, directions, n = tangents.shape
        if factor.dim() == 3:
            mine = i > 0 and n == factor.shape[2]
            out = tangents if mine else buffers(key + i, tangents, units, directions, factor.shape[2])
            tangents = torch.mul(tangents, factor, out=out)
        else:
            out = buffers(key + i, tangents, len(factor), directions * n)
            # one plain matrix product over all directions of all points
            tangents = torch.mm(factor, tangents.view(units, directions * n), out=out).view(-1, directions, n)
    return tangents


def check_mode(*modules: nn.Module) -> None:
    """ValueError if a layer is in training mode and would there have no Jacobian at a point."""
    for module in modules:
        for layer in module.modules():
            if layer.training and isinstance(layer, OTHER_IN_TRAINING):
                raise ValueError(
                    f"a layer of type {type(layer).__name__} is in training mode, where a point alone does not decide "
                    "what it gives: call .eval() on encoder and decoder first."
                )


@torch.no_grad()
def _any_jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> Jacobians:
    like = next(encoder.parameters(), x)
    parts = [_any_batch(encoder, decoder, part.to(like)) for part in x.split(POINTS[x.device.type])]
    return Jacobians(
        torch.cat([part.latent for part in parts]),
        torch.cat([part.reconstruction_mse for part in parts]),
        torch.cat([part.matrices for part in parts], dim=1),
        torch.cat([part.same_pattern for part in parts]),
    )


def _any_batch(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> Jacobians:
    """Points and directions are all under vmap, each pair of them a row, and the modules get copies of them.

    So an activation that works in place spoils nothing, nor has it to write what differs from point to point, or
    tangent to tangent, over what all share.
    """

    def encode(point: torch.Tensor) -> torch.Tensor:
        return encoder(point.unsqueeze(0).clone()).squeeze(0)

    def decode(point: torch.Tensor) -> torch.Tensor:
        return decoder(point.unsqueeze(0).clone()).squeeze(0)

    def push(x: torch.Tensor, z: torch.Tensor, y: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        tangent = jvp(decode, (z,), (direction,))[1]
        return torch.stack([jvp(encode, (point,), (tangent,))[1] for point in (x, y)])

    z = vmap(encode)(x)
    y = vmap(decode)(z)
    n, d = z.shape
    directions = torch.eye(d, dtype=z.dtype, device=z.device).repeat(n, 1)
    x_each, z_each, y_each = (h.repeat_interleave(d, dim=0) for h in (x, z, y))
    columns = vmap(push)(x_each, z_each, y_each, directions)
    matrices = columns.view(n, d, 2, d).permute(2, 0, 3, 1)
    unknown = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    return Jacobians(z, (y - x).square().flatten(1).mean(dim=1), matrices, unknown)
