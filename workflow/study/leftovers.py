"""Files that a former run, or the user, left in a results folder: whole, and made for this study?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aespectra.checksums import check_kept, manifest_checksums
from aespectra.integrity import BrokenFileError, check_checkpoint, check_netcdf
from aespectra.slabs.grid import key_of


def check_leftovers(results: Path, families: dict[str, dict[str, Any]], files: Iterable[Path]) -> None:
    """Raise BrokenFileError at the first file that is broken or was made for something else.

    What the workflow does not make is left alone.

    Parameters
    ----------
    results : Path
        Folder of a study's results, which need not exist.
    families : dict[str, dict]
        From ``families.families``; networks of others are not looked at.
    files : Iterable[Path]
        All that the workflow makes of this study.
    """
    for path in sorted(files):
        if path.is_dir():
            raise BrokenFileError(f"{path} is a folder, where a file is to be written: move it away.")
        if path.suffix == ".nc" and path.exists():
            check_netcdf(path)
    for path in sorted(results.glob("models/*/*.safetensors")):
        try:
            key = key_of(path)
        except ValueError:  # the user's own
            continue
        if key.family in families and path.is_file():
            family = families[key.family]
            made_for = key._asdict() | {"kind": family["kind"], "autoencoder": family["autoencoder"]}
            try:
                check_checkpoint(path, made_for)
            except BrokenFileError as error:
                raise BrokenFileError(
                    f"{error} Give this study an experiment name of its own, or delete the file."
                ) from None


def check_manifest(kept: Path) -> None:
    """Raise BrokenFileError at the first file of a kept study that is not the one of its manifest, if it has one."""
    for path, expected in manifest_checksums(kept).items():
        if path.exists():
            check_kept(path, expected)
