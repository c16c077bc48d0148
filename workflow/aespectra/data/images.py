"""Image sets as rows of pixels: scikit-learn's bundled digits and torchvision's; and what is done with any set."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Union, overload

import numpy as np

from ..integrity import MNIST_FILES, check_mnist
from ..logs import first_line
from .fitting import fitted, fitted_array, row_of
from .listing import HELD_OUT
from .pixels import BLOCK
from .shape import Shape
from .torchvision_sets import splits_keyword, torchvision_image_sets


class ImagesNotFoundError(ValueError):
    """The files of an image set are missing and could not be downloaded; the message says what belongs where."""


class UnsuitableImagesError(ValueError):
    """No file can help: there is no image set of that name, or it has no two splits, or no common size."""


class TooFewImagesError(ValueError):
    """More samples are asked for than there are images."""


class TooFewPixelsError(ValueError):
    """A latent dimension exceeds the number of pixels."""


class Rows:
    """Images that are read as they are asked for: by indices (n,) as rows (n, pixels), by a slice as fewer Rows."""

    def __init__(self, order: np.ndarray, read: Callable[[np.ndarray], np.ndarray]):
        self._order, self._read = order, read

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, which: slice) -> "Rows": ...
    @overload
    def __getitem__(self, which: np.ndarray) -> np.ndarray: ...
    def __getitem__(self, which: slice | np.ndarray) -> Union["Rows", np.ndarray]:
        chosen = self._order[which]
        return Rows(chosen, self._read) if isinstance(which, slice) else self._read(chosen)


class Images(NamedTuple):
    """Images, the training images first."""

    pixels: np.ndarray | Rows  # (n, pixels) uint8 or float32
    n_training: int
    full_scale: float  # the value that stands for white
    shape: Shape


def load_images(name: str, root: str | Path, shape: Shape | None = None) -> Images:
    """Load an image set, training images first, then the test images.

    Parameters
    ----------
    name : str
        ``digits`` or a class of torchvision.datasets, in any case.
    root : str or Path
        Where torchvision finds or puts the files.
    shape : Shape, optional
        Bring the images to it, as module ``fitting`` does, digits as floats; None keeps their own size and turns them
        gray.

    Returns
    -------
    Images

    Raises
    ------
    ImagesNotFoundError
        The files are missing and could not be downloaded.
    UnsuitableImagesError
        No set has that name, or it has no training and test split, or its images have no common size.
    BrokenFileError
        A file of MNIST is not what was published.
    """
    if name == "digits":
        return _digits(shape)
    (training, of_training), (test, of_test) = (_rows(split, name, shape) for split in _torchvision_splits(name, root))
    if of_training != of_test:
        raise UnsuitableImagesError(_no_common_size(name))
    return Images(np.concatenate([training, test]), len(training), 255, of_training)


def load_labels(name: str, root: str | Path) -> tuple[np.ndarray, np.ndarray]:
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
    pixels = math.prod(images.shape)
    if latent_dim > pixels:
        raise TooFewPixelsError(f"a latent dimension of {latent_dim} is asked for, the images have {pixels} pixels.")


def training_first(n: int) -> tuple[np.ndarray, int]:
    """The order of n images of one's own, training images first, and the number of these: every seventh is held out.

    Not the last ones, as files are often sorted by class.

    Raises
    ------
    TooFewImagesError
        None would be held out.
    """
    if n < HELD_OUT:
        raise TooFewImagesError(
            f"there are {n} images to learn from; at least {HELD_OUT} are needed, as every seventh is held out."
        )
    held_out = np.arange(n) % HELD_OUT == HELD_OUT - 1
    return np.argsort(held_out, kind="stable"), int(n - held_out.sum())


def evenly_spaced_blocks(images: np.ndarray | Rows, samples: int) -> Iterator[np.ndarray]:
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


def _digits(shape: Shape | None = None) -> Images:
    from sklearn.datasets import load_digits

    own = (1, 8, 8)
    pixels, full_scale = load_digits().data.astype(np.uint8), 16.0
    if shape not in (None, own):  # not in bytes, which would leave 17 grays
        pixels, full_scale = fitted_array((pixels / np.float32(16)).reshape(-1, *own), shape), 1.0
    # the share that MNIST trains on: 60,000 of 70,000
    return Images(pixels, len(pixels) * 6 // 7, full_scale, shape or own)


def _torchvision_splits(name: str, root: str | Path) -> tuple[Iterable, Iterable]:
    """Training and test split of a torchvision set, downloaded into ``root`` where they are missing."""
    from torchvision import datasets  # takes seconds: only where images are read

    root = Path(root)
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
    reason = first_line(error)
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
    return f"the images of '{name}' have no common size."


def _rows(split: Iterable, name: str, shape: Shape | None) -> tuple[np.ndarray, Shape]:
    """(n, pixels) uint8 from a split that yields (PIL image, label), and the shape of its images."""
    rows, sizes = [], set()
    for image, _label in split:
        image = image.convert("L") if shape is None else fitted(image, shape)
        rows.append(row_of(image))
        sizes.add(image.size)
        if len(sizes) > 1:
            raise UnsuitableImagesError(_no_common_size(name))
    ((width, height),) = sizes
    return np.stack(rows), shape or (1, height, width)
