"""Image sets: scikit-learn's bundled digits and torchvision's, as rows of gray bytes."""

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .datasets import BLOCK
from .integrity import MNIST_FILES, check_mnist
from .torchvision_sets import torchvision_image_sets


class Images(NamedTuple):
    """Gray images, the training images first."""

    pixels: np.ndarray  # (n, side * side) uint8
    n_training: int
    full_scale: float  # the byte that stands for white


def load_images(name: str, root: Path, side: int | None = None) -> Images:
    """Load an image set, training images first, then the test images.

    Parameters
    ----------
    name : ``digits`` or a class of torchvision.datasets, in any case
    root : where torchvision finds or puts the files
    side : resize (bilinear, antialiased) to ``side`` x ``side`` pixels; None keeps the images' own size

    Raises
    ------
    ValueError : the set cannot be had, or its images have no common square size; the message is one sentence
    BrokenFileError : a file of MNIST is not what was published
    """
    if name == "digits":
        return _digits()
    training, test = _torchvision_splits(name, Path(root))
    training, test = _gray_rows(training, name, side), _gray_rows(test, name, side)
    if training.shape[1] != test.shape[1]:
        raise ValueError(_no_common_size(name))
    return Images(np.concatenate([training, test]), len(training), 255)


def evenly_spaced_blocks(images: np.ndarray, samples: int) -> Iterator[np.ndarray]:
    """``samples`` of the images at even distances, so that training and test images keep their proportion."""
    chosen = np.arange(samples) * len(images) // samples
    for start in range(0, samples, BLOCK):
        yield images[chosen[start : start + BLOCK]]


def _digits() -> Images:
    from sklearn.datasets import load_digits

    pixels = load_digits().data.astype(np.uint8)
    # the share that MNIST trains on: 60,000 of 70,000
    return Images(pixels, len(pixels) * 6 // 7, 16)


def _torchvision_splits(name: str, root: Path) -> tuple[Iterable, Iterable]:
    """Training and test split of a torchvision set, downloaded into ``root`` where they are missing."""
    from torchvision import datasets  # takes seconds: only where images are read

    class_name = torchvision_image_sets()[name.lower()]
    image_set = getattr(datasets, class_name)
    accepted = inspect.signature(image_set).parameters
    if "download" not in accepted or not ({"train", "split"} & set(accepted)):
        raise ValueError(f"the torchvision set '{class_name}' has no train and test split to download: choose another.")
    if class_name == "MNIST":
        check_mnist(root)
    splits = ({"train": True}, {"train": False}) if "train" in accepted else ({"split": "train"}, {"split": "test"})
    try:
        training, test = (image_set(str(root), download=True, **split) for split in splits)
    except (OSError, RuntimeError) as error:
        raise ValueError(_where_to_put(class_name, root, error)) from error
    if class_name == "MNIST":
        check_mnist(root)
    return training, test


def _where_to_put(class_name: str, root: Path, error: Exception) -> str:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if class_name == "MNIST":
        return (
            f"MNIST is not below '{root}' (config key images.root) and could not be downloaded ({reason}): put the "
            f"unpacked files {', '.join(MNIST_FILES)} into {root / 'MNIST' / 'raw'}, or run `make demo`, "
            "which needs no download."
        )
    return (
        f"the torchvision set '{class_name}' is not below '{root}' (config key images.root) and could not be "
        f"downloaded ({reason}): put its files there as torchvision's documentation says."
    )


def _no_common_size(name: str) -> str:
    return f"the images of '{name}' have no common square size: choose another set for images.name."


def _gray_rows(split: Iterable, name: str, side: int | None) -> np.ndarray:
    """(n, side * side) uint8 from a split that yields (PIL image, label)."""
    from PIL.Image import Resampling

    rows = []
    for image, _label in split:
        image = image.convert("L")
        if side is not None and image.size != (side, side):
            image = image.resize((side, side), Resampling.BILINEAR)
        if image.width != image.height or (rows and image.width**2 != rows[0].size):
            raise ValueError(_no_common_size(name))
        rows.append(np.asarray(image, dtype=np.uint8).reshape(-1))
    return np.stack(rows)
