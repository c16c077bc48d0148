"""What reconstructions of every set show, and what the paper's theorems say at its points: a file a network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.pixels import Pixels
from ..determinism import make_deterministic
from ..files import provenance, written_whole
from ..models.checkpoint import load_checkpoint
from ..models.classifier import read_classifier
from ..models.family import Family, Network
from ..netcdf import created, put
from ..slabs.compute import block_spectra
from ..slabs.grid import GRID
from ..slabs.slab import JACOBIANS
from .characters import SURE, character_statistics
from .dead_units import dead_units
from .evenly import evenly
from .statistics import spectrum_statistics
from .theorems import fixed_point_statistics, pair_statistics, projection_statistics

POINTS = 300
"""Of every set, at even distances, and of the held-out images."""

FOLLOWED = 100
"""Points of D_train that are followed to fixed points."""

LOOKED_AT = 10_000
"""Training images, at even distances, that may switch a unit on."""


def write_reconstructions(
    path: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    datasets: Sequence[Path],
    training: Path,
    test: Path,
    classifier: Path,
    device: str = "cpu",
) -> None:
    """Make the file, whole or not at all.

    It has the variables of characters.character_statistics and of the three functions of theorems.py but for the images
    of fixed points, of which ``fixed_sure_share`` is the share that the classifier is sure of; ``reversed_share`` and
    ``undefined_share`` (jacobian, dataset) as in the summary, ``mean_pixel`` (dataset), and what dead_units.py counts.

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
    classifier : Path
        Weights, by image_features.write_image_features.
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
    classify = read_classifier(classifier, images.shape[1])
    names, brightness, sets = [], [], []
    for dataset in datasets:
        with Pixels(dataset) as pixels:
            names.append(pixels.name)
            brightness.append(pixels.mean_pixel)
            sets.append(pixels.at(evenly(len(pixels), POINTS)))
    of_fixed = fixed_point_statistics(network, sets[0][evenly(len(sets[0]), FOLLOWED)])
    _, fixed = of_fixed.pop("fixed_image")
    data: dict[str, tuple[tuple[str, ...], Any]] = {
        "dataset": (("dataset",), names),
        "jacobian": (("jacobian",), list(JACOBIANS)),
        "mean_pixel": (("dataset",), brightness),
        **_orientations(network, sets),
        **character_statistics([_reconstructed(network, x) for x in sets], classify, images, held_out),
        **of_fixed,
        "fixed_sure_share": ((), _sure_share(classify, fixed)),
        **pair_statistics(network, sets),
        **projection_statistics(network, sets),
        **dead_units(network, images[evenly(len(images), LOOKED_AT)]),
    }
    title = "Reconstructions of {family}, latent_dim {latent_dim}, seed {seed}".format(**made_by)
    attributes = {key: made_by[key] for key in GRID} | {"points": len(sets[0])} | provenance(title, made_by)
    with written_whole(path) as part, created(part) as file:
        file.setncatts(attributes)
        for name, (dimensions, values) in data.items():
            put(file, name, dimensions, np.asarray(values))


@torch.no_grad()
def _reconstructed(network: Network, images: np.ndarray) -> np.ndarray:
    x = torch.from_numpy(images).to(network.like)
    return network.decoder(network.encoder(x)).flatten(1).float().cpu().numpy()


def _orientations(network: Network, sets: Sequence[np.ndarray]) -> dict[str, tuple[tuple[str, ...], Any]]:
    found = []
    for x in sets:
        of_set = block_spectra(network, x.astype(np.float64))
        pairs = zip(of_set["eigenvalue"], of_set["zero_eigenvalues"], strict=True)
        found.append([spectrum_statistics(values.astype(np.complex64), zeros) for values, zeros in pairs])
    return {
        name: (("jacobian", "dataset"), np.array([[of_set[j][name] for of_set in found] for j in (0, 1)]))
        for name in ("reversed_share", "undefined_share")
    }


@torch.no_grad()
def _sure_share(classify: torch.nn.Sequential, images: np.ndarray) -> float:
    if not len(images):
        return np.nan
    return float((classify(torch.from_numpy(images)).softmax(dim=1).amax(dim=1) >= SURE).double().mean())
