"""Tables of networks for the explorer: what other targets measured of each, so that every row leads to its picture."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .contents import encoded


class Kind(NamedTuple):
    """Of a table: its title, and columns by how they are called in the page."""

    title: str
    labels: dict[str, str]
    """What a row is of, beside its network."""
    numbers: dict[str, str]
    note: str


DETECTION = Kind(
    "Detection",
    {"set": "dataset", "score": "detector"},
    {"AUROC": "auroc", "95 % from": "auroc_low", "to": "auroc_high", "FPR95": "fpr95"},
    "Area under the ROC curve, points of a set against points in distribution, with its 95 % interval; and the share "
    "of the set that passes where 95 % of those in distribution do.",
)

GAUSSIANITY = Kind(
    "Gaussianity",
    {"measure": "measure", "latents": "points"},
    {"value": "value", "true samples": "prior_mean", "95 % from": "prior_low", "to": "prior_high"},
    "Latents of held-out images, by every measure; beside it mean and 95 % range of true samples of the prior.",
)


def read_table(path: Path, kind: Kind, networks: Iterable[str]) -> dict[str, Any]:
    """A table of some networks, for JSON.

    Parameters
    ----------
    path : Path
        Csv with the columns family, latent_dim, seed and those of the kind.
    kind : Kind
        Which columns are shown.
    networks : Iterable[str]
        Those of the page, as contents_of names them; rows of others are left out.

    Returns
    -------
    dict
        ``title`` and ``note``; ``file``, its name; ``count``, its rows; ``labels`` and ``heads``, titles of its
        columns; ``rows``, the labels of every row that some network has; ``numbers`` by network, base64 of float32,
        (row, number), little endian, nan where it has no such row.
    """
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    wanted = set(networks)
    shown = [row for row in found if _network(row) in wanted]
    rows = list(dict.fromkeys(_labels(row, kind) for row in shown))
    places = {labels: place for place, labels in enumerate(rows)}
    values = {
        name: np.full((len(rows), len(kind.numbers)), np.nan, "<f4") for name in dict.fromkeys(map(_network, shown))
    }
    for row in shown:
        values[_network(row)][places[_labels(row, kind)]] = [float(row[column]) for column in kind.numbers.values()]
    inside = dict.fromkeys((row["inside"], row["n_in"]) for row in shown if "inside" in row)
    return {
        "title": kind.title,
        "note": kind.note + "".join(f" In distribution: {int(n):,} points of {name}." for name, n in inside),
        "file": path.name,
        "count": len(shown),
        "labels": list(kind.labels),
        "heads": list(kind.numbers),
        "rows": rows,
        "numbers": {name: encoded(each) for name, each in values.items()},
    }


def left_out(table: dict[str, Any]) -> dict[str, Any]:
    """What stands in a page that has no room for a table."""
    note = f"{table['count']:,} rows: too many for this page; explorer.html and {table['file']} have them."
    return table | {"note": note, "rows": [], "numbers": {}}


def _network(row: dict[str, str]) -> str:
    return f"{row['family']}/{row['latent_dim']}/{row['seed']}"


def _labels(row: dict[str, str], kind: Kind) -> tuple[str, ...]:
    return tuple(row[column] for column in kind.labels.values())
