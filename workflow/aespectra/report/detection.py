"""Detection to read: for every family, score and d the mean and the worst area under the ROC curve over the sets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..summary.battery import MAIN, worst_and_mean
from ..summary.evenly import evenly
from .pages import heading, markdown, table, write_page

SHOWN = 4
"""Latent dimensions in a table of Markdown, at even distances."""


def write_detection_page(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of ``summary.battery.read_rows`` as a page: a table a family, and which sets are meant."""
    parts = []
    for family in dict.fromkeys(row["family"] for row in rows):
        parts += [heading(family), table(*summarised([row for row in rows if row["family"] == family]))]
    sets = dict.fromkeys((row["group"], row["dataset"], row["inside"], row["n_in"], row["n_out"]) for row in rows)
    of_sets = [[group, name, f"{outside:,.0f}", inside, f"{n:,.0f}"] for group, name, inside, n, outside in sets]
    parts += [heading("Sets"), table(["group", "out", "points", "in", "points"], *of_sets)]
    write_page(path, "Detection of points out of distribution", *parts)


def markdown_scores(rows: Sequence[dict[str, Any]]) -> str:
    """Mean / worst of every seed, a line a score, at four latent dimensions, as a table of Markdown; of one family."""
    latent_dims = sorted({row["latent_dim"] for row in rows})
    shown = [latent_dims[i] for i in evenly(len(latent_dims), SHOWN)]
    columns, *lines = summarised([row for row in rows if row["latent_dim"] in shown])
    return markdown(columns, *lines)


def markdown_sets(rows: Sequence[dict[str, Any]]) -> str:
    """The lower area of the seeds at the largest d, a line a set, a column a score that stands for a way."""
    d = max(row["latent_dim"] for row in rows)
    areas: dict[tuple[str, str, float], dict[str, float]] = {}
    for row in rows:
        if row["latent_dim"] == d and row["detector"] in MAIN:
            of_set = areas.setdefault((row["group"], row["dataset"], row["n_out"]), {})
            of_set[row["detector"]] = min(row["auroc"], of_set.get(row["detector"], 1.0))
    lines = [
        [f"{group}: {name}", f"{n:,.0f}", *(f"{of_set[score]:.2f}" for score in MAIN)]
        for (group, name, n), of_set in areas.items()
    ]
    return markdown(["set", "points", *(score.replace("_", " ") for score in MAIN)], *lines)


def summarised(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Head and lines of a table of one family: mean / worst of every seed, a line a score, a column a d."""
    found = worst_and_mean(rows)
    latent_dims, seeds = (sorted({row[name] for row in rows}) for name in ("latent_dim", "seed"))
    lines = [["score", *(f"d = {d:g}" for d in latent_dims)]]
    for score in dict.fromkeys(row["detector"] for row in rows):
        cells = []
        for d in latent_dims:
            of_seeds = [(found["mean"][score, d, seed], found["worst"][score, d, seed]) for seed in seeds]
            cells.append(", ".join(f"{mean:.2f} / {worst:.2f}" for mean, worst in of_seeds))
        lines.append([score.replace("_", " "), *cells])
    return lines
