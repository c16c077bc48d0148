"""The autoencoder of the paper (section I-C): encoder n-128-64-32-d, decoder mirrored; or the parts of another."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import torch
from torch import nn

from .family import Network
from .own import own_parts


class Autoencoder(Network):
    """Encoder and decoder: two plain ``nn.Sequential``, or what a factory of the user's makes.

    Parameters
    ----------
    image_shape : Sequence[int]
        Of one image; its pixels are the size of input and output.
    latent_dim : int
        d
    **architecture
        As ``perceptrons`` takes them, or, with a ``factory`` among them, ``own.own_parts``.
    """

    def __init__(self, image_shape: Sequence[int], latent_dim: int, **architecture: Any):
        super().__init__()
        parts = own_parts if "factory" in architecture else perceptrons
        self.encoder, self.decoder = parts(image_shape, latent_dim, **architecture)

    @classmethod
    def build(cls, image_shape: Sequence[int], latent_dim: int, architecture: dict[str, Any]) -> Self:
        """A family's ``build``: ``architecture`` has the arguments beside the sizes."""
        return cls(image_shape, latent_dim, **architecture)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Reconstruction of ``x``, both (n, pixels)."""
        return self.decoder(self.encoder(x))


def perceptrons(
    image_shape: Sequence[int],
    latent_dim: int,
    hidden: list[int],
    activation: str = "ReLU",
    output_activation: str = "Tanh",
    initialization: str = "torch",
) -> tuple[nn.Sequential, nn.Sequential]:
    """The paper's encoder and decoder.

    Parameters
    ----------
    image_shape, latent_dim
        As of Autoencoder.
    hidden : list[int]
        Widths of the encoder's hidden layers; the decoder mirrors them.
    activation, output_activation : str
        Names of torch.nn classes; the encoder's last layer is affine.
    initialization : str
        torch, that of torch.nn.Linear: weights and biases uniform within 1/sqrt(inputs); or glorot: weights uniform
        within sqrt(6/(inputs + outputs)), biases 0 (Glorot and Bengio, AISTATS 2010).
    """
    pixels = math.prod(image_shape)
    encoder = _perceptron([pixels, *hidden, latent_dim], activation)
    decoder = _perceptron([latent_dim, *reversed(hidden), pixels], activation)
    for layer in [*encoder, *decoder] if initialization == "glorot" else ():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return encoder, decoder.append(getattr(nn, output_activation)())


def _perceptron(widths: list[int], activation: str) -> nn.Sequential:
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), getattr(nn, activation)()]
    return nn.Sequential(*layers[:-1])  # the last layer is affine
