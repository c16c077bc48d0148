"""The variational autoencoder: reconstruction and the divergence of every posterior from N(0, I).

Source: Kingma and Welling, arXiv 1312.6114.
"""

from typing import Any

import torch

from ..objectives import RECONSTRUCTION
from ..penalties.kl import kl
from ..stochastic import StochasticAutoencoder, drawn

TERMS = {"reconstruction": 0.05, "kl": 0.01}


build = StochasticAutoencoder.build


def losses(network: StochasticAutoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The error of a reconstruction from one z = μ + σ ⊙ ε a point, and ½ Σ_j (μ_j² + σ_j² − 1 − log σ_j²)."""
    posterior = network.posterior(x)
    reconstruction = RECONSTRUCTION[training["loss"]](network.decoder(drawn(*posterior)), x)
    return {"reconstruction": reconstruction, "kl": kl(*posterior)}
