"""Train one network of a family: all images on the device, shuffled anew each epoch, no per-image loader."""

import copy
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..determinism import make_deterministic
from ..files import written_whole
from ..logs import Progress, first_line
from ..subnormals import flushed
from .cuda_graph import GraphedStep
from .family import Family, Network, finish
from .step import descend, players

log = logging.getLogger(__name__)

OF_ONE_VALUE = "more than 1 value per channel"
"""What torch asks for where statistics of a batch are taken of a single number."""


class DivergedError(FloatingPointError):
    """The loss is no longer finite; the message is one sentence for the user."""


def train(
    images: np.ndarray,
    latent_dim: int,
    seed: int,
    family: Family,
    architecture: dict[str, Any],
    training: dict[str, Any],
    device: str = "cpu",
) -> tuple[Network, dict[str, np.ndarray]]:
    """Train from scratch; the same arguments give the same weights on the same machine.

    Parameters
    ----------
    images : np.ndarray
        (n, pixels), or (n, …) of whatever shape a family's networks are to be built for; float32 in [0, 1].
    latent_dim : int
        d
    seed : int
        Of the initial weights, of the order of the batches, and of what the family's losses draw.
    family : Family
        Builds the network and gives its loss terms.
    architecture : dict
        Given to the family's ``build``.
    training : dict
        ``epochs``, ``batch_size``, and what ``step.players`` and the family's losses take.
    device : str
        cpu or cuda

    Returns
    -------
    network : Network
        In eval mode, on ``device``.
    curves : dict[str, np.ndarray]
        (epochs,) float64 means over the images: ``loss``, then every term by its name, not weighted.

    Raises
    ------
    DivergedError
        The loss is no longer finite.
    ValueError
        An epoch's last batch is one image, and the network does not take one alone.
    """
    ((network, of_network),) = train_on(
        images, latent_dim, seed, family, architecture, training, [training["epochs"]], device
    )
    return network, of_network


def train_on(
    images: np.ndarray,
    latent_dim: int,
    seed: int,
    family: Family,
    architecture: dict[str, Any],
    training: dict[str, Any],
    epochs: Sequence[int],
    device: str = "cpu",
) -> list[tuple[Network, dict[str, np.ndarray]]]:
    """Train once, and look at the network after some numbers of epochs.

    Parameters
    ----------
    images, latent_dim, seed, family, architecture, training, device
        As for ``train``, less ``training["epochs"]``.
    epochs : Sequence[int]
        Rising, from 0, the initial weights, on; the last is the training's end.

    Returns
    -------
    list[tuple[Network, dict[str, np.ndarray]]]
        What ``train`` gives for each of these numbers of epochs, bit for bit.

    Raises
    ------
    DivergedError
        The loss is no longer finite.
    ValueError
        An epoch's last batch is one image, and the network does not take one alone.
    """
    make_deterministic(device)
    torch.manual_seed(seed)
    network = family.build(images.shape[1:], latent_dim, architecture).to(device)
    of_family = players(family, dict(network.named_parameters()), training)
    points = torch.from_numpy(images).flatten(1).to(device)
    if epochs[-1]:
        _check_last_batch(family, network, points, training)
    shuffler = torch.Generator().manual_seed(seed)  # on the CPU, so that the order is the same on every device

    found: list[Network] = []

    def look(epoch: int) -> None:
        if epoch not in epochs:
            return
        so_far = network if epoch == epochs[-1] else copy.deepcopy(network)
        so_far.eval()
        devices = [points.device] if points.is_cuda else []
        with torch.random.fork_rng(devices):  # what it draws, the training does not miss
            finish(family, so_far, points)
        found.append(so_far)

    history = run_epochs(
        lambda batch: descend(of_family, in_order(family.losses(network, batch, training), family)),
        points,
        lambda: torch.randperm(len(images), generator=shuffler),
        [f"latent_dim {latent_dim}, seed {seed}"],
        len(family.TERMS),
        training | {"epochs": epochs[-1]},
        look,
    )
    return [(each, curves(history[:epoch], family)) for each, epoch in zip(found, epochs, strict=True)]


def _check_last_batch(family: Family, network: Network, points: torch.Tensor, training: dict[str, Any]) -> None:
    """ValueError before the work begins, where batch statistics of a single image would end it after an epoch."""
    n, size = len(points), training["batch_size"]
    if n % size != 1 % size:
        return
    with torch.random.fork_rng([points.device] if points.is_cuda else []):
        try:
            family.losses(copy.deepcopy(network), points[:1], training)
        except ValueError as error:
            if OF_ONE_VALUE not in str(error):
                raise
            raise ValueError(
                f"batches of {size} leave one of {n} images for the last, which the network does not take alone "
                f"({first_line(error)}): choose another batch_size."
            ) from error


