"""What reconstructions show: digits of which class, or one character that is none. Claims 19 to 23 without the eye.

Two proxies stand for "is a digit": a classifier that learned the training images is sure of it, and a training image is
no farther away than from nearly all held-out images. Neither is enough by itself: classifiers are sure of much that is
no digit, and a gray blur may lie near to many.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from .quality import nearest

SURE = 0.9
"""Probability of the most likely class from which the classifier is sure."""

NEAR = 0.95
"""Share of the held-out images that are as near to a training image as what is near."""


def character_statistics(
    reconstructions: Sequence[np.ndarray], classifier: nn.Sequential, training: np.ndarray, held_out: np.ndarray
) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Of one network.

    Parameters
    ----------
    reconstructions : Sequence[np.ndarray]
        (n, pixels) float32, of points of every set.
    classifier : nn.Sequential
        Of models/classifier.py, on the CPU.
    training, held_out : np.ndarray
        (m, pixels), (k, pixels) images.

    Returns
    -------
    dict[str, tuple[tuple[str, ...], Any]]
        By name, with dimensions: ``class_share`` (dataset, class), of the most likely class; ``sure_share``,
        ``near_share`` and ``digit_share`` (dataset), those that the classifier is sure of, that are near to a training
        image, and both; ``confidence`` (dataset), median probability of the most likely class; ``to_training``
        (dataset), median distance to the nearest training image; ``mean_image`` (dataset, pixel); ``spread``
        (dataset), root mean squared distance of two reconstructions of the set. Of the held-out images
        ``near_distance``, up to which they are near, and ``digit_share_of_images``.
    """
    images = torch.from_numpy(training)
    of_held_out = nearest(torch.from_numpy(held_out), images)[0].numpy()
    near = float(np.quantile(of_held_out, NEAR))
    classes = classifier(images[:1]).shape[1]
    rows = []
    for points in reconstructions:
        y = torch.from_numpy(points)
        likely, sure = _classified(classifier, y)
        distance = nearest(y, images)[0].numpy()
        rows.append(
            {
                "class_share": np.bincount(likely, minlength=classes) / len(points),
                "sure_share": (sure >= SURE).mean(),
                "near_share": (distance <= near).mean(),
                "digit_share": ((sure >= SURE) & (distance <= near)).mean(),
                "confidence": np.median(sure),
                "to_training": np.median(distance),
                "mean_image": points.mean(axis=0, dtype=np.float64),
                # of two independent points, whose distance squared is twice the variance, summed over pixels
                "spread": np.sqrt(2 * points.astype(np.float64).var(axis=0).sum()),
            }
        )
    more = {"class_share": ("class",), "mean_image": ("pixel",)}
    found: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (("dataset", *more.get(name, ())), np.stack([row[name] for row in rows])) for name in rows[0]
    }
    sure = _classified(classifier, torch.from_numpy(held_out))[1]
    digits = float(((sure >= SURE) & (of_held_out <= near)).mean())
    return found | {"near_distance": ((), near), "digit_share_of_images": ((), digits)}


@torch.no_grad()
def _classified(classifier: nn.Sequential, images: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The most likely class of each image, and its probability."""
    most = classifier(images).softmax(dim=1).max(dim=1)
    return most.indices.numpy(), most.values.numpy()
