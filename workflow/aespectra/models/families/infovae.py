"""InfoVAE: a variational autoencoder whose samples of q(z) are compared with the prior as well.

Source: Zhao et al., arXiv 1706.02262, equation 6: reconstruction + (1 − α)·KL + (α + λ − 1)·MMD; the two factors are
the weights of the terms. With α = 1 it is the MMD-VAE.
"""

from typing import Any

import torch

from ..objectives import RECONSTRUCTION
from ..penalties.kl import kl
from ..penalties.mmd import mmd
from ..stochastic import StochasticAutoencoder, drawn

TERMS = {"reconstruction": 0.05, "kl": 0.005, "mmd": 1.0}


build = StochasticAutoencoder.build


def losses(network: StochasticAutoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The error of a reconstruction from one z a point, the divergence, and the discrepancy of these z from N(0, I)."""
    posterior = network.posterior(x)
    z = drawn(*posterior)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "kl": kl(*posterior),
        "mmd": mmd(z, torch.randn_like(z)),
    }
