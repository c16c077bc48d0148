"""An autoencoder whose encoder is a Gaussian of diagonal covariance, q(z|x) = N(μ(x), diag σ²(x))."""

import torch
from torch import nn

from .autoencoder import Autoencoder

START = -4.0
"""log σ² of an untrained network, about: under noise of variance 1 a penalty on q(z) keeps μ at 0 for good."""


class StochasticAutoencoder(Autoencoder):
    """The paper's network; ``encoder`` is μ, and log σ² is a second affine layer on the same penultimate features.

    Parameters
    ----------
    pixels, latent_dim, hidden, activation, output_activation
        As of Autoencoder, whose initial weights it has under the same seed.
    """

    def __init__(
        self, pixels: int, latent_dim: int, hidden: list[int], activation: str = "ReLU", output_activation: str = "Tanh"
    ):
        super().__init__(pixels, latent_dim, hidden, activation, output_activation)
        self.log_variance = nn.Linear(hidden[-1], latent_dim)
        nn.init.constant_(self.log_variance.bias, START)

    def posterior(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """μ and log σ², both (n, latent_dim), of points x (n, pixels)."""
        layers = list(self.encoder.children())
        for layer in layers[:-1]:
            x = layer(x)
        return layers[-1](x), self.log_variance(x)


def drawn(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """z = μ + σ ⊙ ε, one of each point, ε ~ N(0, I) from torch's generator; all (n, latent_dim)."""
    return mean + (log_variance / 2).exp() * torch.randn_like(mean)
