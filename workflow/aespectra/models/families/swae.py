"""The sliced-Wasserstein autoencoder.

Source: Kolouri et al., arXiv 1804.01947, algorithm 1.
"""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.priors import directions, draw
from ..penalties.sliced_wasserstein import sliced_wasserstein

TERMS = {"reconstruction": 0.05, "sliced_wasserstein": 10.0}

PRIORS = ("gaussian", "uniform")

DIRECTIONS = 50
"""Drawn anew for every batch; the paper's number."""


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, and the distance of the latents from as many samples of the prior."""
    z = network.encoder(x)
    prior = draw(training.get("prior", PRIORS[0]), z)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "sliced_wasserstein": sliced_wasserstein(z, prior, directions(DIRECTIONS, z)),
    }
