"""The autoencoder of the paper (section I-C): encoder n-128-64-32-d, decoder mirrored, and its checkpoint."""

import json
from itertools import pairwise
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from .files import provenance, written_whole


class Autoencoder(nn.Module):
    """Encoder and decoder, two plain ``nn.Sequential``.

    Parameters
    ----------
    pixels : size of input and output
    latent_dim : d
    hidden : widths of the encoder's hidden layers; the decoder mirrors them
    activation, output_activation : names of torch.nn classes; the encoder's last layer is affine
    """

    def __init__(
        self, pixels: int, latent_dim: int, hidden: list[int], activation: str = "ReLU", output_activation: str = "Tanh"
    ):
        super().__init__()
        self.encoder = _perceptron([pixels, *hidden, latent_dim], activation)
        self.decoder = _perceptron([latent_dim, *reversed(hidden), pixels], activation)
        self.decoder.append(getattr(nn, output_activation)())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Reconstruction of ``x``, both (n, pixels)."""
        return self.decoder(self.encoder(x))


def _perceptron(widths: list[int], activation: str) -> nn.Sequential:
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), getattr(nn, activation)()]
    return nn.Sequential(*layers[:-1])  # the last layer is affine


def save_checkpoint(path: str | Path, model: Autoencoder, config: dict, device: str) -> None:
    """Write the weights as safetensors, whole or not at all; the metadata ``provenance`` (JSON) say what made them.

    ``config`` has the keys family, latent_dim, seed, pixels, images, autoencoder, training.
    """
    made_by = provenance("Trained autoencoder", config, device=device, precision="float32")
    # one entry only: safetensors writes several in an order that changes from run to run
    metadata = {"provenance": json.dumps(made_by, sort_keys=True)}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with written_whole(path) as part:
        save_file(weights, part, metadata=metadata)


def load_checkpoint(path: str | Path, device: str = "cpu") -> tuple[Autoencoder, dict]:
    """The trained autoencoder and the config that made it."""
    with safe_open(path, framework="pt", device=device) as file:
        config = json.loads(json.loads(file.metadata()["provenance"])["config"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
    with torch.device(device):
        model = Autoencoder(config["pixels"], config["latent_dim"], **config["autoencoder"])
    model.load_state_dict(weights)
    return model.eval(), config
