"""Hidden units that no image switches on: what they lead to neither learns any more nor counts."""

from typing import Any

import numpy as np
import torch
from torch import nn

from ..models.family import Network

BLOCK = 4096
"""Images at once."""


@torch.no_grad()
def dead_units(network: Network, images: np.ndarray) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Units behind a torch.nn.ReLU, of encoder and decoder, that are 0 at all images (n, pixels).

    Returns
    -------
    dict[str, tuple[tuple[str, ...], Any]]
        ``dead_units``, their number, and ``relu_units``, how many there are, with their dimensions, none.
    """
    seen: dict[nn.Module, torch.Tensor] = {}

    def look(module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        on = (output > 0).flatten(1).any(dim=0)
        seen[module] = on if module not in seen else torch.logical_or(seen[module], on)

    layers = [each for each in network.modules() if isinstance(each, nn.ReLU)]
    hooks = [each.register_forward_hook(look) for each in layers]
    try:
        for block in torch.from_numpy(images).split(BLOCK):
            network.decoder(network.encoder(block.to(network.like)))
    finally:
        for hook in hooks:
            hook.remove()
    units, on = (sum(int(of(each)) for each in seen.values()) for of in (torch.numel, torch.sum))
    return {"dead_units": ((), units - on), "relu_units": ((), units)}
