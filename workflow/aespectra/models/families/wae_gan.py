"""The adversarial Wasserstein autoencoder: a critic tells latents from samples of the prior.

Source: Tolstikhin et al., arXiv 1711.01558, algorithm 1, the encoder's loss not saturating.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import softplus

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.priors import draw

TERMS = {"reconstruction": 0.05, "fooling": 0.1, "telling": 1.0}

PLAYERS = {"critic": ("telling",)}

RATES = {"critic": 0.5}

BETAS = (0.5, 0.999)
"""The paper's: with torch's .9 encoder and critic overshoot in turns."""

PRIORS = ("gaussian", "uniform")

HIDDEN, WIDTH = 4, 128
"""Layers of the critic. The paper's are 512 wide, for which an epoch takes 7 times that of the autoencoder alone."""


class AdversarialAutoencoder(Autoencoder):
    """The paper's network and a critic, (n, latent_dim) to (n, 1): the logit that a point is of the prior."""

    def __init__(self, image_shape: Sequence[int], latent_dim: int, **architecture: Any):
        super().__init__(image_shape, latent_dim, **architecture)
        widths = [latent_dim, *[WIDTH] * HIDDEN]
        layers = [each for i in range(HIDDEN) for each in (nn.Linear(widths[i], widths[i + 1]), nn.ReLU())]
        self.critic = nn.Sequential(*layers, nn.Linear(WIDTH, 1))


build = AdversarialAutoencoder.build


def losses(network: AdversarialAutoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, −log D(z) for the encoder, and −log D(prior) − log(1 − D(z)) for the critic."""
    z = network.encoder(x)
    latents = network.critic(z)  # for both players: each takes the gradient of its own parameters alone
    prior = network.critic(draw(training.get("prior", PRIORS[0]), z))
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "fooling": softplus(-latents).mean(),
        "telling": softplus(-prior).mean() + softplus(latents).mean(),
    }
