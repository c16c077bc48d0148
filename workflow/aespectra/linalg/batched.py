"""Jacobians of networks that are read as operations: all directions of all points of a batch at once.

The d basis vectors of the latent space go through the decoder at z and then through the encoder, at x and at y, as in
module ``perceptron``, operation by operation. What comes before the first operation of the encoder whose derivative
differs from point to point is done once for both.
"""

import math
from collections.abc import Collection, Iterable, Sequence

import torch
from torch import nn

from .batch import Jacobians, gram_of_rows, joined
from .graph import Step
from .inner_products import gram
from .operations import Found

COLUMN_BYTES = {"cpu": 1 << 21, "cuda": 1 << 28}
"""Of the largest value of a network, for all points and directions that are pushed at once: on a CPU about what its
caches hold, and enough columns for products at full speed."""

POINTS = {"cpu": 64, "cuda": 4096}
"""Of a batch, at most."""


@torch.no_grad()
def batched_jacobians(
    encoder: Sequence[Step],
    decoder: Sequence[Step],
    x: torch.Tensor,
    like: torch.Tensor,
    module: nn.Module | None = None,
) -> Jacobians:
    """Both Jacobians at every point.

    Parameters
    ----------
    encoder, decoder : Sequence[Step]
        Of a network from points like those of ``x`` to (latent_dim,) and back.
    x : torch.Tensor
        (n, …)
    like : torch.Tensor
        Of the dtype of the network.
    module : nn.Module, optional
        The encoder itself, where Gram matrices are asked for: its rows come by reverse mode.

    Returns
    -------
    Jacobians
        ``same_pattern`` is that of activations and max pooling.
    """
    device = x.device.type
    largest = max([math.prod(step.shape) for step in (*encoder, *decoder)], default=1)
    columns = max(1, COLUMN_BYTES[device] // (largest * like.element_size()))
    points = min(POINTS[device], columns)
    directions = max(1, columns // points)
    return joined([_batch(encoder, decoder, part.to(like), directions, module) for part in x.split(points)])


def _batch(
    encoder: Sequence[Step], decoder: Sequence[Step], x: torch.Tensor, directions: int, module: nn.Module | None
) -> Jacobians:
    columns = x.movedim(0, -1)
    z, at_x = _forward(encoder, columns)
    y, at_z = _forward(decoder, z)
    _, at_y = _forward(encoder, y)
    d, n = z.shape
    shared = _shared(encoder)
    matrices = z.new_empty(2, n, d, d)
    basis = torch.eye(d, dtype=z.dtype, device=z.device).unsqueeze(2)
    others = [i for i in range(len(encoder)) if i not in shared]
    taken = {each for i in others for each in encoder[i].inputs}
    of_decoder = []
    for start in range(0, d, directions):
        part = slice(start, start + directions)
        tangents = _push(decoder, at_z, {0: basis[:, part]}, range(len(decoder)))
        if module is not None:
            of_decoder.append(tangents[len(decoder)].expand(*y.shape[:-1], -1, n))
        common = _push(encoder, at_x, {0: tangents[len(decoder)]}, sorted(shared), taken)
        for matrix, found in zip(matrices, (at_x, at_y), strict=True):
            matrix[:, :, part] = _push(encoder, found, common, others)[len(encoder)].permute(2, 0, 1)
    same = torch.ones(n, dtype=torch.bool, device=z.device)
    for one, other in zip(at_x, at_y, strict=True):
        if one.pattern is not None and other.pattern is not None:
            same &= torch.eq(one.pattern, other.pattern).flatten(0, -2).all(dim=0)
    mse = (y - columns).square().flatten(0, -2).mean(dim=0)
    grams = None if module is None else torch.stack([gram_of_rows(module, x), gram(torch.cat(of_decoder, dim=-2))])
    return Jacobians(z.T, mse, matrices, same, grams)


def _forward(steps: Sequence[Step], h: torch.Tensor) -> tuple[torch.Tensor, list[Found]]:
    """The last value for (…, n), and every step's derivative and pattern; values are dropped after their last use."""
    values, found, empty = {0: h}, [], h.new_empty(0)
    last_use = _last_uses(steps)
    for i, (operation, inputs, _) in enumerate(steps):
        here = operation(*(values[each] for each in inputs))
        values[i + 1] = here.value
        found.append(here._replace(value=empty))
        for each in last_use[i]:
            del values[each]
    return values[len(steps)], found


def _push(
    steps: Sequence[Step],
    found: Sequence[Found],
    tangents: dict[int, torch.Tensor],
    chosen: Iterable[int],
    kept: Collection[int] = (),
) -> dict[int, torch.Tensor]:
    """Tangents of the values that ``chosen`` steps make of those given, as far as any step after them needs them.

    Those of ``kept`` stay: steps may take them that come before the last of the chosen ones and are not among them.
    """
    tangents = dict(tangents)
    last_use = _last_uses(steps)
    for i in chosen:
        tangents[i + 1] = found[i].push(*(tangents[each] for each in steps[i].inputs))
        for each in last_use[i].difference(kept):
            del tangents[each]
    return tangents


def _last_uses(steps: Sequence[Step]) -> list[set[int]]:
    """The values that no step after each one takes."""
    last = {each: i for i, step in enumerate(steps) for each in step.inputs}
    return [{each for each in step.inputs if last[each] == i} for i, step in enumerate(steps)]


def _shared(steps: Sequence[Step]) -> set[int]:
    """Those that depend on affine ones alone: their tangents are the same at every point."""
    shared: set[int] = set()
    for i, (operation, inputs, _) in enumerate(steps):
        if operation.affine and all(each == 0 or each - 1 in shared for each in inputs):
            shared.add(i)
    return shared
