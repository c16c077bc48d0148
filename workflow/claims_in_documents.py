"""Write the paper's claims into the documents that show them: python workflow/claims_in_documents.py

They are the first page and the captions of the report, in which a list stands between two marks, the table of what the
kept run of the study says of each claim, that of its verdicts, those of families and statements about priors,
those of detection and of pairs of seeds. Their words come from aespectra/claims, numbers from results/reference.
"""

import json
import re
from functools import cache
from pathlib import Path

import pandas as pd
from aespectra.checksums import MANIFEST
from aespectra.claims.judge import read_claims
from aespectra.claims.paper import CLAIMS
from aespectra.claims.reconstructions import BY_EYE, THEOREMS
from aespectra.claims.terms import Terms
from aespectra.report.attractors import markdown_attractors
from aespectra.report.choices import markdown_choices, markdown_differing
from aespectra.report.claims import markdown_further, markdown_table, markdown_verdicts, rst_list
from aespectra.report.detection import markdown_scores, markdown_sets
from aespectra.report.priors import (
    markdown_agreement,
    markdown_errors,
    markdown_from_fitted,
    markdown_from_prior,
    markdown_statements,
)
from aespectra.report.seeds import markdown_pairs, read_seeds_table
from aespectra.summary.battery import read_rows
from aespectra.summary.file import open_reconstructions
from aespectra.summary.prior_study import PriorStudy, open_prior_study
from study.families import families

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results" / "reference"
GROUPS = {"measured": CLAIMS, "by eye": BY_EYE, "theorems": THEOREMS}
LIST = re.compile(r"(?<={# claims: )([\w ]+)(, made by \S+ #}\n\n).*?(?=\n\n{# end of claims #})", re.DOTALL)


def choices_of(kept: Path) -> str:
    """The table of a kept study of choices."""
    return markdown_choices(
        pd.read_csv(kept / "statistics.csv"), open_reconstructions(kept / "reconstructions.nc"), Terms()
    )


def differing_of(kept: Path) -> str:
    """Its verdicts that differ, on all claims."""
    return markdown_differing([row for path in sorted(kept.glob("*claims.csv")) for row in read_claims(path)])


@cache
def priors_of(kept: Path) -> PriorStudy:
    """A kept study of priors."""
    config = json.loads((kept / MANIFEST).read_text())["config"]
    kinds = ROOT / "workflow" / "aespectra" / "models" / "families"
    paths = (kept / name for name in ("summary.nc", "samples.nc", "gaussianity.csv"))
    return open_prior_study(*paths, families(config, kinds))


TABLES = {
    markdown_table: (read_claims, "claims.csv", "claim | the paper says"),
    markdown_further: (read_claims, "reconstructions/reconstruction_claims.csv", "claim or theorem | the paper says"),
    markdown_verdicts: (read_claims, "claims.csv", "verdict | claims"),
    choices_of: (Path, "choices", "choice | d | D_train's error"),
    differing_of: (Path, "choices", "claim | of | the paper says"),
    markdown_agreement: (priors_of, "priors", "sliced W² | d ="),
    markdown_errors: (priors_of, "priors", "‖y − x‖² | d ="),
    markdown_from_prior: (priors_of, "priors", "Fréchet, z from the prior | d ="),
    markdown_from_fitted: (priors_of, "priors", "Fréchet, z fitted | d ="),
    markdown_pairs: (read_seeds_table, "seeds/seeds.csv", "claim | of | statistic:"),
    markdown_statements: (read_claims, "priors/priors.csv", "statement | supposed"),
    markdown_attractors: (pd.read_csv, "uses/attractors.csv", "d | fixed points"),
    markdown_scores: (read_rows, "uses/detection.csv", "score | d ="),
    markdown_sets: (read_rows, "uses/detection.csv", "set | points"),
}
"""What each table is made from, and how its first line begins."""


def documents() -> dict[Path, str]:
    """Every document that shows claims, with those of today."""
    captions = {path: LIST.sub(_list, path.read_text()) for path in (ROOT / "workflow" / "report").glob("*.rst")}
    tables = {
        re.compile(rf"^\| {re.escape(begins)} .*(?:\n\|.*)*", re.MULTILINE): make(read(REFERENCE / source))
        for make, (read, source, begins) in TABLES.items()
    }
    told = {}
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = path.read_text()
        for place, made in tables.items():
            if place.search(text):
                text = told[path] = place.sub(made.replace("\\", r"\\"), text)
    return captions | told


def _list(found: re.Match) -> str:
    """One of GROUPS, or what a figure bears on."""
    name, mark = found.groups()
    of_figure = [claim for group in GROUPS.values() for claim in group if name in claim.shown]
    return f"{name}{mark}{rst_list(GROUPS.get(name, of_figure))}"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text)
