"""The paper's claims held against a summary: one table, as csv and as a page to read."""

import csv
import math
from pathlib import Path

from .files import written_whole
from .pages import heading, table, write_page
from .paper_claims import CLAIMS, study_of
from .summary import Summary


def judge(summary: Summary) -> list[dict[str, str | float]]:
    """Every claim for every family and seed: rows of a table.

    Columns: family, claim, figure, says, statistic, holds_from, holds_to; the statistic in one column a seed
    (``seed_0``, …) and in ``pooled``; ``holds``: yes or no if all seeds agree, else the seeds for which it holds;
    ``untested`` where the study has not the latent dimensions or sets that it takes (statistic nan).
    """
    rows = []
    for family in summary.by_seed["family"].values:
        data = summary.by_seed.sel(family=family)
        seeds = {str(seed): study_of(data.sel(seed=seed)) for seed in data["seed"].values}
        pooled = study_of(summary.pooled.sel(family=family))
        for claim in CLAIMS:
            values = {seed: float(claim.measure(study)) for seed, study in seeds.items()}
            low, high = claim.interval
            row = {"family": str(family), "claim": claim.number, "figure": claim.figure, "says": claim.says}
            row |= {"statistic": claim.statistic, "holds_from": low, "holds_to": high}
            row |= {f"seed_{seed}": value for seed, value in values.items()}
            rows.append(row | {"pooled": float(claim.measure(pooled)), "holds": _verdict(values, low, high)})
    return rows


def write_claims(path: str | Path, rows: list[dict[str, str | float]]) -> None:
    """Write the table as csv, whole or not at all."""
    with written_whole(path) as part, Path(part).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def write_claims_page(path: str | Path, rows: list[dict[str, str | float]]) -> None:
    """Write the same as a page to read: a table for every family."""
    parts = []
    for family in dict.fromkeys(row["family"] for row in rows):
        shown = [_readable(row) for row in rows if row["family"] == family]
        parts += [heading(family), table(list(shown[0]), *(list(row.values()) for row in shown))]
    write_page(path, "The paper's claims", *parts)


def _readable(row: dict[str, str | float]) -> dict[str, str]:
    """A row of the table as text, the verdict early, numbers rounded, both ends of the interval in one column."""
    low, high = row["holds_from"], row["holds_to"]
    interval = f"{low:g}" if low == high else f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"
    numbers = {
        name.replace("_", " "): f"{value:.3g}"
        for name, value in row.items()
        if name == "pooled" or name.startswith("seed_")
    }
    return {
        "claim": row["claim"],
        "says": row["says"],
        "holds": row["holds"],
        "statistic": row["statistic"],
        "holds for": interval,
        **numbers,
        "figure": row["figure"],
    }


def _verdict(values: dict[str, float], low: float, high: float) -> str:
    if any(math.isnan(value) for value in values.values()):
        return "untested"
    holding = [seed for seed, value in values.items() if low <= value <= high]
    if len(holding) in (0, len(values)):
        return "yes" if holding else "no"
    return f"seed {', '.join(holding)} only"
