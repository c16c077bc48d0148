"""Files that are whole or absent, and the attributes that say where they come from."""

import contextlib
import csv
import errno
import hashlib
import json
import os
import platform
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ._version import __version__

LIBRARIES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "scikit-learn",
    "pillow",
    "safetensors",
    "xarray",
    "netCDF4",
    "h5py",
)
"""All that can decide what a file holds."""


ABANDONED = 24 * 3600
"""Seconds after which a temporary file of another machine, untouched, is nobody's: writers go on every few seconds."""

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EIO: "the disk fails",
    errno.EFBIG: "larger files are not allowed here",
    errno.EROFS: "the file system is read-only",
}
"""Why nothing more can be written, by errno."""

_ERRNO_IN_TEXT = re.compile(r"\(os error (\d+)\)|\berrno = (\d+)")
"""As safetensors and h5py say it."""


class NotWrittenError(OSError):
    """A file could not be written; the message is one sentence that names it and says why."""


@contextlib.contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``; rename it to ``path`` on success, remove it on failure.

    No two writers share a temporary name: of several that make one file, the last to end has made all of it. It is on
    disk before it has its name, and the name is on disk before this returns. A process that is killed leaves its
    temporary file behind, which nothing reads; whoever makes the same file next removes it, if its writer is gone.

    Parameters
    ----------
    path : str or Path
        File to make; its folders are made where they are missing.

    Yields
    ------
    Path
        The temporary name, which ends in ``.part``.

    Raises
    ------
    NotWrittenError
        There is a folder of that name, or the disk is full or fails: also where netCDF says "HDF error" and no more.
    FileNotFoundError
        Nothing was written, or somebody removed it.
    """
    path = Path(path)
    if path.is_dir():
        raise NotWrittenError(f"{path} is a folder, where a file is to be written: move it away.")
    part = path.with_name(f"{path.name}.{_machine()}-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        yield part
        _sync(part)
        part.replace(path)
        _sync(path.parent)
    except Exception as error:
        reason = _why(error, part)
        if reason is None:
            raise
        raise NotWrittenError(f"{path} could not be written: {reason}.") from error
    finally:
        with contextlib.suppress(OSError):  # as where all is read-only: the reason above is the one to be told
            part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # some network file systems cannot for a folder, and keep names by themselves
        if not (path.is_dir() and error.errno in (errno.EINVAL, errno.ENOTSUP, errno.EBADF)):
            raise
    finally:
        os.close(handle)


@cache
def _machine() -> str:
    """Eight characters for those processes whose identifiers this process can look up."""
    told = [platform.node()]
    with contextlib.suppress(OSError):  # Linux; containers on one machine do not see each other's processes
        told += [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("/".join(told).encode()).hexdigest()[:8]


def _remove_abandoned(path: Path) -> None:
    """Remove temporary files of ``path`` whose writer was killed.

    A writer that is taken for dead by mistake ends in FileNotFoundError when it renames: work is lost, no file wrong.
    """
    ours = re.compile(re.escape(path.name) + r"\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.part")
    with os.scandir(path.parent) as entries:
        found = [(Path(entry.path), match) for entry in entries if (match := ours.fullmatch(entry.name))]
    path.with_name(f"{path.name}.part").unlink(missing_ok=True)  # as an earlier version named it
    for part, match in found:
        with contextlib.suppress(FileNotFoundError):  # its writer has just ended
            machine, pid = match.groups()
            idle = time.time() - part.stat().st_mtime
            if idle > ABANDONED if machine != _machine() else not runs(int(pid)):
                part.unlink()


def runs(pid: int) -> bool:
    """Whether there is such a process; one that has ended and waits for its parent to notice is none."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1] not in ("Z", "X")
    except OSError:
        return True


def _why(error: Exception, part: Path) -> str | None:
    """Why a file could not be written; None if that is not what the error is about."""
    if isinstance(error, NotWrittenError):  # of another file
        return None
    number = _errno_behind(error)
    # netCDF hides the errno, and says "Permission denied" of all that it cannot create
    created = isinstance(error, PermissionError) and error.filename == str(part)
    netcdf = str(error).startswith("NetCDF: ") or ("NetCDF: " in str(error) and str(part) in str(error))
    if number is None and (created or netcdf):
        number = _probe(part.parent)
        if number is None and netcdf:
            return f"{error}; the disk may be full or failing"
    return f"{REASONS[number]} ({os.strerror(number)})" if number in REASONS else None


def _errno_behind(error: BaseException | None) -> int | None:
    """The first errno of REASONS in an error, or in one that it came from, as when matplotlib cannot close a file."""
    while error is not None:
        said = _ERRNO_IN_TEXT.search(str(error))
        number = error.errno if isinstance(error, OSError) else None
        for each in (number, said and int(said[1] or said[2])):
            if each in REASONS:
                return each
        error = error.__cause__ or error.__context__
    return None


def _probe(folder: Path) -> int | None:
    """The errno of writing a megabyte into a folder; None where that works. HDF5 keeps it from netCDF."""
    probe = folder / f".{secrets.token_hex(8)}.part"
    try:
        with probe.open("wb", buffering=0) as file:
            for _ in range(256):
                file.write(bytes(4096))
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
    return None


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table, whole or not at all: a line a row, numbers to nine digits."""
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: f"{v:.9g}" if isinstance(v, float) else v for name, v in row.items()})


def provenance(title: str, config: dict, **more: str) -> dict[str, str]:
    """Global attributes for a netCDF file (CF 1.11), the same for the same config on the same machine: no dates."""
    return {
        "Conventions": "CF-1.11",
        "title": title,
        "source": f"aespectra {__version__}, a reproduction of arXiv:2201.11902",
        "history": f"made by aespectra {__version__} from the attribute config",
        "references": "https://arxiv.org/abs/2201.11902",
        "config": json.dumps(config, sort_keys=True),
        "versions": json.dumps({"python": platform.python_version()} | _versions()),
        **more,
    }


def _versions() -> dict[str, str]:
    versions = {}
    for library in LIBRARIES:
        # an environment for figures alone has no torch
        with contextlib.suppress(PackageNotFoundError):
            versions[library] = version(library)
    return versions
