"""Images of one's own in an array: a file .npy, or the arrays ``images`` and, if need be, ``labels`` of a file .npz.

Arrays are (n, pixels), (n, h, w), or have channels: these are the last of four axes if it is 1 or 3 long, or else the
second, which must then be. Bytes go from 0, black, to 255, floats from 0 to 1.
"""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy

from ..logs import first_line
from .fitting import fitted_array
from .images import Images, Rows, training_first
from .listing import BadImagesError
from .pixels import BLOCK
from .shape import Shape, usual_shape

IMAGES, LABELS = "images", "labels"
"""Arrays of a file .npz."""

CHANNELS = (1, 3)

AXES = "(n, pixels), (n, h, w), (n, h, w, channels) and (n, channels, h, w) with 1 or 3 channels"

UNREADABLE = (ValueError, SyntaxError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What numpy and zipfile raise where a file is not of its format; of an encrypted one zipfile raises RuntimeError."""


class Header(NamedTuple):
    """What an array says of itself."""

    shape: tuple[int, ...]
    dtype: np.dtype


def images_header(file: str | Path) -> tuple[int, Shape]:
    """How many images there are and of which shape, of which no more than the headers are read.

    Parameters
    ----------
    file : str or Path
        .npy or .npz

    Raises
    ------
    BadImagesError
        The file is missing, or no array of images, or cut, or its labels are not one for each image.
    """
    with _opened(file) as (stream, what, size):
        found = _header(stream, what, size)
    if found.dtype != np.uint8 and not (found.dtype.kind == "f" and found.dtype.itemsize <= 8):
        raise BadImagesError(
            f"{what} has values of type {found.dtype}; allowed are bytes (uint8) and floats from 0 to 1."
        )
    shape = _image_shape(found.shape)
    if shape is None or not prod(found.shape):
        raise BadImagesError(f"{what} has the shape {found.shape}; allowed are {AXES}, none of them 0.")
    if Path(file).suffix == ".npz":
        _check_labels(file, found.shape[0])
    return found.shape[0], shape


def load_images(file: str | Path, shape: Shape | None = None) -> Images:
    """The images of an array, read as they are asked for.

    Parameters
    ----------
    file : str or Path
        .npy or .npz
    shape : Shape, optional
        Bring the images to it, as ``fitting.fitted_array`` does, in the order of the file; None keeps their own, and
        puts training images first.

    Raises
    ------
    BadImagesError
        As ``images_header``; or a value is no number from 0 to 1, or the file is corrupted.
    TooFewImagesError
        As ``training_first``.
    """
    n, own = images_header(file)
    array = _mapped(file, IMAGES)
    _check_values(array, Path(file))
    order, n_training = training_first(n) if shape is None else (np.arange(n), n)
    wanted = shape or own
    if array.ndim == 2 and array.shape[1] == prod(wanted):
        own = wanted
    last = array.ndim == 4 and array.shape[-1] in CHANNELS

    def read(which: np.ndarray) -> np.ndarray:
        block = array[which].astype(np.uint8 if array.dtype == np.uint8 else np.float32)
        block = block.transpose(0, 3, 1, 2) if last else block.reshape(len(which), *own)
        return fitted_array(block, wanted)

    return Images(Rows(order, read), n_training, 255 if array.dtype == np.uint8 else 1, wanted)


def load_labels(file: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the images, (n,) int64 each: of the training images, and of those held out.

    Raises
    ------
    BadImagesError
        As ``load_images``, or there are no labels, or they are no classes from 0.
    """
    n, _ = images_header(file)
    if Path(file).suffix == ".npy":
        raise BadImagesError(f"{file} has no labels; they may be an array '{LABELS}' in a file .npz beside '{IMAGES}'.")
    labels = np.asarray(_mapped(file, LABELS), np.int64)
    if labels.min() < 0 or labels.max() >= n:
        raise BadImagesError(f"{file} ({LABELS}) goes from {labels.min()} to {labels.max()}; allowed are 0 to {n - 1}.")
    order, n_training = training_first(n)
    return labels[order[:n_training]], labels[order[n_training:]]


def _image_shape(shape: tuple[int, ...]) -> Shape | None:
    match shape:
        case (_, pixels):
            return usual_shape(pixels)
        case (_, height, width):
            return 1, height, width
        case (_, height, width, 1 | 3 as channels) | (_, 1 | 3 as channels, height, width):
            return channels, height, width
    return None


@contextmanager
def _opened(file: str | Path, name: str = IMAGES) -> Iterator[tuple[IO[bytes], str, int]]:
    """The bytes of an array, how to call it in a sentence, and how many bytes there are."""
    path = Path(file)
    if path.suffix not in (".npy", ".npz"):
        raise BadImagesError(f"{file} is of another format; allowed are files whose names end in .npy or .npz.")
    if not path.is_file():
        raise BadImagesError(
            f"{file} {'is no file' if path.exists() else 'does not exist'}; it must be an array of images."
        )
    what = str(file) if path.suffix == ".npy" else f"{file} ({name})"
    try:
        if path.suffix == ".npy":
            with path.open("rb") as stream:
                yield stream, what, path.stat().st_size
        else:
            with zipfile.ZipFile(path) as archive:
                members = {each.filename: each for each in archive.infolist()}
                if f"{name}.npy" not in members:
                    has = ", ".join(each.removesuffix(".npy") for each in members) or "none"
                    raise BadImagesError(f"{file} has no array '{name}'; there must be one beside those it has: {has}.")
                with archive.open(f"{name}.npy") as stream:
                    yield stream, what, members[f"{name}.npy"].file_size
    except BadImagesError:
        raise
    except (*UNREADABLE, RuntimeError) as error:
        reason = first_line(error)
        raise BadImagesError(f"{what} cannot be read ({reason}); it must be as numpy saves arrays.") from error


def _header(stream: IO[bytes], what: str, size: int) -> Header:
    """BadImagesError if the array holds Python objects, or has not as many bytes as it says."""
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version} of the format")
    shape, _, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(stream)
    if dtype.hasobject:
        raise BadImagesError(f"{what} holds Python objects; allowed are bytes (uint8) and floats from 0 to 1.")
    expected = stream.tell() + prod(shape) * dtype.itemsize
    if size != expected:
        raise BadImagesError(f"{what} has {size} bytes, of {expected} that its header promises.")
    return Header(shape, dtype)


