"""The plain autoencoder of the paper: reconstruction alone, no regularisation (section I-C)."""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION

TERMS = {"reconstruction": 1.0}

TOGETHER = True


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error of a batch (n, pixels), by the objective that ``training['loss']`` names."""
    return {"reconstruction": RECONSTRUCTION[training["loss"]](network(x), x)}
