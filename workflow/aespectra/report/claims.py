"""The paper's claims to read: as a page, as tables of Markdown, as a list of reStructuredText."""

import math
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

import xarray as xr

from ..claims.judge import Row, seeds_of
from ..claims.paper import Claim
from ..claims.verdict import GRADES
from .pages import heading, markdown, table, write_page

JACOBIANS = {"input": "J_I", "latent": "J_L", "": ""}


def write_claims_page(path: Path, rows: list[Row], *more: str) -> None:
    """Write the rows of ``judge`` as a page: a table for every family, before them verdicts side by side; and more."""
    families = list(dict.fromkeys(row["family"] for row in rows))
    parts = [heading("Families side by side"), table(*verdicts_by_family(rows))] if len(families) > 1 else []
    for family in families:
        shown = [_readable(row) for row in rows if row["family"] == family]
        parts += [heading(family), table(list(shown[0]), *(list(row.values()) for row in shown))]
    write_page(path, "The paper's claims", *parts, *more)


def verdicts_by_family(rows: list[Row]) -> tuple[list[str], *tuple[list[str], ...]]:
    """Verdicts of every claim, a column a family: the head of a table, and its lines."""
    by_claim: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        by_claim.setdefault((row["claim"], row["jacobian"]), {"says": row["says"]})[row["family"]] = row["grade"]
    families = list(dict.fromkeys(row["family"] for row in rows))
    lines = [
        [number, JACOBIANS[jacobian], of["says"], *(of[family] for family in families)]
        for (number, jacobian), of in by_claim.items()
    ]
    return ["claim", "of", "the paper says", *families], *lines


def dead_units_table(found: xr.Dataset) -> list[str]:
    """Of a study's reconstructions: heading and table of hidden units that no image switches on, by d and seed."""
    lines = []
    for family in found["family"].values.tolist():
        of_family = found.sel(family=family)
        for d in found["latent_dim"].values.tolist():
            dead, units = (of_family[f"{name}_units"].sel(latent_dim=d) for name in ("dead", "relu"))
            lines.append([family, str(d), *(f"{each:g}" for each in dead.values), f"{units.values[0]:g}"])
    seeds = [f"seed {seed}" for seed in found["seed"].values.tolist()]
    return [heading("Dead units"), table(["family", "d", *seeds, "of"], *lines)]


def markdown_table(rows: list[Row]) -> str:
    """What was measured of one family, seed by seed, as a table of Markdown.

    Parameters
    ----------
    rows : list[Row]
        What ``judge`` gives, those of one family.

    Returns
    -------
    str
        Lines without the last one's end.
    """
    columns = [name for name in _readable(rows[0]) if name not in ("figure", "why")]
    return markdown(columns, *([shown[name] for name in columns] for shown in map(_readable, rows)))


def markdown_further(rows: list[Row]) -> str:
    """The same of claims 19 to 26, with why what cannot be tested cannot."""
    columns = [name for name in _readable(rows[0]) if name not in ("figure", "without dead bottlenecks")]
    lines = ([shown[name] for name in columns] for shown in map(_readable, rows))
    return markdown(["claim or theorem", *columns[1:]], *lines)


def markdown_verdicts(rows: list[Row]) -> str:
    """Which claims have which grade, as a table of Markdown; of one family.

    A claim whose grade differs between the Jacobians stands in two lines, with their names.
    """
    grades: dict[str, list[str]] = {grade: [] for grade in GRADES}
    for number in dict.fromkeys(row["claim"] for row in rows):
        mine = {row["jacobian"]: row["grade"] for row in rows if row["claim"] == number}
        if len(set(mine.values())) == 1:
            grades[next(iter(mine.values()))].append(number)
        else:
            for jacobian, grade in mine.items():
                grades[grade].append(f"{number} ({JACOBIANS[jacobian]})")
    lines = [[grade, ", ".join(numbers)] for grade, numbers in grades.items() if numbers]
    return markdown(["verdict", "claims"], *lines)


def rst_list(claims: Iterable[Claim]) -> str:
    """Claims as a list of reStructuredText, each with the figures that bear on it.

    D_train, J_I and J_L become substitutions of these names, which the document defines.

    Returns
    -------
    str
        Lines without the last one's end.
    """
    items = []
    for claim in claims:
        says = claim.says.replace("|", r"\|")
        says = re.sub("D_train|J_I|J_L", r"|\g<0>|", says).replace("|(", r"|\ (")  # else no end of a substitution
        figures = ", ".join(module.replace("_", " ") for module in claim.shown)
        text = f"- **{claim.number}** {says}" + (f" ({figures})" if figures else "")
        items.append(textwrap.fill(text, 120, subsequent_indent="  "))
    return "\n".join(items)


def _readable(row: Row) -> dict[str, str]:
    """A row of the table as text, numbers rounded, intervals beside what they are of."""
    seeds = seeds_of(row)
    numbers = {f"seed {seed}": _with_interval(row, seed) for seed in seeds}
    alive = " / ".join(_number(row[f"seed_{seed}_alive"]) for seed in seeds)
    flips = "" if math.isnan(row["flips_at"]) else f"{_number(row['flips_at'])}: {row['flips_to']}"
    return {
        "claim": row["claim"],
        "the paper says": row["says"],
        "of": JACOBIANS[row["jacobian"]],
        "measured": row["statistic"],
        "each case": row["bound"],
        **numbers,
        "verdict": row["grade"],
        "without dead bottlenecks": f"{alive}: {row['alive']}",
        "another verdict at": flips,
        "why": row["why"],
        "figure": row["figure"],
    }


def _with_interval(row: Row, seed: str) -> str:
    value, low, high = (row[f"seed_{seed}{end}"] for end in ("", "_low", "_high"))
    return _number(value) if math.isnan(low) else f"{_number(value)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}"