def _check_labels(file: str | Path, n: int) -> None:
    with zipfile.ZipFile(file) as archive:
        if f"{LABELS}.npy" not in archive.namelist():
            return
    with _opened(file, LABELS) as (stream, what, size):
        found = _header(stream, what, size)
    if found.dtype.kind not in "iu" or found.shape != (n,):
        raise BadImagesError(
            f"{what} has {found.dtype} of shape {found.shape}; allowed are whole numbers of shape ({n},)."
        )


def _mapped(file: str | Path, name: str) -> np.ndarray:
    """An array that is read from disk as it is asked for; that of a .npz from a copy, gone when nobody reads it."""
    with _opened(file, name) as (stream, _, _), tempfile.TemporaryDirectory() as folder:
        if Path(file).suffix == ".npy":
            part = Path(file)
        else:
            part = Path(folder) / "array.npy"
            with part.open("wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
        return np.asarray(np.load(part, mmap_mode="r", allow_pickle=False))


def _check_values(array: np.ndarray, file: Path) -> None:
    if array.dtype == np.uint8:
        return
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK].reshape(min(BLOCK, len(array) - start), -1)
        wrong = ~((block >= 0) & (block <= 1))  # nan is neither
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise BadImagesError(
                f"{file} has the value {block[row, column]} in image {start + row}, counted from 0; allowed are floats "
                "from 0 to 1."
            )
