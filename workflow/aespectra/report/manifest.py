"""What a finished study consists of, for those who were given its small files and not its spectra."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import netCDF4
import numpy as np

from ..checksums import sha256_of
from ..files import written_whole
from ..logs import seconds
from ..summary.file import open_summary


def write_manifest(
    path: Path, folder: Path, slabs: Sequence[Path], files: Iterable[Path], logs: Path, config: dict
) -> None:
    """Write the manifest as JSON, whole or not at all.

    Keys: config; versions, device and precision of the spectra; ``seconds``, wall time by job, of those whose logs say
    it; ``solver_failures`` over all slabs; ``zero_eigenvalues`` by latent dimension, seed, Jacobian and set, where
    there are any; ``sha256`` of every one of ``files``, by its name as seen from ``folder``.

    Parameters
    ----------
    path : Path
        File to make.
    folder : Path
        Of the study, with its summary.nc.
    slabs : Sequence[Path]
        All of the study.
    files : Iterable[Path]
        What the study consists of.
    logs : Path
        Folder of the jobs' logs.
    config : dict
        The study's.
    """
    with netCDF4.Dataset(slabs[0]) as slab:
        made_by = {name: slab.getncattr(name) for name in ("versions", "device", "precision")}
    said = {
        log.relative_to(logs).with_suffix(""): log.read_text(encoding="utf-8") for log in sorted(logs.glob("**/*.log"))
    }
    took = {str(job): seconds(text) for job, text in said.items()}
    manifest = {
        "config": config,
        **made_by | {"versions": json.loads(made_by["versions"])},
        "seconds": {job: time for job, time in took.items() if time is not None},
        "solver_failures": sum(_failures(slab) for slab in slabs),
        "zero_eigenvalues": _zeros(folder / "summary.nc"),
        "sha256": {os.path.relpath(file, folder): sha256_of(file) for file in files},
    }
    with written_whole(path) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _failures(slab: Path) -> int:
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
