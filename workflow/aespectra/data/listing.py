"""The image files of a folder, without a look into them. Standard library only: used while the Snakefile is parsed."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""Ends of the names of image files, in any case; what else lies in a folder is left alone."""

HELD_OUT = 7
"""Of one's own images to learn from, one in so many is held out: the share of MNIST."""

NAMED = 10
"""Bad files of a folder that are named before the others are counted."""


class BadImagesError(ValueError):
    """Files of images that cannot be used; the message has a sentence for each, which names it."""


def raise_if_any(faults: Iterable[str]) -> None:
    """Raise BadImagesError where there are sentences about bad files: the first ten, and how many more."""
    faults = list(faults)
    if len(faults) > NAMED:
        faults[NAMED:] = [f"{len(faults) - NAMED} more files cannot be used either."]
    if faults:
        raise BadImagesError("\n".join(faults))


def image_files(folder: str | Path) -> list[Path]:
    """The image files in a folder and in those below it, by name.

    Links to folders are not followed, as what they lead to is listed where it lies.

    Raises
    ------
    BadImagesError
        There is no such folder, it has no image files, or links in it lead out of it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise BadImagesError(f"{folder} {what}; it must be a folder of images.")
    inside, found, faults = folder.resolve(), [], []
    for entry in _entries(folder):
        path = Path(entry.path)
        if entry.is_symlink() and not (path.exists() and Path(os.path.realpath(path)).is_relative_to(inside)):
            faults.append(f"{path} is a link that leads to nothing in {folder}; allowed are files that lie there.")
        elif path.suffix.lower() in SUFFIXES and not entry.is_dir():
            found.append(path)
    raise_if_any(sorted(faults))
    if not found:
        raise BadImagesError(f"{folder} has no images; it must have files whose names end in {', '.join(SUFFIXES)}.")
    return sorted(found)


def digest(folder: str | Path) -> str:
    """What changes when an image file of a folder is added, removed or written: of names, sizes and times alone."""
    found = hashlib.sha256()
    for path in image_files(folder):
        status = path.stat()
        found.update(os.fsencode(path.relative_to(folder)) + f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return found.hexdigest()


def _entries(folder: Path) -> Iterator[os.DirEntry]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
