"""A small convolutional classifier of the images: its penultimate layer is where samples and images are compared.

Fréchet distances are usually taken in the features of an Inception network that has to be downloaded, and that was
trained on photographs. This one learns the images of the study in a minute; its distances compare families with each
other and not with those of other networks.
"""

from math import isqrt
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from ..determinism import make_deterministic
from ..logs import Progress

CHANNELS = (16, 32)
FEATURES = 64
PASSES, STEPS, BATCH, RATE = 5, 800, 128, 2e-3
"""Of its training, by Adam with a rate that falls to 0: so many passes over the images, more until there are STEPS."""

BLOCK = 4096
"""Images classified at once."""


def build(pixels: int, classes: int) -> nn.Sequential:
    """An untrained classifier of square images, (n, pixels) to (n, classes), drawn from torch's global generator.

    Raises
    ------
    ValueError
        The images are not square, or smaller than 4 x 4.
    """
    side = isqrt(pixels)
    if side * side != pixels or side < 4:
        raise ValueError(f"the classifier takes square images of at least 4 x 4 pixels, not of {pixels} pixels.")
    first, second = CHANNELS
    return nn.Sequential(
        nn.Unflatten(1, (1, side, side)),
        nn.Conv2d(1, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(second * (side // 4) ** 2, FEATURES),
        nn.ReLU(),
        nn.Linear(FEATURES, classes),
    )


def train_classifier(images: np.ndarray, labels: np.ndarray, seed: int, device: str = "cpu") -> nn.Sequential:
    """Train from scratch; the same arguments give the same weights on the same machine.

    Parameters
    ----------
    images : np.ndarray
        (n, pixels) float32 in [0, 1].
    labels : np.ndarray
        (n,) classes from 0.
    seed : int
        Of the initial weights and the order of the batches.
    device : str
        cpu or cuda

    Returns
    -------
    nn.Sequential
        In eval mode, on ``device``.
    """
    make_deterministic(device)
    torch.manual_seed(seed)
    network = build(images.shape[1], int(labels.max()) + 1).to(device)
    x, y = torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    per_pass = -(-len(x) // BATCH)
    passes = max(PASSES, -(-STEPS // per_pass))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, passes * per_pass)
    progress = Progress("classifier", passes * per_pass, "steps")
    for _ in range(passes):
        for batch in torch.randperm(len(x)).split(BATCH):
            chosen = batch.to(device)
            loss = nn.functional.cross_entropy(network(x[chosen]), y[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            progress.advance(1)
    return network.eval()


def read_classifier(path: Path, pixels: int) -> nn.Sequential:
    """The classifier of images of so many pixels, in eval mode, on the CPU."""
    weights = load_file(path)
    last = max(weights, key=lambda name: int(name.partition(".")[0]))
    network = build(pixels, len(weights[last]))
    network.load_state_dict(weights)
    return network.eval()


@torch.no_grad()
def features_and_classes(network: nn.Sequential, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The penultimate layer, (n, FEATURES), and the most likely class, (n,), of images (n, pixels)."""
    features, classes = [], []
    for block in images.split(BLOCK):
        features.append(network[:-1](block))
        classes.append(network[-1](features[-1]).argmax(dim=1))
    return torch.cat(features), torch.cat(classes)
