"""What a finished study consists of, for those who were given its small files and not its spectra."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import netCDF4
import numpy as np

from .files import written_whole
from .summary import open_summary

CLOCK = re.compile(r"^(\d\d):(\d\d):(\d\d) ", re.MULTILINE)
DAY = 24 * 3600


def write_manifest(
    path: str | Path, folder: Path, slabs: Sequence[str], files: Iterable[str], logs: Path, config: dict
) -> None:
    """Write the manifest as JSON, whole or not at all.

    Keys: config; versions, device and precision of the spectra; ``seconds``, wall time by job from the jobs' logs;
    ``solver_failures`` over all slabs; ``zero_eigenvalues`` by latent dimension, seed, Jacobian and set, where there
    are any; ``sha256`` of every one of ``files``, by its name as seen from ``folder``.
    """
    with netCDF4.Dataset(slabs[0]) as slab:
        made_by = {name: slab.getncattr(name) for name in ("versions", "device", "precision")}
    manifest = {
        "config": config,
        **made_by | {"versions": json.loads(made_by["versions"])},
        "seconds": {str(log.relative_to(logs).with_suffix("")): seconds(log) for log in sorted(logs.glob("**/*.log"))},
        "solver_failures": sum(_failures(slab) for slab in slabs),
        "zero_eigenvalues": _zeros(folder / "summary.nc"),
        "sha256": {os.path.relpath(file, folder): _checksum(file) for file in files},
    }
    with written_whole(path) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def seconds(log: str | Path) -> int:
    """From the first to the last line of a job's log that bears a time; jobs take less than a day."""
    times = [int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in CLOCK.findall(Path(log).read_text(encoding="utf-8"))]
    return (times[-1] - times[0]) % DAY if times else 0


def _failures(slab: str) -> int:
    with netCDF4.Dataset(slab) as file:
        return int(file.solver_failures)


def _zeros(summary: Path) -> dict[str, int]:
    count = open_summary(summary).by_seed["zero_count"]
    places = np.argwhere(count.values > 0)
    names = [[f"{dim} {value}" for value in count[dim].values] for dim in count.dims]
    return {
        ", ".join(name[i] for name, i in zip(names, place, strict=True)): int(count.values[tuple(place)])
        for place in places
    }


def _checksum(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
