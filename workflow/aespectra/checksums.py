"""Checksums of a study's files, kept apart from them: a flipped bit in any of them is noticed, whatever its format.

Below ``checksums/`` in the folder of a study every file has one of its own, in the form that ``sha256sum --check``
reads, so that jobs that end at the same time never write into one. Standard library only: used while the Snakefile is
parsed.
"""

import hashlib
import json
import logging
import re
import struct
from pathlib import Path
from typing import Any, BinaryIO

from .files import written_whole
from .integrity import BrokenFileError, checkpoint_provenance

log = logging.getLogger(__name__)

SHA256 = re.compile("[0-9a-f]{64}")

FOLDER = "checksums"
"""In the folder of a study."""

MANIFEST = "manifest.json"
"""In the folder of a kept study: by report/manifest.py, with the ``sha256`` of its files by their names there."""


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal; it is read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_of(path: Path, study: Path) -> Path:
    """Where the checksum of a file below the folder ``study`` is kept."""
    return study / FOLDER / path.relative_to(study).with_name(f"{path.name}.sha256")


def record_checksum(path: Path, study: Path) -> None:
    """Keep the checksum of a file below the folder ``study``, for check_recorded."""
    with written_whole(record_of(path, study)) as part:
        part.write_text(f"{sha256_of(path)}  {path.relative_to(study)}\n", encoding="utf-8")


def find_record(path: Path) -> Path | None:
    """Where the checksum of a file is kept, if it is: in the nearest folder around it that has it."""
    records = (record_of(path, folder) for folder in path.parents)
    return next((record for record in records if record.is_file()), None)


def check_recorded(path: Path) -> bool:
    """Whether a checksum of this file is kept.

    Raises
    ------
    BrokenFileError
        The file differs from it.
    """
    record = find_record(path)
    if record is None:
        return False
    if record.read_text(encoding="utf-8", errors="replace")[:64] != sha256_of(path):
        raise BrokenFileError(
            f"{path} is not as it was written: its sha256 is not that of {record}; delete it and run again to make it "
            "anew."
        )
    return True


def manifest_checksums(folder: Path) -> dict[Path, str]:
    """The sha256 of the files of a study, by their paths, as its manifest says; {} where it has none.

    Raises
    ------
    BrokenFileError
        The manifest cannot be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        checksums = json.loads(path.read_text(encoding="utf-8"))["sha256"]
        return {folder / name: str(checksum) for name, checksum in checksums.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BrokenFileError(f"{path} is no manifest of this workflow: put back the one that was kept.") from error


def check_kept(path: Path, expected: str) -> None:
    """Raise BrokenFileError unless a kept file has the sha256 that its manifest says."""
    if sha256_of(path) != expected:
        raise BrokenFileError(
            f"{path} is not the file that was kept: its sha256 is not that of the manifest; put back the one that was "
            "kept, as by `git restore`."
        )


def safetensors_sha256(file: BinaryIO) -> str:
    """The sha256 of what a safetensors file says and holds, whatever checksum its provenance states.

    Parameters
    ----------
    file : BinaryIO
        At its first byte; with a metadata entry ``provenance`` in JSON.

    Returns
    -------
    str
        In hexadecimal, of the header as JSON with sorted keys, its provenance without ``sha256``, and of the tensors.
    """
    (length,) = struct.unpack("<Q", file.read(8))
    header: dict[str, Any] = json.loads(file.read(length))
    made_by = json.loads(header["__metadata__"]["provenance"])
    made_by.pop("sha256", None)
    header["__metadata__"]["provenance"] = made_by
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    while block := file.read(1 << 18):
        digest.update(block)
    return digest.hexdigest()


def check_checkpoint_content(path: Path) -> None:
    """Raise BrokenFileError unless a checkpoint holds what was written.

    By the checksum that it states; one from before checkpoints had any by the manifest of the study around it, or
    where there is none it is taken as it is, with a warning.
    """
    made_by = checkpoint_provenance(path)
    stated = made_by.get("sha256")
    if stated is None:
        if any(SHA256.fullmatch(str(each)) for each in made_by.values()):
            raise BrokenFileError(f"{path} is corrupted in its metadata; delete it and run again to train it anew.")
        kept = [checksums for folder in path.parents if path in (checksums := manifest_checksums(folder))]
        if kept:
            check_kept(path, kept[0][path])
        else:
            log.warning("%s is from before checkpoints stated a checksum: its form alone was checked", path)
        return
    with path.open("rb") as file:
        if safetensors_sha256(file) != stated:
            raise BrokenFileError(
                f"{path} is corrupted: its content is not that of its checksum; delete it and run again to train it "
                "anew."
            )
