"""Detection to read: for every family, score and d the mean and the worst area under the ROC curve over the sets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..summary.battery import worst_and_mean
from .pages import heading, markdown, table, write_page


def write_detection_page(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of ``summary.battery.read_rows`` as a page: a table a family, and which sets are meant."""
    parts = []
    for family in dict.fromkeys(row["family"] for row in rows):
        parts += [heading(family), table(*summarised([row for row in rows if row["family"] == family]))]
    sets = dict.fromkeys((row["group"], row["dataset"], row["inside"], row["n_in"], row["n_out"]) for row in rows)
    of_sets = [[group, name, f"{outside:,.0f}", inside, f"{n:,.0f}"] for group, name, inside, n, outside in sets]
    parts += [heading("Sets"), table(["group", "out", "points", "in", "points"], *of_sets)]
    write_page(path, "Detection of points out of distribution", *parts)


def markdown_detection(rows: Sequence[dict[str, Any]], latent_dims: Sequence[int] = ()) -> str:
    """The same of one family, as a table of Markdown, at some latent dimensions or all."""
    kept = [row for row in rows if not latent_dims or row["latent_dim"] in latent_dims]
    columns, *lines = summarised(kept)
    return markdown(columns, *lines)


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
