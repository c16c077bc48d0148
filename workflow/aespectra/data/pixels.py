"""The netCDF file that every set of samples is kept in.

One variable ``pixel`` (sample, pixel), values in [0, 1] after decoding: float32 for continuous noise, bytes for
Bernoulli noise and (with a scale_factor) for images. Of images of several channels, one channel after the other.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import netCDF4
import numpy as np

from ..files import provenance, written_whole
from ..integrity import reading
from ..netcdf import created
from .shape import Shape, shape_of, usual_shape

BLOCK = 1000
"""Samples of a chunk, and of the blocks in which images are written."""


def write_dataset(
    path: Path,
    name: str,
    blocks: Iterable[np.ndarray],
    config: dict,
    full_scale: float = 1.0,
    image_shape: Shape | None = None,
) -> None:
    """Stream ``blocks`` of samples, each (n, pixels) of one dtype, into a netCDF-4 file.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    name : str
        Name of the set, kept as attribute ``dataset``.
    blocks : Iterable[np.ndarray]
        Arrays (n, pixels), whose values divided by ``full_scale`` lie in [0, 1].
    config : dict
        What made the set, kept as attribute.
    full_scale : float
        Stored value that stands for 1 (255 for bytes of an image); kept as scale_factor.
    image_shape : Shape, optional
        Channels, height and width, kept as attribute; None for the usual ones.
    """
    with written_whole(path) as part, created(part) as file:
        samples, total = 0, 0.0
        for block in blocks:
            if samples == 0:
                variable = _create_pixels(file, block, full_scale)
                sums, squares = np.zeros((2, block.shape[1]))
            variable[samples : samples + len(block)] = block
            samples += len(block)
            total += block.sum(dtype=np.float64) / full_scale
            values = block / np.float64(full_scale)
            sums += values.sum(axis=0)
            squares += (values * values).sum(axis=0)
        attributes = provenance(f"Evaluation set {name}", config)
        attributes |= {"dataset": name, "mean_pixel": total / (samples * block.shape[1])}
        # of each pixel over the samples, averaged: the squared error of the mean image
        variance = np.maximum(squares / samples - (sums / samples) ** 2, 0).mean()
        shape = image_shape or usual_shape(block.shape[1])
        file.setncatts(attributes | {"pixel_variance": float(variance), "image_shape": shape})


def _create_pixels(file: netCDF4.Dataset, block: np.ndarray, full_scale: float) -> netCDF4.Variable:
    file.createDimension("sample", None)
    file.createDimension("pixel", block.shape[1])
    variable = file.createVariable(
        "pixel", block.dtype, ("sample", "pixel"), chunksizes=(BLOCK, block.shape[1]), fletcher32=True, fill_value=False
    )
    variable.setncatts({"long_name": "pixel brightness, 0 black, 1 white", "units": "1"})
    if full_scale != 1:
        variable.scale_factor = 1 / full_scale
        variable.set_auto_maskandscale(False)  # the blocks are stored values already
    return variable


class Pixels:
    """The samples of one dataset file, read in slices: ``pixels[start:stop]`` is float32 (n, pixels) in [0, 1].

    Opening and reading raise BrokenFileError where the file is corrupted.
    """

    def __init__(self, path: Path):
        with reading(path):
            self._path, self._file = path, netCDF4.Dataset(path)
            self._file.set_auto_mask(False)  # 255, white in an image, would pass for netCDF's fill value of bytes
            self.name: str = self._file.dataset
            self.mean_pixel = float(self._file.mean_pixel)
            # nan in a file of a version that did not write it
            self.pixel_variance = float(getattr(self._file, "pixel_variance", math.nan))
            self.image_shape = shape_of(getattr(self._file, "image_shape", None), self.pixels)

    def __len__(self) -> int:
        return self._file.dimensions["sample"].size

    @property
    def pixels(self) -> int:
        """Pixels per sample."""
        return self._file.dimensions["pixel"].size

    def __getitem__(self, samples: slice) -> np.ndarray:
        with reading(self._path):
            return self._file["pixel"][samples].astype(np.float32)

    def at(self, places: Iterable[int]) -> np.ndarray:
        """Samples at some places, (n, pixels) as of slices; no others are in memory."""
        return np.concatenate([self[place : place + 1] for place in places])

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Pixels":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def in_order(paths: Iterable[Path], names: Sequence[str]) -> list[Path]:
    """The files of the sets ``names``, in their order: a slab keeps the one in which it was made.

    Raises
    ------
    ValueError
        The files are of other sets.
    """
    found = {}
    for path in paths:
        with Pixels(path) as pixels:
            found[pixels.name] = path
    if set(found) != set(names):
        raise ValueError(f"the files are of the sets {', '.join(found)}, the spectra of {', '.join(names)}.")
    return [found[name] for name in names]
