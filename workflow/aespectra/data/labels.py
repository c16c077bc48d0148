"""The netCDF file of the classes of images: ``label_training`` and ``label_test``, in the order of the images."""

from pathlib import Path

import netCDF4
import numpy as np

from ..files import provenance, written_whole
from ..integrity import reading
from ..netcdf import created

SPLITS = ("training", "test")


def write_labels(path: Path, name: str, *labels: np.ndarray) -> None:
    """Write the classes, whole or not at all.

    Parameters
    ----------
    path : Path
        File to make.
    name : str
        Of the image set.
    *labels : np.ndarray
        (n,) integers of the training images, then of the test images.
    """
    with written_whole(path) as part, created(part) as file:
        file.setncatts(provenance(f"Classes of {name}", {"images": name}))
        for split, of_split in zip(SPLITS, labels, strict=True):
            file.createDimension(f"sample_{split}", len(of_split))
            variable = file.createVariable(f"label_{split}", "i8", (f"sample_{split}",), fletcher32=True)
            variable.setncatts({"long_name": f"class of the {split} images, in their order", "units": "1"})
            variable[:] = of_split


def read_labels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(n,) int64 of the training images, and of the test images; BrokenFileError where the file is corrupted."""
    with reading(path), netCDF4.Dataset(path) as file:
        training, test = (np.asarray(file[f"label_{split}"][:], np.int64) for split in SPLITS)
    return training, test
