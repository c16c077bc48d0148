"""Keep of a finished study what others need: `python workflow/keep.py results/paper results/reference models figures`

python workflow/keep.py STUDY KEPT NAME ... [--without VARIABLE ...]

Copies those files that the manifest of the study names, and writes a manifest of them alone beside them. A NAME is that
of a file or of a folder, as seen from the study. Of summary.nc VARIABLEs may be left out: of many networks
`plane_density` and `reconstruction` are five sixths of it, which the complex plane, tables and explorer alone show.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from aespectra.checksums import MANIFEST, check_kept, manifest_checksums, sha256_of
from aespectra.files import written_whole
from aespectra.integrity import BrokenFileError

SUMMARY = Path("summary.nc")


def main(study: Path, kept: Path, names: list[str], without: list[str]) -> None:
    """Copy what ``names`` say of ``study`` to ``kept``, each file whole or not at all, and at last the manifest.

    Of the summary without the variables that ``without`` names; the manifest is of what was kept.

    Raises
    ------
    BrokenFileError
        The study has no manifest, or the manifest no file of such a name, or a file is not the one of the manifest.
    ValueError
        The summary has no such variable.
    """
    checksums = {path.relative_to(study): expected for path, expected in manifest_checksums(study).items()}
    if not checksums:
        raise BrokenFileError(f"{study} has no {MANIFEST} that names files: make it with `snakemake manifest`.")
    chosen: dict[str, str] = {}
    for name in map(Path, names):
        found = {path.as_posix(): each for path, each in checksums.items() if name == path or name in path.parents}
        if not found:
            raise BrokenFileError(f"{study / MANIFEST} names no file '{name}', and none in a folder of that name.")
        chosen |= found
    for name, expected in list(chosen.items()):
        check_kept(study / name, expected)
        if without and Path(name) == SUMMARY:
            from aespectra.summary.file import write_without  # xarray: no need of those who keep files as they are

            write_without(kept / name, study / name, without)
            chosen[name] = sha256_of(kept / name)
        else:
            with written_whole(kept / name) as part:
                shutil.copyfile(study / name, part)
    manifest = json.loads((study / MANIFEST).read_text(encoding="utf-8"))
    manifest["sha256"] = {name: chosen[name] for name in manifest["sha256"] if name in chosen}
    with written_whole(kept / MANIFEST) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--without", nargs="+", default=[])
    asked = parser.parse_args()
    try:
        main(asked.study, asked.kept, asked.names, asked.without)
    except (BrokenFileError, OSError, ValueError) as error:
        sys.exit(str(error))
