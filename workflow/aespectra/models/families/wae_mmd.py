"""The Wasserstein autoencoder with maximum mean discrepancy.

Source: Tolstikhin et al., arXiv 1711.01558, algorithm 2.
"""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.mmd import mmd
from ..penalties.priors import draw

TERMS = {"reconstruction": 0.05, "mmd": 10.0}

PRIORS = ("gaussian", "uniform")


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, and the discrepancy of the latents from as many samples of the prior."""
    z = network.encoder(x)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "mmd": mmd(z, draw(training.get("prior", PRIORS[0]), z)),
    }
