"""Jacobians of perceptrons: linear layers, activations of each unit alone, normalisation of a layer's units.

Both are found by pushing the d basis vectors of the latent space through the decoder at z and then through the encoder,
once at x and once at y: matrix products with weights that all points share, without the units that no point of a batch
switches on.

Inside, everything is transposed: one point or direction a column. The products then run at full speed however many
units are switched on; as rows they would lose up to a third.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import torch

from .activations import value_and_slope
from .batch import Buffers, Jacobians
from .inner_products import gram
from .operations import Weighted
from .perceptron_layers import Layer, Norm

ROW_BYTES = {"cpu": 4224, "cuda": 1 << 17}
"""A number for each point of a batch: on a CPU enough to pay for what is done once a batch, whole cache lines, and no
multiple of 4096, where rows would share their places in the cache."""

DIRECTIONS = {"cpu": 2, "cuda": 16}
"""Directions of the latent space pushed at once: on a CPU so few that they stay in its cache."""


class Normal(NamedTuple):
    """What the derivative of a normalisation needs of n points."""

    values: torch.Tensor  # (width, n), of mean 0 and variance 1
    factor: torch.Tensor  # (width, n), how much a deviation of one unit alone is magnified
    centred: bool  # tangents have mean 0 as well


class NormFactor(NamedTuple):
    """The derivative of a normalisation, but for a factor of each unit."""

    normal: torch.Tensor  # (width, 1, n)
    centred: bool
    before: torch.Tensor | None  # units whose tangents are not zero
    after: torch.Tensor | None  # units to keep


Found = torch.Tensor | Normal
Factor = torch.Tensor | NormFactor


@torch.no_grad()
def perceptron_jacobians(
    encoder: Sequence[Layer], decoder: Sequence[Layer], x: torch.Tensor, like: torch.Tensor, grams: bool = False
) -> Jacobians:
    """Both Jacobians at every point.

    Parameters
    ----------
    encoder, decoder : Sequence[Layer]
        From (pixels,) to (d,) and back.
    x : torch.Tensor
        (n, pixels)
    like : torch.Tensor
        Of the dtype of the network.
    grams : bool
        Whether to find these too.

    Returns
    -------
    Jacobians
    """
    n, d = len(x), len(_forward(encoder, x[:1].T.to(like))[0])
    latent, mse, matrices = like.new_empty(n, d), like.new_empty(n), like.new_empty(2, n, d, d)
    same_pattern = torch.empty(n, dtype=torch.bool, device=x.device)
    products = like.new_empty(2, n, d, d) if grams else None
    buffers = Buffers()
    points = max(1, ROW_BYTES[x.device.type] // like.element_size())
    for start in range(0, n, points):
        part = slice(start, start + points)
        mine = Jacobians(latent[part], mse[part], matrices[:, part], same_pattern[part])
        if products is not None:
            mine = mine._replace(grams=products[:, part])
        _fill(encoder, decoder, x[part], mine, buffers)
    return Jacobians(latent, mse, matrices, same_pattern, products)


def _fill(
    encoder: Sequence[Layer], decoder: Sequence[Layer], x: torch.Tensor, result: Jacobians, buffers: Buffers
) -> None:
    """Compute one batch into ``result``."""
    x = x.T.to(result.latent.dtype)
    z, at_x = _forward(encoder, x)
    y, at_z = _forward(decoder, z)
    _, at_y = _forward(encoder, y)
    result.latent.copy_(z.T)
    result.reconstruction_mse.copy_((y - x).square_().mean(dim=0))
    result.same_pattern.fill_(True)
    for one, other in zip(at_x, at_y, strict=True):
        if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
            result.same_pattern.logical_and_(torch.eq(one, other).all(dim=0))
    on_in_decoder = [_switched_on(each) for each in at_z]
    # the same units at x and at y, so that points with the same slopes at both get the same bits
    on_in_encoder = [_switched_on(*pair) for pair in zip(at_x, at_y, strict=True)]
    # up to its first activation the encoder's derivative is the same at x and at y: the costly product is shared
    split = next((i for i, layer in enumerate(encoder) if not isinstance(layer, Weighted)), len(encoder))
    up, units = _derivative(decoder, at_z, on_in_decoder, units=None)
    first, units = _derivative(encoder[:split], [], on_in_encoder[:1], units)
    (after_x, latent_units), (after_y, _) = (
        _derivative(encoder[split:], found, on_in_encoder, units) for found in (at_x, at_y)
    )
    if latent_units is not None:
        result.matrices.zero_()
    rows: slice | torch.Tensor = slice(None) if latent_units is None else latent_units
    basis = torch.eye(len(z), dtype=x.dtype, device=x.device).unsqueeze(2)
    for start in range(0, len(z), DIRECTIONS[x.device.type]):
        part = slice(start, start + DIRECTIONS[x.device.type])
        tangents = _push(up, basis[:, part].contiguous(), buffers, 0)
        if result.grams is not None:
            of_decoder = buffers("decoder", tangents, len(tangents), len(z), x.shape[1])
            of_decoder[:, part] = tangents
        tangents = _push(first, tangents, buffers, len(up))
        for matrix, factors in zip(result.matrices, (after_x, after_y), strict=True):
            columns = _push(factors, tangents, buffers, len(up) + len(first))
            matrix[:, rows, part] = columns.permute(2, 0, 1)
    if result.grams is not None:
        weights, units = _derivative(encoder[:split], [], on_in_encoder[:1], None)
        after_x, _ = _derivative(encoder[split:], at_x, on_in_encoder, units)
        matrices = [each for each in weights if isinstance(each, torch.Tensor)]
        result.grams[0] = _gram_of_rows(matrices, after_x, basis[rows].contiguous(), buffers)
        result.grams[1] = gram(of_decoder)


def _gram_of_rows(
    first: Sequence[torch.Tensor], after: Sequence[Factor], basis: torch.Tensor, buffers: Buffers
) -> torch.Tensor:
    """Of a derivative of which all points share the ``first`` factors, matrices.

    Its rows are pulled back to these. Of their product W only R in Wᵀ = Q R counts, which is small.
    """
    pulled = _push(_transposed(after), basis, buffers, 0)
    if first:
        product = functools.reduce(torch.matmul, [weight.T for weight in first])
        pulled = _push([torch.linalg.qr(product, mode="r").R], pulled, buffers, len(after))
    return gram(pulled)


def _transposed(factors: Sequence[Factor]) -> list[Factor]:
    """Slopes and normalisations are symmetric, but for the units that are left out."""
    return [
        factor._replace(before=factor.after, after=factor.before)
        if isinstance(factor, NormFactor)
        else factor.T
        if factor.dim() == 2
        else factor
        for factor in reversed(factors)
    ]


def _forward(layers: Sequence[Layer], h: torch.Tensor) -> tuple[torch.Tensor, list[Found]]:
    """The output for (width, n), and what the derivative of every layer without weights needs."""
    found: list[Found] = []
    for layer in layers:
        if isinstance(layer, Weighted):
            h = layer.weight @ h if layer.bias is None else torch.addmm(layer.bias.unsqueeze(1), layer.weight, h)
        elif isinstance(layer, Norm):
            h = h if layer.centred else h - h.mean(dim=0)
            scale = (h.square().mean(dim=0) + layer.eps).rsqrt()
            normal = h * scale
            h, scale = (normal, scale) if layer.factor is None else (normal * layer.factor, layer.factor * scale)
            h = h if layer.shift is None else h + layer.shift
            found.append(Normal(normal, scale.expand_as(h), layer.centred))
        else:
            h, slope = value_and_slope(layer, h)
            found.append(slope)
    return h, found


def _switched_on(*slopes: Found) -> torch.Tensor | None:
    """Units where some point of some (width, n) has a slope other than zero; None if that is all of them."""
    of_units = [slope for slope in slopes if isinstance(slope, torch.Tensor)]
    if not of_units or any(slope[:, :1].all() for slope in of_units):  # as ever where slopes cannot vanish
        return None
    on = functools.reduce(torch.logical_or, [slope.any(dim=1) for slope in of_units])
    units = on.nonzero().squeeze(1)
    return None if len(units) == len(on) else units


def _derivative(
    layers: Sequence[Layer],
    found: Sequence[Found],
    switched_on: Sequence[torch.Tensor | None],
    units: torch.Tensor | None,
) -> tuple[list[Factor], torch.Tensor | None]:
    """The derivative of ``layers`` at every point of a batch, as factors to multiply with in turn.

    Left out of every factor are the units that no point of the batch switches on: with ReLU about a third of them.

    Parameters
    ----------
    layers : Sequence[Layer]
        Some in a row.
    found : Sequence[Found]
        Of each layer without weights, (width, n) slopes, or what a normalisation needs.
    switched_on : Sequence[torch.Tensor | None]
        Of each of them, the units to keep, None for all; one more where the next of them is elsewhere.
    units : torch.Tensor, optional
        Of the layers' input, those whose tangents are not zero; None for all.

    Returns
    -------
    factors : list[Factor]
        Each a matrix that all points share, (outputs, inputs), their slopes, (units, 1, n), or a normalisation's.
    units : torch.Tensor or None
        Of the layers' output.
    """
    others = (i for i, layer in enumerate(layers) if not isinstance(layer, Weighted))
    found_of = dict(zip(others, found, strict=True))
    on_at = dict(zip([*found_of, len(layers)], switched_on, strict=False))
    factors: list[Factor] = []
    for i, layer in enumerate(layers):
        after = on_at.get(i + 1)
        if isinstance(layer, Weighted):
            weight = layer.weight if after is None else layer.weight.index_select(0, after)
            factors.append(weight if units is None else weight.index_select(1, units))
            units = after
        elif isinstance(here := found_of[i], Normal):
            factors.append(NormFactor(here.values.unsqueeze(1), here.centred, units, after))
            units = after
            following = found_of.get(i + 1)
            if isinstance(following, torch.Tensor):
                found_of[i + 1] = following * here.factor  # one factor fewer for every direction
            else:
                factors.append(_rows(here.factor, units).unsqueeze(1))
        else:
            factors.append(_rows(here, units).unsqueeze(1))
    return factors, units


def _rows(values: torch.Tensor, units: torch.Tensor | None) -> torch.Tensor:
    return values if units is None else values.index_select(0, units)


def _push(factors: Sequence[Factor], tangents: torch.Tensor, buffers: Buffers, key: int) -> torch.Tensor:
    """Push tangents through a derivative.

    Parameters
    ----------
    factors : Sequence[Factor]
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
        if isinstance(factor, NormFactor):
            tangents = _push_normalised(factor, tangents, buffers, key + i)
        elif factor.dim() == 3:
            mine = i > 0 and n == factor.shape[2]
            out = tangents if mine else buffers(key + i, tangents, units, directions, factor.shape[2])
            tangents = torch.mul(tangents, factor, out=out)
        else:
            out = buffers(key + i, tangents, len(factor), directions * n)
            # one plain matrix product over all directions of all points
            tangents = torch.mm(factor, tangents.view(units, directions * n), out=out).view(-1, directions, n)
    return tangents


def _push_normalised(factor: NormFactor, tangents: torch.Tensor, buffers: Buffers, key: int) -> torch.Tensor:
    """As of ``Normalised``, of the units that are left; the factor of each unit is with the next layer."""
    normal, centred, before, after = factor
    width, directions, n = len(normal), tangents.shape[1], normal.shape[2]
    if before is not None:
        tangents = tangents.new_zeros(width, *tangents.shape[1:]).index_copy_(0, before, tangents)
    out = buffers(key, tangents, width, directions, n)
    along = torch.mul(tangents, normal, out=out).mean(dim=0)
    if not centred:
        mine = buffers((key, "centred"), tangents, *tangents.shape)
        tangents = torch.sub(tangents, tangents.mean(dim=0), out=mine)
    if after is not None:
        mine = buffers((key, "kept"), tangents, len(after), *tangents.shape[1:])
        tangents, normal = torch.index_select(tangents, 0, after, out=mine), normal.index_select(0, after)
        out = out[: len(after)]
    return torch.addcmul(tangents, normal, along, value=-1, out=out)
