"""Claims by pairs of seeds to read: as csv, as a page, as a table of Markdown."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..claims.pairs import OfPairs
from ..claims.verdict import rounded
from ..files import written_whole
from .claims import JACOBIANS
from .pages import heading, markdown, table, write_page

HEAD = ["claim", "of", "statistic: least, median, largest", "by all seeds", "by most pairs", "pairs that say otherwise"]


def write_seeds_table(path: Path, rows: list[OfPairs]) -> None:
    """Write a row a claim as csv, whole or not at all: pairs by verdict, statistic of every seed."""
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        written = [_flat(row) for row in rows]
        writer = csv.DictWriter(file, list(written[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)


def read_seeds_table(path: Path) -> list[OfPairs]:
    """What ``write_seeds_table`` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            OfPairs(
                row["family"],
                row["claim"],
                row["jacobian"],
                row["by_all"],
                row["by_most_pairs"],
                float(row["otherwise"]),
                {name.removeprefix("pairs: "): int(v) for name, v in row.items() if name.startswith("pairs: ")},
                {name.removeprefix("seed_"): float(v) for name, v in row.items() if name.startswith("seed_")},
                row["single"] == "True",
            )
            for row in csv.DictReader(file)
        ]


def write_seeds_page(path: Path, rows: list[OfPairs], dead: xr.DataArray, seeds: int) -> None:
    """Write the claims of every family, and how many of so many networks have a dead bottleneck, by d."""
    parts = []
    for family in dict.fromkeys(row.family for row in rows):
        parts += [heading(family), table(HEAD, *(_readable(row) for row in rows if row.family == family))]
    by_d = dead.transpose("family", "latent_dim")
    lines = [[family, *map(str, of)] for family, of in zip(by_d["family"].values, by_d.values.tolist(), strict=True)]
    parts.append(heading(f"Dead bottlenecks, of {seeds} seeds"))
    parts.append(table(["family", *(f"d = {d}" for d in by_d["latent_dim"].values)], *lines))
    write_page(path, "The paper's claims by pairs of seeds", *parts)


def markdown_pairs(rows: list[OfPairs]) -> str:
    """Rows of one family of which some pairs say otherwise, as a table of Markdown without the last line's end."""
    return markdown(HEAD, *(_readable(row) for row in rows if row.otherwise))


def _readable(row: OfPairs) -> list[str]:
    known = [value for value in row.values.values() if not np.isnan(value)]
    spread = ", ".join(f"{each:.3g}" for each in (min(known), np.median(known), max(known))) if known else "–"
    return [row.claim, JACOBIANS[row.jacobian], spread, row.of_all, row.usual, f"{row.otherwise:.0%}"]


def _flat(row: OfPairs) -> dict[str, Any]:
    flat: dict[str, Any] = {"family": row.family, "claim": row.claim, "jacobian": row.jacobian}
    flat |= {"by_all": row.of_all, "by_most_pairs": row.usual, "otherwise": rounded(row.otherwise)}
    flat |= {"single": row.single}
    flat |= {f"pairs: {grade}": count for grade, count in row.pairs.items()}
    return flat | {f"seed_{seed}": rounded(value) for seed, value in row.values.items()}
