"""What is found of a batch of points, and memory that one batch after the other uses."""

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import torch
from torch import nn


class Jacobians(NamedTuple):
    """Of one batch of n points."""

    latent: torch.Tensor  # (n, d), z = f_enc(x)
    reconstruction_mse: torch.Tensor  # (n,), mean squared error of y = f_dec(z) over the pixels
    matrices: torch.Tensor  # (2, n, d, d), K_I(x), with the non-zero eigenvalues of J_I(x), and K_L(z) = J_L(z)
    same_pattern: torch.Tensor  # (n,) bool: every activation of the encoder has the same slope at x and at y
    grams: torch.Tensor | None = None  # (2, n, d, d), Df_enc(x) Df_enc(x)ᵀ and Df_dec(z)ᵀ Df_dec(z), where asked for


def joined(parts: Sequence[Jacobians]) -> Jacobians:
    """Those of several batches, in their order."""
    return Jacobians(
        torch.cat([part.latent for part in parts]),
        torch.cat([part.reconstruction_mse for part in parts]),
        torch.cat([part.matrices for part in parts], dim=1),
        torch.cat([part.same_pattern for part in parts]),
        None if parts[0].grams is None else torch.cat([part.grams for part in parts if part.grams is not None], dim=1),
    )


def gram_of_rows(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """(n, d, d) inner products of the rows of a module's derivative, by reverse mode for all of n points together."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        z = module(x.clone())  # which it may overwrite
        rows = [torch.autograd.grad(z[:, unit].sum(), x, retain_graph=True)[0] for unit in range(z.shape[1])]
    matrix = torch.stack(rows, dim=1).flatten(2)
    return matrix @ matrix.mT


class Buffers:
    """Memory that one batch after the other uses: fresh arrays for each cost almost as much as the products."""

    def __init__(self) -> None:
        self.memory: dict[Hashable, torch.Tensor] = {}

    def __call__(self, key: Hashable, like: torch.Tensor, *shape: int) -> torch.Tensor:
        """An uninitialised tensor, of the dtype and on the device of ``like``; the last one of this key is lost."""
        size = math.prod(shape)
        if key not in self.memory or self.memory[key].numel() < size:
            self.memory[key] = like.new_empty(size)
        return self.memory[key][:size].view(shape)
