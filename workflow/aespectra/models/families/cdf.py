"""Matching of distribution functions, as the Gaussian autoencoder does: radii, pair distances, coordinates.

Source: Duda, arXiv 1811.04751; quantiles are matched, see penalties/quantiles.py.
"""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.priors import draw
from ..penalties.quantiles import mismatch, of_gaussian, sorted_of

TERMS = {"reconstruction": 0.05, "radii": 3.0, "distances": 3.0, "coordinates": 3.0}

PRIORS = ("gaussian", "uniform")


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, and three mismatches: with N(0, I) exactly, with another prior by samples of it."""
    z = network.encoder(x)
    name = training.get("prior", PRIORS[0])
    prior = of_gaussian(*z.shape, z.dtype, z.device) if name == "gaussian" else sorted_of(draw(name, z))
    reconstruction = RECONSTRUCTION[training["loss"]](network.decoder(z), x)
    return {"reconstruction": reconstruction, **mismatch(sorted_of(z), prior)}
