"""Reread every file of a study, and say what is broken and which command mends it."""

import logging
import shlex
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from aespectra.checksums import (
    check_checkpoint_content,
    check_kept,
    check_recorded,
    manifest_checksums,
    record_of,
)
from aespectra.integrity import BrokenFileError, check_netcdf
from aespectra.logs import Progress

log = logging.getLogger(__name__)


class BrokenStudyError(ValueError):
    """Files of a study are broken or missing; the message says what mends them."""


def lost(files: Iterable[Path], study: Path) -> list[Path]:
    """Those that were made and are gone: their checksums are still there."""
    return [path for path in files if not path.exists() and record_of(path, study).exists()]


def verify(study: Path, files: Mapping[str, Iterable[Path]], kept: Iterable[Path], command: str) -> None:
    """Reread all files; every fault is a line of the log.

    Parameters
    ----------
    study : Path
        Folder of the study.
    files : Mapping[str, Iterable[Path]]
        Its files, by the target that makes them; those that were never made are no fault.
    kept : Iterable[Path]
        Folders that are kept, whose files no run makes.
    command : str
        Runs the workflow for the targets that follow it.

    Raises
    ------
    BrokenStudyError
        Some are broken or missing, after all of them were looked at.
    """
    start, size, unmade, unrecorded = time.monotonic(), 0, 0, 0
    broken: dict[Path, str] = {}  # and the target of each
    by_path = {path: target for target, paths in files.items() for path in paths}
    progress = Progress("verify", len(by_path), "files")
    for path, target in by_path.items():
        try:
            if path.exists():
                unrecorded += not _check(path)
                size += path.stat().st_size
            elif record_of(path, study).exists():
                raise BrokenFileError(f"{path} was made and is missing.")
            else:
                unmade += 1
        except (BrokenFileError, OSError) as error:
            log.warning("%s", error)
            broken[path] = target
        progress.advance(1)
    faults = sum(map(_faults_of_kept, kept))
    log.info(
        "%d files, %.1f MB in %.1f s; %d not made yet; %d without a checksum, of which only the form was checked",
        *(len(by_path) - unmade, size / 1e6, time.monotonic() - start, unmade, unrecorded),
    )
    if broken:
        remove = "rm -rf" if any(path.is_dir() for path in broken) else "rm -f"
        mend = f"{remove} {shlex.join(map(str, broken))} && {command} {shlex.join(sorted(set(broken.values())))}"
        raise BrokenStudyError(f"broken or missing: {len(broken) + faults} files. This makes them again: {mend}")
    if faults:
        raise BrokenStudyError(f"broken or missing: {faults} files that are kept; no run makes them again.")


def _check(path: Path) -> bool:
    """Whether a checksum of this file is kept; BrokenFileError if it differs, or without one if its form is broken."""
    if check_recorded(path):
        return True
    if path.suffix == ".nc":
        check_netcdf(path)
    elif path.suffix == ".safetensors":
        check_checkpoint_content(path)
    return False


def _faults_of_kept(folder: Path) -> int:
    """How many files of a kept study are not those of its manifest; each is a line of the log."""
    faults = 0
    for path, expected in manifest_checksums(folder).items():
        try:
            check_kept(path, expected)
        except (BrokenFileError, OSError) as error:
            log.warning("%s", error)
            faults += 1
    return faults
