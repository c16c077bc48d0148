"""A folder of images, gray or in colour, all of one size.

If every image lies in a folder of its own within the folder, these are classes, by name.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from .fitting import fitted, row_of
from .images import Images, Rows, training_first
from .listing import BadImagesError, image_files, raise_if_any
from .shape import Shape

FORMATS = ("BMP", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's names of those in listing.SUFFIXES: no others are tried, whatever a file holds."""

CHANNELS = {"L": 1, "RGB": 3}
"""Of Pillow's modes: gray and colour, a byte each."""


def load_images(folder: str | Path, shape: Shape | None = None) -> Images:
    """The images of a folder, by name, read as they are asked for; all of them are decoded once before.

    Parameters
    ----------
    folder : str or Path
        With image files in it or in folders below it.
    shape : Shape, optional
        Bring the images to it, as ``fitting.fitted`` does, in the order of their names; None keeps their own, and puts
        training images first.

    Raises
    ------
    BadImagesError
        There is no such folder or no image in it, or some are broken, or differ in size or colours from the others.
    TooFewImagesError
        As ``training_first``.
    """
    files = image_files(folder)
    own = _common_shape(files)
    wanted = shape or own
    order, n_training = training_first(len(files)) if shape is None else (np.arange(len(files)), len(files))

    def read(which: np.ndarray) -> np.ndarray:
        return np.stack([_row(files[index], wanted) for index in which])

    return Images(Rows(order, read), n_training, 255, wanted)


def load_labels(folder: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the images, (n,) int64 each: of the training images, and of those held out.

    Raises
    ------
    BadImagesError
        As ``load_images``, or some image lies in no folder within the folder.
    """
    files = image_files(folder)
    inside = [path.relative_to(folder).parts[:-1] for path in files]
    if not all(inside):
        raise BadImagesError(
            f"{folder} has images without a class; those of a class belong into a folder of its own in it."
        )
    _, labels = np.unique([parts[0] for parts in inside], return_inverse=True)
    order, n_training = training_first(len(files))
    return labels[order[:n_training]], labels[order[n_training:]]


def _common_shape(files: list[Path]) -> Shape:
    """Of all images; BadImagesError names those that are broken or differ from most."""
    faults, shapes = {}, {}
    for path in files:
        try:
            shapes[path] = _shape(path)
        except BadImagesError as error:
            faults[path] = str(error)
    most = Counter(shapes.values()).most_common(1)
    for path, shape in shapes.items():
        if shape != most[0][0]:
            usual = _said(most[0][0])
            faults[path] = f"{path} is {_said(shape)}, most others are {usual}; all must have one size and one mode."
    raise_if_any(faults[path] for path in sorted(faults))
    return most[0][0]


def _said(shape: Shape) -> str:
    channels, height, width = shape
    return f"{width} x {height} in {'gray' if channels == 1 else 'colour'}"


def _shape(path: Path) -> Shape:
    """Of an image, which is decoded as a whole, as it is to be seen: a camera may say that it is turned."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=FORMATS) as image:
            mode, frames = image.mode, getattr(image, "n_frames", 1)
            image.verify()  # the checksums of a PNG, which decoding leaves alone
        with Image.open(path, formats=FORMATS) as image:
            width, height = ImageOps.exif_transpose(image).size
    except Exception as error:  # of each decoder its own
        known = str(error) and not isinstance(error, Image.UnidentifiedImageError)  # which says its path alone
        reason = str(error).splitlines()[0] if known else type(error).__name__
        raise BadImagesError(
            f"{path} cannot be read ({reason}); allowed are whole images in {', '.join(FORMATS)}."
        ) from error
    if mode not in CHANNELS or frames > 1:
        has = f"is of mode {mode}" if mode not in CHANNELS else f"has {frames} frames"
        raise BadImagesError(f"{path} {has}; allowed are single images of mode L (gray) and RGB, a byte a channel.")
    return CHANNELS[mode], height, width


def _row(path: Path, shape: Shape) -> np.ndarray:
    from PIL import Image, ImageOps

    with Image.open(path, formats=FORMATS) as image:
        return row_of(fitted(ImageOps.exif_transpose(image), shape))
