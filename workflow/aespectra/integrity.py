"""Is a file on disk what its name promises? Standard library only: used while the Snakefile is parsed.

Formats: HDF5 superblock (HDF5 File Format Specification, II.A), safetensors header, MNIST's idx files.
"""

import contextlib
import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# sha256 of the four unpacked files of MNIST
MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class BrokenFileError(ValueError):
    """A file is truncated, corrupted or made for something else; the message is one sentence for the user."""


@contextlib.contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Raise BrokenFileError, which names the file, where netCDF says no more than "HDF error" while it is read."""
    try:
        yield
    except (RuntimeError, OSError, AttributeError, LookupError) as error:
        missing = isinstance(error, OSError) and error.errno is not None and error.errno > 0  # or forbidden
        if missing or "Not a valid ID" in str(error):  # that is, closed
            raise
        raise BrokenFileError(f"{path} is corrupted ({error}); delete it and run again to make it anew.") from error


def check_netcdf(path: Path) -> None:
    """Raise BrokenFileError unless the netCDF-4 file is as long as its HDF5 superblock says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(52)
    end_of_file_at = {b"\0": 40, b"\1": 44}.get(head[8:9], 28)  # by version of the superblock
    if len(head) < end_of_file_at + 8 or head[:8] != b"\x89HDF\r\n\x1a\n":
        raise BrokenFileError(f"{path} is not a netCDF-4 file; delete it and run again to make it anew.")
    (expected,) = struct.unpack_from("<Q", head, end_of_file_at)
    if size < expected:
        raise BrokenFileError(
            f"{path} is truncated: {size} bytes of {expected}; delete it and run again to make it anew."
        )


def checkpoint_provenance(path: Path) -> dict[str, str]:
    """What a safetensors checkpoint records of its making; BrokenFileError where the file is cut or records nothing."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, size)))
        made_by = json.loads(header.pop("__metadata__")["provenance"])
        end = 8 + length + max(tensor["data_offsets"][1] for tensor in header.values())
        dict(json.loads(made_by["config"])["autoencoder"])
    except (struct.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BrokenFileError(
            f"{path} is not a checkpoint of this workflow; delete it and run again to train it anew."
        ) from error
    if size != end:
        raise BrokenFileError(f"{path} is truncated: {size} bytes of {end}; delete it and run again to train it anew.")
    return made_by


def check_checkpoint(path: Path, made_for: dict[str, Any]) -> dict[str, Any]:
    """What made a checkpoint; BrokenFileError unless it says of every key of ``made_for`` what stands there.

    Parameters
    ----------
    path : Path
        The checkpoint.
    made_for : dict
        Values by the keys of ``checkpoint.save_checkpoint``; of a dict, its keys are compared one by one.
    """
    made_by = json.loads(checkpoint_provenance(path)["config"])
    made_by.setdefault("kind", made_by.get("family"))  # not said before there were others
    for key, wanted in made_for.items():
        of_key = wanted if isinstance(wanted, dict) else {"": wanted}
        for part, value in of_key.items():
            found = made_by.get(key, {}).get(part) if part else made_by.get(key)
            if found != value:
                name = f"{key}.{part}" if part else key
                raise BrokenFileError(f"{path} was made with {name} {found}, {value} is asked for.")
    return made_by


def check_mnist(root: Path) -> bool:
    """Whether all files of MNIST lie below ``root``; BrokenFileError where one is not what was published."""
    folder = root / "MNIST" / "raw"
    for name, digest in MNIST_FILES.items():
        if (folder / name).exists() and hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            raise BrokenFileError(
                f"{folder / name} is not the published MNIST file (its sha256 differs): "
                "delete it to have it downloaded anew, or put the right one there."
            )
    return all((folder / name).exists() for name in MNIST_FILES)
