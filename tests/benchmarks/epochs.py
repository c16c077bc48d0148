"""Training at batch 128 on one core: ours, a plain loop over tensors in memory, a loop over a DataLoader."""

import numpy as np
import torch
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.families import autoencoder as family
from aespectra.models.train import train
from timing import ARCHITECTURE, PIXELS, TRAINING, images, side_by_side
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

COUNT = 12_800
LATENT_DIM = 10


class Images(MNIST):
    """torchvision's MNIST on images that are at hand already."""

    def __init__(self, pixels: np.ndarray):
        self.data = torch.from_numpy((pixels * 255).astype(np.uint8).reshape(-1, 28, 28))
        self.targets = torch.zeros(len(pixels), dtype=torch.int64)
        self.transform, self.target_transform = ToTensor(), None


def step(model, optimizer, points) -> None:
    loss = (model(points) - points).square().mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def fresh():
    model = Autoencoder((PIXELS,), LATENT_DIM, **ARCHITECTURE)
    return model, torch.optim.Adam(model.parameters(), lr=TRAINING["learning_rate"], fused=True)


def plain(x: torch.Tensor) -> None:
    model, optimizer = fresh()
    for batch in torch.randperm(len(x)).split(128):
        step(model, optimizer, x[batch])


def loader(data: Images) -> None:
    model, optimizer = fresh()
    for batch, _ in DataLoader(data, batch_size=128, shuffle=True):
        step(model, optimizer, batch.flatten(1))


def compare() -> list[dict]:
    pixels = images()[:COUNT]
    functions = {
        "ours": lambda: train(pixels, LATENT_DIM, 0, family, ARCHITECTURE, TRAINING | {"epochs": 1}),
        "plain loop": lambda: plain(torch.from_numpy(pixels)),
        "DataLoader": lambda: loader(Images(pixels)),
    }
    times = side_by_side(functions)
    steps = -(-len(pixels) // 128)
    return [
        {"loop": name, "ms a step": seconds / steps * 1e3, "loop / ours": seconds / times["ours"]}
        for name, seconds in times.items()
    ]
