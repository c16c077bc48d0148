"""What a network makes of latents that no image gave: decoded, scored, and beside the images nearest to them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import torch
import xarray as xr

from ..data.pixels import Pixels
from ..determinism import device_name, make_deterministic
from ..files import provenance, written_whole
from ..integrity import reading
from ..logs import Progress
from ..models.checkpoint import load_checkpoint
from ..models.classifier import features_and_classes, read_classifier
from ..models.family import Family, Network
from ..netcdf import write_xarray
from .evenly import evenly
from .gaussianity import samples as samples_of_prior
from .image_features import read_image_features, scores
from .quality import manifolds, nearest

SOURCES = {
    "prior": "z from the prior of the family",
    "mixture": "z from a Gaussian mixture fitted to latents of training images",
    "flow": "z from the flow fitted to latents of training images",
    "reconstruction": "z = f_enc(x) of held-out images",
}
"""Where latents come from."""

COMPONENTS = 10
"""Of the mixture, with full covariances: as many as there are digits."""

FITTED = 10_000
"""Latents, at even distances, that the mixture is fitted to, where there are more."""

SHOWN = 10
"""Samples of each source that are kept as images, each with the training image nearest to it."""

BLOCK = 4096
"""Latents decoded at once."""


def write_samples(
    path: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    latents: Path,
    images: Mapping[str, Path],
    classifier: Path,
    features: Path,
    prior: str,
    device: str = "cpu",
) -> None:
    """Draw as many samples of every source as there are held-out images, and keep what they score: whole or not at all.

    What is drawn depends on the network's seed and latent dimension alone. The file has, for one family, latent_dim and
    seed: ``score`` (source, measure) of image_features.scores, nan of a source that the network has not; ``image`` and
    ``neighbour`` (source, shown, pixel), gray bytes, of the first samples and of the training images nearest to them;
    ``reconstruction_error``, mean ‖y − x‖² over the held-out images; ``latent_coverage`` and ``latent_density``: how
    well the latents that the decoder sees cover samples of the prior (quality.manifolds).

    Parameters
    ----------
    path : Path
        File to make.
    checkpoint, family, made_for
        As of slabs.latents.write_latents.
    latents : Path
        Of this network.
    images : Mapping[str, Path]
        Dataset files ``training`` and ``test``.
    classifier, features : Path
        By image_features.write_image_features.
    prior : str
        gaussian or uniform.
    device : str
        cpu or cuda

    Raises
    ------
    BrokenFileError
        The checkpoint is no such network, or a file is corrupted.
    """
    make_deterministic(device)
    of_images = read_image_features(features)
    with Pixels(images["training"]) as file:
        training, image_shape = file[:], file.image_shape
    with Pixels(images["test"]) as file:
        held_out = file[:]
    n, pixels = held_out.shape
    network, made_by = load_checkpoint(checkpoint, family, made_for | {"image_shape": image_shape}, device)
    classify = read_classifier(classifier, pixels).to(device)
    d = made_by["latent_dim"]
    rng = np.random.default_rng([made_by["seed"], d])
    encoded = _decoded_from(latents)
    scored: dict[str, dict[str, float]] = {}
    pictures = np.zeros((2, len(SOURCES), SHOWN, pixels), np.uint8)
    drawn = _drawn(network, encoded["training"], prior, n, rng)
    progress = Progress("samples", len(drawn) + 1, "sources")
    for source, z in (drawn | {"reconstruction": _means(latents)}).items():
        y = _decoded(network, z)
        if source == "reconstruction":
            error = float(np.square(y - held_out).sum(axis=1).mean())
        y = y.clip(0, 1)  # tanh goes below black
        found = features_and_classes(classify, torch.from_numpy(y).to(device))[0].cpu()
        scored[source] = scores(found, y, of_images)
        first = y[:SHOWN]
        beside = training[nearest(torch.from_numpy(first), torch.from_numpy(training))[1].numpy()]
        pictures[:, list(SOURCES).index(source), : len(first)] = np.rint(255 * np.stack([first, beside]))
        progress.advance(1)
    measures = list(scored["prior"])
    table = [[scored.get(source, {}).get(measure, np.nan) for measure in measures] for source in SOURCES]
    others = np.random.default_rng([made_by["seed"], d, 1])
    covering = manifolds(torch.from_numpy(samples_of_prior(prior, n, d, others)), torch.from_numpy(encoded["test"]))
    data = {
        "score": (("source", "measure"), np.array(table)),
        "image": (("source", "shown", "pixel"), pictures[0]),
        "neighbour": (("source", "shown", "pixel"), pictures[1]),
        "reconstruction_error": ((), np.array(error)),
        "latent_coverage": ((), np.array(covering["coverage"])),
        "latent_density": ((), np.array(covering["density"])),
    }
    here = {key: [made_by[key]] for key in ("family", "latent_dim", "seed")}
    what = "Samples of {family}, latent_dim {latent_dim}, seed {seed}".format(**made_by)
    part_of_study = xr.Dataset(
        {name: ((*here, *dims), values[None, None, None]) for name, (dims, values) in data.items()},
        here | {"source": list(SOURCES), "measure": measures},
        provenance(what, made_by, device=device_name(device)),
    )
    with written_whole(path) as part:
        write_xarray(part, part_of_study)


def _decoded_from(latents: Path) -> dict[str, np.ndarray]:
    """Of each split, the latents (n, d) float64 that the decoder sees in training: of a posterior, one draw of it."""
    with reading(latents), netCDF4.Dataset(latents) as file:
        view = "draw" if "draw_test" in file.variables else "z"
        return {split: np.asarray(file[f"{view}_{split}"][:], np.float64) for split in ("training", "test")}


def _means(latents: Path) -> np.ndarray:
    with reading(latents), netCDF4.Dataset(latents) as file:
        return np.asarray(file["z_test"][:], np.float64)


def _drawn(network: Any, training: np.ndarray, prior: str, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """(n, d) latents of every source that the network has."""
    from sklearn.mixture import GaussianMixture  # takes a second

    d = training.shape[1]
    mixture = GaussianMixture(COMPONENTS, random_state=int(rng.integers(1 << 31)))
    mixture.fit(training[evenly(len(training), FITTED)])
    drawn = {
        "prior": samples_of_prior(prior, n, d, rng),
        # sklearn gives them component by component
        "mixture": rng.permutation(mixture.sample(n)[0]),
    }
    if hasattr(network, "from_normal"):
        u = torch.from_numpy(rng.standard_normal((n, d))).to(network.like)
        with torch.no_grad():
            drawn["flow"] = torch.cat([network.from_normal(block) for block in u.split(BLOCK)]).double().cpu().numpy()
    return drawn


@torch.no_grad()
def _decoded(network: Network, z: np.ndarray) -> np.ndarray:
    latents = torch.from_numpy(z).to(network.like)
    return torch.cat([network.decoder(block) for block in latents.split(BLOCK)]).cpu().numpy()
