"""Train one autoencoder: all images on the device, shuffled anew each epoch, no per-image loader."""

import logging
import math
from pathlib import Path

import numpy as np
import torch

from .autoencoder import Autoencoder
from .cuda_graph import GraphedStep
from .determinism import make_deterministic
from .files import written_whole
from .logs import Progress
from .objectives import RECONSTRUCTION

log = logging.getLogger(__name__)


def train(
    images: np.ndarray, latent_dim: int, seed: int, architecture: dict, training: dict, device: str = "cpu"
) -> tuple[Autoencoder, np.ndarray]:
    """Train from scratch; the same arguments give the same weights on the same machine.

    Parameters
    ----------
    images : (n, pixels) float32 in [0, 1]
    latent_dim : d
    seed : of the initial weights and of the order of the batches
    architecture : config key autoencoder
    training : config key training
    device : cpu or cuda

    Returns
    -------
    model : the trained autoencoder, on ``device``
    losses : (epochs,) float64, mean training loss of each epoch

    Raises
    ------
    FloatingPointError : the loss is no longer finite; the message says what to change
    """
    make_deterministic(device)
    torch.manual_seed(seed)
    model = Autoencoder(images.shape[1], latent_dim, **architecture).to(device)
    optimizer = getattr(torch.optim, training["optimizer"])(
        model.parameters(), lr=training["learning_rate"], fused=True
    )
    objective = RECONSTRUCTION[training["loss"]]
    shuffler = torch.Generator().manual_seed(seed)  # on the CPU, so that the order is the same on every device
    x = torch.from_numpy(images).to(device)
    whole = x.new_empty(min(training["batch_size"], len(x)), x.shape[1])

    def step(points: torch.Tensor) -> torch.Tensor:
        loss = objective(model(points), points)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    take = GraphedStep(step, optimizer, whole) if device == "cuda" else step
    losses = np.empty(training["epochs"])
    what = f"latent_dim {latent_dim}, seed {seed}"
    log.info("%s: training begins on %s, %d images", what, device, len(x))
    progress = Progress(what, training["epochs"], "epochs")
    for epoch in range(training["epochs"]):
        total = torch.zeros((), dtype=torch.float64, device=device)
        for batch in torch.randperm(len(x), generator=shuffler).to(device).split(training["batch_size"]):
            points = torch.index_select(x, 0, batch, out=whole[: len(batch)])
            total += take(points) * len(batch)
        losses[epoch] = total.item() / len(x)
        check_finite(losses[epoch], epoch, what, training)
        progress.advance(1, f"loss {losses[epoch]:.5g}")
    return model.eval(), losses


def check_finite(loss: float, epoch: int, what: str, training: dict) -> None:
    """FloatingPointError, which says what to change, if the loss of this epoch (from 0) is not finite."""
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"the loss became {loss} in epoch {epoch + 1} ({what}): "
            f"lower training.learning_rate (now {training['learning_rate']}) and run again."
        )


def save_losses(path: str | Path, losses: np.ndarray) -> None:
    """Write the loss curve as csv with the columns epoch (from 1) and loss, whole or not at all."""
    epochs = np.arange(1, len(losses) + 1)
    with written_whole(path) as part:
        np.savetxt(
            part, np.column_stack([epochs, losses]), fmt=["%d", "%.9g"], delimiter=",", header="epoch,loss", comments=""
        )
