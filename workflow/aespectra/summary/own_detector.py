"""Outlier scores for a network and points of one's own, in memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import nn

from ..models.family import Network
from ..slabs.in_memory import Points, blocks_of, network_of
from .detector import Detector


class OwnDetector:
    """A network and what is usual at the points that it learned from."""

    def __init__(self, network: Network, fitted: Detector):
        self.network, self.fitted = network, fitted

    def score(self, x: Points | Iterable[Any]) -> xr.Dataset:
        """How outlying points are, larger for more: a variable (sample) for each score of ``detector.Detector``.

        Parameters
        ----------
        x : tensor, array, or iterable of such
            As of ``spectra``.
        """
        parts = [self.fitted.scores(*each) for each in _seen(self.network, x)]
        return xr.Dataset({name: ("sample", np.concatenate([part[name] for part in parts])) for name in parts[0]})

    def save(self, path: str | Path) -> None:
        """Write what was fitted, not the network, into an .npz file without pickles, whole or not at all."""
        self.fitted.save(path)

    @classmethod
    def load(
        cls, path: str | Path, encoder: nn.Module, decoder: nn.Module, device: str = "auto", precision: str = "float64"
    ) -> "OwnDetector":
        """What ``save`` wrote, with the network that it is of; ValueError if the file is something else."""
        return cls(network_of(encoder, decoder, device, precision), Detector.load(path))


def detector(
    encoder: nn.Module,
    decoder: nn.Module,
    x: Points | Iterable[Any],
    device: str = "auto",
    precision: str = "float64",
) -> OwnDetector:
    """What is usual at training points, to tell others from them: by reconstruction, latent, spectra, and all of these.

    Parameters
    ----------
    encoder, decoder, x, device, precision
        As of ``spectra``; x are points that the network was trained on, of which some thousand are enough.

    Returns
    -------
    OwnDetector
        ``score(x)`` gives the same scores of other points as the target ``detection`` of the workflow.

    Raises
    ------
    ValueError
        As ``spectra`` does, or there are fewer than 11 points with finite spectra.

    Examples
    --------
    >>> encoder, decoder = nn.Linear(3, 2, bias=False), nn.Linear(2, 3, bias=False)
    >>> _ = encoder.weight.data.copy_(torch.eye(2, 3)), decoder.weight.data.copy_(torch.eye(3, 2))
    >>> usual = torch.rand(100, 3) * torch.tensor([1.0, 1, 0.01])
    >>> found = detector(encoder, decoder, usual, device="cpu")
    >>> unusual = found.score(torch.tensor([[0.5, 0.5, 1.0]]))
    >>> bool((unusual.union_mahalanobis.item() > found.score(usual).union_mahalanobis).all())
    True
    """
    network = network_of(encoder, decoder, device, precision)
    return OwnDetector(network, Detector.of_blocks(_seen(network, x)))


@torch.no_grad()
def _seen(network: Network, x: Points | Iterable[Any]) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """z and the spectra of points, in blocks."""
    for points, found in blocks_of(network, x):
        yield network.encoder(torch.from_numpy(points).to(network.like.device)).cpu().numpy(), found
