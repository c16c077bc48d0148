"""Jacobians of any two modules, by torch.func's forward mode: as exact as the other routes, and slow."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.func import jvp, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from .batch import Jacobians, gram_of_rows, joined

POINTS = {"cpu": 64, "cuda": 4096}
"""Of a batch: so many that what vmap does once a batch takes little of the time."""

ROWS = {"cpu": 640, "cuda": 40960}
"""Points times directions that are pushed at once: memory is bounded in the latent dimension as well."""


@torch.no_grad()
def forward_mode_jacobians(
    encoder: nn.Module, decoder: nn.Module, x: torch.Tensor, like: torch.Tensor, grams: bool = False
) -> Jacobians:
    """Both Jacobians at every point, each a batch of one under vmap; ``same_pattern`` is False throughout.

    Arithmetic is in the dtype of ``like``.
    """
    with plain_attention():
        return joined([_batch(encoder, decoder, part.to(like), grams) for part in x.split(POINTS[x.device.type])])


@contextmanager
def plain_attention() -> Iterator[None]:
    """Attention by products and softmax: torch's faster kernels have no forward derivative."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _batch(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor, grams: bool) -> Jacobians:
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
    columns = vmap(push, chunk_size=ROWS[x.device.type])(x_each, z_each, y_each, directions)
    matrices = columns.view(n, d, 2, d).permute(2, 0, 3, 1)
    unknown = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    products = None
    if grams:
        up = vmap(lambda z, direction: jvp(decode, (z,), (direction,))[1], chunk_size=ROWS[x.device.type])
        rows = up(z_each, directions).view(n, d, -1)
        products = torch.stack([gram_of_rows(encoder, x), rows @ rows.mT])
    return Jacobians(z, (y - x).square().flatten(1).mean(dim=1), matrices, unknown, products)
