"""Keep of a finished study what others need: `python workflow/keep.py results/paper results/reference models figures`

python workflow/keep.py STUDY KEPT NAME ...

Copies those files that the manifest of the study names, and writes a manifest of them alone beside them. A NAME is that
of a file or of a folder, as seen from the study.
"""

import json
import shutil
import sys
from pathlib import Path

from aespectra.checksums import MANIFEST, check_kept, manifest_checksums
from aespectra.files import written_whole
from aespectra.integrity import BrokenFileError


def main(study: Path, kept: Path, names: list[str]) -> None:
    """Copy what ``names`` say of ``study`` to ``kept``, each file whole or not at all, and at last the manifest.

    Raises
    ------
    BrokenFileError
        The study has no manifest, or the manifest no file of such a name, or a file is not the one of the manifest.
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
    for name, expected in chosen.items():
        check_kept(study / name, expected)
        with written_whole(kept / name) as part:
            shutil.copyfile(study / name, part)
    manifest = json.loads((study / MANIFEST).read_text(encoding="utf-8"))
    manifest["sha256"] = {name: expected for name, expected in manifest["sha256"].items() if name in chosen}
    with written_whole(kept / MANIFEST) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    except IndexError:
        sys.exit(__doc__)
    except (BrokenFileError, OSError) as error:
        sys.exit(str(error))