@flushed()
def run_epochs(
    step: Callable[[torch.Tensor], torch.Tensor],
    images: torch.Tensor,
    shuffle: Callable[[], torch.Tensor],
    networks: Sequence[str],
    terms: int,
    training: dict[str, Any],
    look: Callable[[int], None] = lambda _: None,
) -> np.ndarray:
    """The loop over epochs and batches, for one network (leading dimensions: none) or for several trained together.

    Subnormal numbers are flushed: Adam's moments of a weight without gradient, of a dead unit or of a pixel that is
    hardly ever on, shrink to the smallest of them and, under rounding, stay there, and each of them slows every further
    step. What they add to a weight is far below its last bit.

    Parameters
    ----------
    step : Callable
        Takes a batch, (..., points, pixels), makes one step and returns (..., 1 + terms): loss and terms, detached.
    images : torch.Tensor
        (n, pixels) float32, on the device.
    shuffle : Callable
        The order of the images in the next epoch, (..., n) int64 on the CPU.
    networks : Sequence[str]
        Their names, in the order of the leading dimension, for messages.
    terms : int
        Number of loss terms.
    training : dict
        ``epochs`` and ``batch_size``.
    look : Callable
        Called with the number of epochs behind it: 0 before the first, and after each.

    Returns
    -------
    np.ndarray
        (..., epochs, 1 + terms) float64 means over the images.

    Raises
    ------
    DivergedError
        A loss is no longer finite.
    """
    orders, size = shuffle(), min(training["batch_size"], len(images))
    leading = orders.shape[:-1]
    whole = images.new_empty(*leading, size, images.shape[1])
    take = GraphedStep(step, whole) if images.is_cuda else step
    history = np.empty((*leading, training["epochs"], 1 + terms))
    what = networks[0] if len(networks) == 1 else f"{len(networks)} networks"
    log.info("%s: training begins on %s, %d images", what, images.device.type, len(images))
    progress = Progress(what, training["epochs"], "epochs")
    look(0)
    for epoch in range(training["epochs"]):
        orders = shuffle() if epoch else orders
        total = torch.zeros(*leading, 1 + terms, dtype=torch.float64, device=images.device)
        for batch in orders.to(images.device).split(training["batch_size"], dim=-1):
            # one place in memory for all batches
            points = whole.view(-1, images.shape[1])[: batch.numel()]
            torch.index_select(images, 0, batch.reshape(-1), out=points)
            total += take(points.view(*batch.shape, -1)) * batch.shape[-1]
        history[..., epoch, :] = total.cpu().numpy() / len(images)
        losses = history[..., epoch, 0].reshape(-1)
        for network, loss in zip(networks, losses, strict=True):
            check_finite(loss, epoch, network, training["learning_rate"])
        progress.advance(1, f"loss {losses.mean():.5g}")
        look(epoch + 1)
    return history


def check_finite(loss: float, epoch: int, network: str, learning_rate: float) -> None:
    """DivergedError, which says what to change, if the loss of this epoch (from 0) is not finite."""
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} in epoch {epoch + 1} ({network}): lower the learning rate, now {learning_rate}."
        )


def in_order(terms: Mapping[str, torch.Tensor], family: Family) -> dict[str, torch.Tensor]:
    """The terms as the family's TERMS has them, which is the order of the columns of a history."""
    return {name: terms[name] for name in family.TERMS}


def curves(history: np.ndarray, family: Family) -> dict[str, np.ndarray]:
    """Columns of one network's history, (epochs, 1 + terms), by their names."""
    return dict(zip(["loss", *family.TERMS], history.T, strict=True))


def save_losses(path: Path, curves: dict[str, np.ndarray]) -> None:
    """Write loss curves as csv, whole or not at all: epoch (from 1), then a column for each curve."""
    epochs = np.arange(1, len(curves["loss"]) + 1)
    with written_whole(path) as part:
        np.savetxt(
            part,
            np.column_stack([epochs, *curves.values()]),
            fmt=["%d", *["%.9g"] * len(curves)],
            delimiter=",",
            header=",".join(["epoch", *curves]),
            comments="",
        )
