"""Image sets: scikit-learn's bundled digits and torchvision's, as rows of gray bytes."""

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..integrity import MNIST_FILES, check_mnist
from .pixels import BLOCK
from .torchvision_sets import splits_keyword, torchvision_image_sets


class ImagesNotFoundError(ValueError):
    """The files of an image set are missing and could not be downloaded; the message says what belongs where."""


class UnsuitableImagesError(ValueError):
    """No file can help: there is no image set of that name, or it has no two splits, or no common square size."""


class TooFewImagesError(ValueError):
    """More samples are asked for than there are images."""


class TooFewPixelsError(ValueError):
    """A latent dimension exceeds the number of pixels."""


class Images(NamedTuple):
    """Gray images, the training images first."""

    pixels: np.ndarray  # (n, side * side) uint8
    n_training: int
    full_scale: float  # the byte that stands for white


def load_images(name: str, root: Path, side: int | None = None) -> Images:
    """Load an image set, training images first, then the test images.

    Parameters
    ----------
    name : str
        ``digits`` or a class of torchvision.datasets, in any case.
    root : Path
        Where torchvision finds or puts the files.
    side : int, optional
        Resize (bilinear, antialiased) to ``side`` x ``side`` pixels; None keeps the images' own size.

    Returns
    -------
    Images

    Raises
    ------
    ImagesNotFoundError
        The files are missing and could not be downloaded.
    UnsuitableImagesError
        No set has that name, or it has no training and test split, or its images have no common square size.
    BrokenFileError
        A file of MNIST is not what was published.
    """
    if name == "digits":
        return _digits()
    training, test = _torchvision_splits(name, root)
    training, test = _gray_rows(training, name, side), _gray_rows(test, name, side)
    if training.shape[1] != test.shape[1]:
        raise UnsuitableImagesError(_no_common_size(name))
    return Images(np.concatenate([training, test]), len(training), 255)


def load_labels(name: str, root: Path) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the images, in the order of ``load_images``.

    Parameters
    ----------
    name, root
        As of ``load_images``.

    Returns
    -------
    training, test : np.ndarray
        (n,) int64, classes from 0.

    Raises
    ------
    ImagesNotFoundError, BrokenFileError
        As ``load_images``.
    UnsuitableImagesError
        As ``load_images``, or an image has something else than one class.
    """
    if name == "digits":
        from sklearn.datasets import load_digits

        labels, n_training = load_digits().target.astype(np.int64), _digits().n_training
        return labels[:n_training], labels[n_training:]
    training, test = ([label for _image, label in split] for split in _torchvision_splits(name, root))
    if not all(isinstance(label, (int, np.integer)) and label >= 0 for label in (*training, *test)):
        raise UnsuitableImagesError(f"the images of '{name}' are not labelled with one class each.")
    return np.array(training, np.int64), np.array(test, np.int64)


def check_pixels(images: Images, latent_dim: int) -> None:
    """Raise TooFewPixelsError if an image has fewer pixels than ``latent_dim``: nothing would be encoded."""
    pixels = images.pixels.shape[1]
    if latent_dim > pixels:
        raise TooFewPixelsError(f"a latent dimension of {latent_dim} is asked for, the images have {pixels} pixels.")


def evenly_spaced_blocks(images: np.ndarray, samples: int) -> Iterator[np.ndarray]:
    """``samples`` of the images at even distances, so that training and test images keep their proportion.

    Raises
    ------
    TooFewImagesError
        There are fewer images; some would come twice.
    """
    if samples > len(images):
        raise TooFewImagesError(f"{samples} samples are asked for, there are {len(images)} images.")
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

    known = torchvision_image_sets() or {}
    if name.lower() not in known:
        raise UnsuitableImagesError(
            f"'{name}' is not a data set of torchvision; allowed are digits and its image sets."
        )
    class_name = known[name.lower()]
    image_set = getattr(datasets, class_name)
    accepted = inspect.signature(image_set).parameters
    if splits_keyword(class_name) is None or "download" not in accepted or not ({"train", "split"} & set(accepted)):
        raise UnsuitableImagesError(f"the torchvision set '{class_name}' has no train and test split to download.")
    if class_name == "MNIST":
        check_mnist(root)
    splits = ({"train": True}, {"train": False}) if "train" in accepted else ({"split": "train"}, {"split": "test"})
    try:
        training, test = (image_set(str(root), download=True, **split) for split in splits)
    except (OSError, RuntimeError) as error:
        raise ImagesNotFoundError(_where_to_put(class_name, root, error)) from error
    if class_name == "MNIST":
        check_mnist(root)
    return training, test


def _where_to_put(class_name: str, root: Path, error: Exception) -> str:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if class_name == "MNIST":
        return (
            f"MNIST is not below '{root}' and could not be downloaded ({reason}): put the unpacked files "
            f"{', '.join(MNIST_FILES)} into {root / 'MNIST' / 'raw'}."
        )
    return (
        f"the torchvision set '{class_name}' is not below '{root}' and could not be downloaded ({reason}): put its "
        "files there as torchvision's documentation says."
    )


def _no_common_size(name: str) -> str:
    return f"the images of '{name}' have no common square size."


def _gray_rows(split: Iterable, name: str, side: int | None) -> np.ndarray:
    """(n, side * side) uint8 from a split that yields (PIL image, label)."""
    from PIL.Image import Resampling

    rows: list[np.ndarray] = []
    for image, _label in split:
        image = image.convert("L")
        if side is not None and image.size != (side, side):
            image = image.resize((side, side), Resampling.BILINEAR)
        if image.width != image.height or (rows and image.width**2 != rows[0].size):
            raise UnsuitableImagesError(_no_common_size(name))
        rows.append(np.asarray(image, dtype=np.uint8).reshape(-1))
    return np.stack(rows)
