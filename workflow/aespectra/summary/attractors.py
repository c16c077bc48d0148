"""Where a network takes points, in and out of distribution, when it is applied over and over: a file a network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.pixels import Pixels
from ..determinism import make_deterministic
from ..files import provenance, written_whole
from ..logs import Progress
from ..models.checkpoint import load_checkpoint
from ..models.family import Family, Network
from ..netcdf import created, put
from ..slabs.compute import block_spectra
from ..slabs.grid import GRID
from ..slabs.iterates import CONVERGED, CYCLE, OPEN, fixed_points, iterate
from .evenly import evenly
from .quality import nearest

POINTS = 300
"""Of every set, at even distances, that are followed."""

KEPT = 200
"""Fixed points, those with the largest basins, whose images are kept."""


def write_attractors(
    path: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    datasets: Sequence[Path],
    training: Path,
    test: Path,
    device: str = "cpu",
) -> None:
    """Follow points of every set to where they end, whole or not at all.

    Variables: ``ends`` (dataset, outcome), how many points converge, cycle, or do neither; ``iterations`` (dataset),
    their median among those that converge; ``basin`` (dataset, attractor), how many end in each fixed point, those
    with the largest basins first. Of each fixed point: ``spectral_radius``, the largest |λ| of J_L there; ``rate``, the
    median factor by which steps shrank on the way; ``image`` (attractor, pixel), f_dec; ``to_training``, the distance
    of that to the nearest training image, and ``neighbour``, which. ``usual_to_training``, the median distance of
    held-out images to the nearest training image. ``fixed_points``, how many there are, also those beyond KEPT.

    Parameters
    ----------
    path : Path
        File to make.
    checkpoint : Path
        Of the network.
    family : Family
        Of the network.
    made_for : dict
        What the checkpoint must have been made with.
    datasets : Sequence[Path]
        Evaluation sets, D_train first.
    training, test : Path
        The training images, and those held out.
    device : str
        cpu or cuda
    """
    make_deterministic(device)
    with Pixels(training) as pixels:
        images, image_shape = pixels[:], pixels.image_shape
    with Pixels(test) as pixels:
        held_out = pixels.at(evenly(len(pixels), POINTS))
    network, made_by = load_checkpoint(checkpoint, family, made_for | {"image_shape": image_shape}, device)
    network = network.double()
    names, starts = [], []
    for dataset in datasets:
        with Pixels(dataset) as pixels:
            names.append(pixels.name)
            starts.append(_encoded(network, pixels.at(evenly(len(pixels), POINTS))))
    usual = float(np.median(np.linalg.norm(starts[0], axis=1)))
    progress, of_sets = Progress("attractors", len(starts), "sets"), []
    points = np.empty((0, starts[0].shape[1]))
    for start in starts:
        found = iterate(network.encoder, network.decoder, start, usual)
        which = np.full(len(start), -1)
        ended = found.outcome == CONVERGED
        points, which[ended] = fixed_points(found.z[ended], usual, points)
        of_sets.append((found, which))
        progress.advance(1)
    basin = np.array([np.bincount(which[which >= 0], minlength=len(points)) for _, which in of_sets])
    order = np.argsort(-basin.sum(axis=0), kind="stable")[:KEPT]
    rates = np.concatenate([found.rate for found, _ in of_sets])
    ends = np.concatenate([which for _, which in of_sets])
    pictures = _decoded(network, points[order])
    to_training, neighbour = nearest(torch.from_numpy(pictures), torch.from_numpy(images))
    data: dict[str, tuple[tuple[str, ...], Any]] = {
        "dataset": (("dataset",), names),
        "outcome": (("outcome",), ["converged", "cycle", "open"]),
        "ends": (
            ("dataset", "outcome"),
            [[int((found.outcome == each).sum()) for each in (CONVERGED, CYCLE, OPEN)] for found, _ in of_sets],
        ),
        "longest_period": (("dataset",), [int(found.period.max(initial=0)) for found, _ in of_sets]),
        "iterations": (("dataset",), [_median(found.iterations[which >= 0]) for found, which in of_sets]),
        "basin": (("dataset", "attractor"), basin[:, order]),
        "reached": (("dataset",), (basin > 0).sum(axis=1)),
        "spectral_radius": (("attractor",), _radii(network, pictures)),
        "rate": (("attractor",), [_median(rates[(ends == place) & np.isfinite(rates)]) for place in order]),
        "image": (("attractor", "pixel"), pictures),
        "to_training": (("attractor",), to_training.numpy()),
        "neighbour": (("attractor",), neighbour.numpy()),
        "usual_to_training": ((), _usual(held_out, images)),
        "fixed_points": ((), len(points)),
    }
    title = "Attractors of {family}, latent_dim {latent_dim}, seed {seed}".format(**made_by)
    attributes = {key: made_by[key] for key in GRID} | {"image_shape": list(image_shape)} | provenance(title, made_by)
    with written_whole(path) as part, created(part) as file:
        file.setncatts(attributes)
        for name, (dimensions, values) in data.items():
            put(file, name, dimensions, np.asarray(values))


@torch.no_grad()
def _encoded(network: Network, images: np.ndarray) -> np.ndarray:
    return network.encoder(torch.from_numpy(images).to(network.like)).cpu().numpy()


@torch.no_grad()
def _decoded(network: Network, z: np.ndarray) -> np.ndarray:
    return network.decoder(torch.from_numpy(z).to(network.like)).float().cpu().numpy()


def _radii(network: Network, images: np.ndarray) -> np.ndarray:
    """Largest |λ| of J_L at f_enc of the images, which of a fixed point is itself."""
    if not len(images):
        return np.empty(0)
    return np.abs(block_spectra(network, images.astype(np.float64))["eigenvalue"][1]).max(axis=1)


def _usual(held_out: np.ndarray, images: np.ndarray) -> float:
    return _median(nearest(torch.from_numpy(held_out), torch.from_numpy(images))[0].numpy())


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan
