"""Is a file on disk what its name promises? Standard library only: used while the Snakefile is parsed.

Formats: HDF5 superblock (HDF5 File Format Specification, II.A), safetensors header, MNIST's idx files.
"""

import hashlib
import json
import struct
from pathlib import Path

# sha256 of the four unpacked files of MNIST
MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class BrokenFileError(ValueError):
    """A file is truncated, corrupted or made for something else; the message is one sentence for the user."""


def check_netcdf(path: Path) -> None:
    """Raise BrokenFileError unless the netCDF-4 file is as long as its HDF5 superblock says."""
    size = path.stat().st_size
    with open(path, "rb") as file:
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
    size = Path(path).stat().st_size
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, size)))
        made_by = json.loads(header.pop("__metadata__")["provenance"])
        end = 8 + length + max(tensor["data_offsets"][1] for tensor in header.values())
        dict(json.loads(made_by["config"])["autoencoder"])
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenFileError(
            f"{path} is not a checkpoint of this workflow; delete it and run again to train it anew."
        ) from error
    if size != end:
        raise BrokenFileError(f"{path} is truncated: {size} bytes of {end}; delete it and run again to train it anew.")
    return made_by


def check_architecture(path: Path, architecture: dict) -> None:
    """Raise BrokenFileError unless the checkpoint's networks are those of ``architecture`` (config key autoencoder)."""
    found = json.loads(checkpoint_provenance(path)["config"])["autoencoder"]
    for key, wanted in architecture.items():
        if found.get(key) != wanted:
            raise BrokenFileError(
                f"{path} has autoencoder.{key} {found.get(key)}, the config asks for {wanted}: "
                "give this study an experiment name of its own, or delete the file."
            )


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
