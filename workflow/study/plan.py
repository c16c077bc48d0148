"""Every file of a study, and whether it is done: Snakemake is asked once, afterwards the files are."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

STAGES = (
    "training_images",
    "test_images",
    "datasets",
    "models",
    "latents",
    "spectra",
    "cube",
    "cube-standalone",
    "statistics",
    "summary",
    "claims",
    "claims_by_d",
    "figures",
    "provenance",
    "gaussianity",
    "labels",
    "classifier",
    "image_features",
    "samples",
    "priors",
    "detection",
    "attractors",
    "reconstructions",
    "reconstruction_claims",
    "reconstruction_claims_by_d",
    "seeds",
    "explorer",
    "explorer-small",
    "manifest",
)
"""What lies in results/<experiment>/, less what follows a dot, in the order in which it is made."""

STATES = ("done", "out of date", "missing")


class File(NamedTuple):
    """A file of a study."""

    path: Path
    rule: str  # that makes it
    state: str  # one of STATES
    pending: bool  # whether a run would make it


def planned(summary: str) -> list[File]:
    """The files of Snakemake's summary."""
    return [
        File(
            Path(row["output_file"]),
            row["rule"],
            "missing" if row["status"] == "missing" else "out of date" if row["plan"] == "update pending" else "done",
            row["plan"] == "update pending",
        )
        for row in csv.DictReader(summary.splitlines(), delimiter="\t")
    ]


def since(asked: float, files: Iterable[File]) -> list[File]:
    """The same, those done that were made since Snakemake was asked, at this time in seconds since the epoch."""
    return [
        file._replace(state="done", pending=False) if file.pending and _made(file, asked) else file for file in files
    ]


def _made(file: File, asked: float) -> bool:
    try:
        return file.path.stat().st_mtime > asked or file.state == "missing"
    except FileNotFoundError:
        return False


def stage(file: File) -> str:
    """Which part of the study a file belongs to."""
    return file.path.parts[2].partition(".")[0]


def states(files: Iterable[File]) -> dict[str, dict[str, str]]:
    """State of every result by its stage and its name; files of one name, such as figure_1's, are one result."""
    stages: dict[str, dict[str, str]] = {name: {} for name in STAGES}
    for file in files:
        folder, *below = file.path.with_suffix("").parts[2:]
        results = stages.setdefault(stage(file), {})
        name = "/".join(below or [folder]).removesuffix("_loss")  # a network and its loss curve
        results[name] = max(file.state, results.get(name, file.state), key=STATES.index)
    return {name: _shortened(results) for name, results in stages.items() if results}


def _shortened(results: dict[str, str]) -> dict[str, str]:
    """The same without their folder, if that is one."""
    one = len({name.rpartition("/")[0] for name in results}) == 1
    return {name.rpartition("/")[2] if one else name: state for name, state in results.items()}
