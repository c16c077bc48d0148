"""Sketched isotropic Gaussian regularisation: random projections of the latents are tested for N(0, 1).

Source: Balestriero and LeCun, arXiv 2511.08544, written from the formula.
"""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.epps_pulley import epps_pulley
from ..penalties.priors import directions

TERMS = {"reconstruction": 0.05, "epps_pulley": 0.05}

DIRECTIONS = 64
"""Drawn anew for every batch."""


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, and the mean Epps-Pulley statistic of the projected latents."""
    z = network.encoder(x)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "epps_pulley": epps_pulley(z, directions(DIRECTIONS, z)),
    }
