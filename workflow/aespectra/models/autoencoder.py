"""The autoencoder of the paper (section I-C): encoder n-128-64-32-d, decoder mirrored."""

from itertools import pairwise
from typing import Any, Self

import torch
from torch import nn

from .family import Network


class Autoencoder(Network):
    """Encoder and decoder, two plain ``nn.Sequential``.

    Parameters
    ----------
    pixels : int
        Size of input and output.
    latent_dim : int
        d
    hidden : list[int]
        Widths of the encoder's hidden layers; the decoder mirrors them.
    activation, output_activation : str
        Names of torch.nn classes; the encoder's last layer is affine.
    """

    def __init__(
        self, pixels: int, latent_dim: int, hidden: list[int], activation: str = "ReLU", output_activation: str = "Tanh"
    ):
        super().__init__()
        self.encoder = _perceptron([pixels, *hidden, latent_dim], activation)
        self.decoder = _perceptron([latent_dim, *reversed(hidden), pixels], activation)
        self.decoder.append(getattr(nn, output_activation)())

    @classmethod
    def build(cls, pixels: int, latent_dim: int, architecture: dict[str, Any]) -> Self:
        """A family's ``build``: ``architecture`` has the arguments beside the sizes."""
        return cls(pixels, latent_dim, **architecture)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Reconstruction of ``x``, both (n, pixels)."""
        return self.decoder(self.encoder(x))


def _perceptron(widths: list[int], activation: str) -> nn.Sequential:
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), getattr(nn, activation)()]
    return nn.Sequential(*layers[:-1])  # the last layer is affine
