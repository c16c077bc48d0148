"""What a finished study consists of, for those who were given its small files and not its spectra."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from ..checksums import sha256_of
from ..files import written_whole
from ..logs import seconds
from ..summary.file import open_summary


def write_manifest(
    path: Path,
    folder: Path,
    dataset: Path,
    slabs: Sequence[Path],
    files: Iterable[Path],
    logs: Path,
    config: dict,
) -> None:
    """Write the manifest as JSON, whole or not at all.

    Keys: config; ``versions`` that made the data sets; ``seconds``, wall time by job, of those whose logs say it;
    ``sha256`` of every one of ``files``, by its name as seen from ``folder``. Of a study with slabs also device and
    precision of the spectra; ``solver_failures`` over all slabs; ``zero_eigenvalues`` by latent dimension, seed,
    Jacobian and set, where there are any.

    Parameters
    ----------
    path : Path
        File to make.
    folder : Path
        Of the study; where there are slabs, with its summary.nc.
    dataset : Path
        A data set of the study.
    slabs : Sequence[Path]
        All of the study, or none.
    files : Iterable[Path]
        What the study consists of.
    logs : Path
        Folder of the jobs' logs.
    config : dict
        The study's.
    """
    with netCDF4.Dataset(dataset) as file:
        versions = json.loads(file.getncattr("versions"))
    said = {
        log.relative_to(logs).with_suffix(""): log.read_text(encoding="utf-8") for log in sorted(logs.glob("**/*.log"))
    }
    took = {str(job): seconds(text) for job, text in said.items()}
    manifest = {
        "config": config,
        "versions": versions,
        **(_of_spectra(slabs, folder / "summary.nc") if slabs else {}),
        "seconds": {job: time for job, time in took.items() if time is not None},
        "sha256": {os.path.relpath(file, folder): sha256_of(file) for file in files},
    }
    with written_whole(path) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _of_spectra(slabs: Sequence[Path], summary: Path) -> dict[str, Any]:
    with netCDF4.Dataset(slabs[0]) as slab:
        made_on = {name: slab.getncattr(name) for name in ("device", "precision")}
    return made_on | {"solver_failures": sum(map(_failures, slabs)), "zero_eigenvalues": _zeros(summary)}


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
