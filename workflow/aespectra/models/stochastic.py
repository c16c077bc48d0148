"""An autoencoder whose encoder is a Gaussian of diagonal covariance, q(z|x) = N(μ(x), diag σ²(x))."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import nn

from .autoencoder import Autoencoder
from .own import OwnNetworkError, is_plain

START = -4.0
"""log σ² of an untrained network, about: under noise of variance 1 a penalty on q(z) keeps μ at 0 for good."""


class StochasticAutoencoder(Autoencoder):
    """``encoder`` is μ, and log σ² is a second affine layer on the same penultimate features.

    Parameters
    ----------
    image_shape, latent_dim, **architecture
        As of Autoencoder, whose initial weights it has under the same seed.

    Raises
    ------
    OwnNetworkError
        The encoder of a factory is no plain ``nn.Sequential`` whose last layer is linear.
    """

    def __init__(self, image_shape: Sequence[int], latent_dim: int, **architecture: Any):
        super().__init__(image_shape, latent_dim, **architecture)
        last = self.encoder[-1] if is_plain(self.encoder) else None
        if not isinstance(last, nn.Linear):
            raise OwnNetworkError(
                "a family whose encoder is stochastic needs an encoder that is a plain nn.Sequential and ends in "
                "an nn.Linear, whose input the variance is computed from as well."
            )
        self.log_variance = nn.Linear(last.in_features, latent_dim)
        nn.init.constant_(self.log_variance.bias, START)

    def posterior(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """μ and log σ², both (n, latent_dim), of points x (n, pixels)."""
        # not of its children(), where a layer that is used twice stands once
        *layers, last = cast(nn.Sequential, self.encoder)
        for layer in layers:
            x = layer(x)
        return last(x), self.log_variance(x)


def drawn(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """z = μ + σ ⊙ ε, one of each point, ε ~ N(0, I) from torch's generator; all (n, latent_dim)."""
    return mean + (log_variance / 2).exp() * torch.randn_like(mean)
