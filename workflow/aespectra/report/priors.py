"""What was supposed of Gaussian latents, and what was measured, to read: as a page, as a table of Markdown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .pages import markdown, table, write_page


def write_priors_page(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of ``claims.judge_priors.judge_priors`` as a page."""
    shown = [_readable(row) for row in rows]
    write_page(path, "What was supposed of Gaussian latents", table(list(shown[0]), *(each.values() for each in shown)))


def markdown_statements(rows: Sequence[dict[str, Any]]) -> str:
    """The same rows as a table of Markdown, without the end of the last line."""
    shown = [_readable(row) for row in rows]
    columns = [name for name in shown[0] if name != "why"]
    return markdown(columns, *([each[name] for name in columns] for each in shown))


def _readable(row: dict[str, Any]) -> dict[str, str]:
    """A row of the table as text, numbers rounded; none where there is no cell."""
    numbers = {"median": row["median"], "from": row["low"], "to": row["high"]}
    return {
        "statement": row["statement"],
        "supposed": row["says"],
        "verdict": row["grade"],
        "measured": f"{row['statistic']} ({row['cells']})",
        **{name: f"{value:.3g}" if row["n"] else "" for name, value in numbers.items()},
        "each cell": row["bound"],
        "met in": f"{round(row['share'] * row['n'])} of {row['n']:g}" if row["n"] else "",
        "another verdict at": f"{row['flips_at']:.3g}: {row['flips_to']}" if row["flips_to"] else "",
        "why": row["reason"],
    }
