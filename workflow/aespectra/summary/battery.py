"""Tables of detection as files, and what a reader remembers of them: the mean and the worst over all sets."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files import write_csv
from ..slabs.grid import GRID, by_key
from .curves import Separation

TEXT = ("family", "dataset", "group", "inside", "detector")
"""Columns that hold no numbers."""

COLUMNS = (*GRID, "dataset", "group", "inside", "detector", "n_in", "n_out", *Separation._fields)

MAIN = (
    "reconstruction",
    "reconstruction_two_sided",
    "latent_mahalanobis",
    "latent_knn",
    "spectra_mahalanobis",
    "spectra_knn",
    "union_mahalanobis",
    "union_knn",
)
"""Scores that stand for a way to tell points apart; others are of a single number of the spectra."""

Networks = dict[tuple[str, float, float], float]
"""By score, latent dimension and seed, of one family."""


def worst_and_mean(rows: Iterable[dict[str, Any]]) -> dict[str, Networks]:
    """Area under the ROC curve of one family: ``mean`` and ``worst`` over the sets, of every score and network.

    The mean is that of the groups' means, so that a group counts as much as another, however many sets it has.
    """
    of_network: dict[tuple[str, float, float], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        of_network[row["detector"], row["latent_dim"], row["seed"]][row["group"]].append(row["auroc"])
    return {
        "mean": {key: float(np.mean([*map(np.mean, groups.values())])) for key, groups in of_network.items()},
        "worst": {key: min(min(areas) for areas in groups.values()) for key, groups in of_network.items()},
    }


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write a table as csv, whole or not at all."""
    write_csv(path, COLUMNS, rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """What ``write_rows`` wrote, numbers as numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {name: value if name in TEXT else float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def write_rows_of_study(path: Path, parts: Sequence[Path]) -> None:
    """The tables of all networks as one, in their order; whole or not at all."""
    write_rows(path, [row for part in by_key(parts).values() for row in read_rows(part)])
