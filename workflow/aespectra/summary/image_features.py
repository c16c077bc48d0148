"""Where the images of a study lie in the features of a classifier trained on them, and what true images score there."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from safetensors.torch import save_file

from ..data.labels import SPLITS, read_labels
from ..data.pixels import Pixels
from ..files import provenance, written_whole
from ..integrity import reading
from ..models.classifier import features_and_classes, train_classifier
from ..netcdf import write_xarray
from .evenly import evenly
from .quality import frechet, manifolds, memorisation, nearest, sharpness

SEED = 0
"""Of the classifier."""


class ImageFeatures(NamedTuple):
    """What samples are compared with."""

    training: torch.Tensor  # (n, features) float32
    test: torch.Tensor  # (m, features)
    to_training: np.ndarray  # (m,) distances of held-out images to the nearest training image


def write_image_features(
    path: Path, weights: Path, training: Path, test: Path, labels: Path, device: str = "cpu"
) -> None:
    """Train the classifier, and keep its weights and the features of all images: both whole or not at all.

    Parameters
    ----------
    path : Path
        netCDF file to make: features of the training and of the held-out images, distances of the latter to the
        nearest training image, ``accuracy`` on the held-out images, ``sharpness`` of them, and ``score`` (measure),
        what as many training images give where ``samples.write_samples`` measures samples.
    weights : Path
        Safetensors file to make, of the classifier's weights.
    training, test : Path
        Dataset files of the images.
    labels : Path
        By data.labels.write_labels.
    device : str
        cpu or cuda

    Raises
    ------
    ValueError
        The images have several channels, or are not square.
    """
    of_training, of_test = read_labels(labels)
    with Pixels(training) as images, Pixels(test) as held_out:
        channels, height, width = images.image_shape
        if channels > 1 or height != width:
            raise ValueError(
                f"{training} has images of {channels} x {height} x {width} (channels, height, width); those "
                "whose samples are scored must be gray and square."
            )
        pixels, name = [images[:], held_out[:]], images.name
    network = train_classifier(pixels[0], of_training, SEED, device)
    found = [features_and_classes(network, torch.from_numpy(each).to(device)) for each in pixels]
    (features, _), (of_held_out, classes) = ([each.cpu() for each in pair] for pair in found)
    accuracy = float((classes.numpy() == of_test).mean())
    to_training = nearest(of_held_out, features)[0].numpy()
    chosen = evenly(len(features), len(of_held_out))
    true = scores(features[chosen], pixels[0][chosen], ImageFeatures(features, of_held_out, to_training), own=chosen)
    data = xr.Dataset(
        {
            **{
                f"feature_{split}": ((f"sample_{split}", "feature"), each.numpy())
                for split, each in zip(SPLITS, (features, of_held_out), strict=True)
            },
            "to_training": ("sample_test", to_training),
            "accuracy": accuracy,
            "sharpness": sharpness(pixels[1]),
            "score": ("measure", list(true.values())),
        },
        {"measure": list(true)},
        provenance(f"Features of {name}", {"images": name}),
    )
    with written_whole(weights) as part:
        save_file({name: each.cpu().contiguous() for name, each in network.state_dict().items()}, part)
    with written_whole(path) as part:
        write_xarray(part, data)


def read_image_features(path: Path) -> ImageFeatures:
    """The features; BrokenFileError where the file is corrupted."""
    with reading(path), xr.open_dataset(path) as data:
        training, test = (torch.from_numpy(data[f"feature_{split}"].values) for split in SPLITS)
        return ImageFeatures(training, test, data["to_training"].values)


def scores(
    features: torch.Tensor, pixels: np.ndarray, images: ImageFeatures, own: np.ndarray | None = None
) -> dict[str, float]:
    """How good samples are, by every measure of quality.py, against the held-out images.

    Parameters
    ----------
    features, pixels
        (n, features), (n, pixels) of the samples.
    images : ImageFeatures
        Of the study.
    own : np.ndarray, optional
        Training images that the samples are: their nearest are looked for among the others.
    """
    others = images.training if own is None else torch.from_numpy(np.delete(images.training.numpy(), own, axis=0))
    distances = nearest(features, others)[0].numpy()
    return {
        "frechet": frechet(features.numpy(), images.test.numpy()),
        **manifolds(images.test, features),
        "memorisation": memorisation(distances, images.to_training),
        "sharpness": sharpness(pixels),
    }
