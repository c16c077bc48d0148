"""In which precision, and where, do modules compute?"""

import torch
from torch import nn


def like_of(*modules: nn.Module, otherwise: torch.Tensor) -> torch.Tensor:
    """A tensor of their dtype and on their device: the first weight or buffer of them, or else another."""
    tensors = (each for module in modules for each in (*module.parameters(), *module.buffers()))
    return next((each for each in tensors if each.is_floating_point()), otherwise)
