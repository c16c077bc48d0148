"""What tests of images of one's own share, those in arrays and those in folders."""

from pathlib import Path

import numpy as np
from aespectra.data.images import Images, evenly_spaced_blocks, training_first
from aespectra.data.listing import BadImagesError

RNG = np.random.default_rng(0)


def pixels_of(images: Images) -> np.ndarray:
    return np.concatenate(list(evenly_spaced_blocks(images.pixels, len(images.pixels))))


def in_order(images: Images) -> np.ndarray:
    """Pixels of training images in the order of the file, whatever comes first."""
    order, n_training = training_first(len(images.pixels))
    assert images.n_training == n_training
    return pixels_of(images)[np.argsort(order)]


def byte_images(*shape: int) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def cut(path: Path, keep: int) -> Path:
    path.write_bytes(path.read_bytes()[:keep])
    return path


def one_sentence(error: BadImagesError, path: Path) -> str:
    said = str(error)
    assert str(path) in said
    assert said.endswith(".")
    assert "\n" not in said
    assert ". " not in said
    return said
