"""Figures, claims and report of a study of two families, drawn from a kept summary."""

import csv
import json
import re

import pytest
import xarray as xr

from .conftest import TINY, Project
from .test_runs import FIGURES

FAMILIES = ["autoencoder", "other"]
STUDY = TINY | {
    "experiment": "two",
    "kept": "kept",
    "families": ["autoencoder", {"name": "other", "kind": "autoencoder"}],
    "figures": {"formats": ["svg"]},
}


@pytest.fixture
def two(finished: Project) -> Project:
    """A project that keeps the summary of a study of two families; in the second everything is half as large."""
    summary = finished.results / "summary.nc"
    kept = finished.folder / "kept" / "summary.nc"
    kept.parent.mkdir()
    for mode, group in (("w", None), ("a", "pooled")):
        one = xr.load_dataset(summary, group=group)
        halved = one.map(lambda values: values / 2 if "family" in values.dims and values.dtype.kind == "f" else values)
        both = xr.concat([one, halved.assign_coords(family=FAMILIES[1:])], "family", data_vars="minimal")
        both.to_netcdf(kept, mode=mode, group=group)
    return Project(finished.folder, STUDY)


def figures_of(project: Project, family: str) -> dict[str, str]:
    return {path.stem: path.read_text() for path in (project.results / "figures" / family).iterdir()}


def test_each_family_has_all_figures_and_its_name_above_them(two: Project) -> None:
    planned = two.planned(*FIGURES)
    assert planned == dict.fromkeys(FIGURES, 1) | {f"{name}_of": 2 for name in FIGURES}
    two.finish(*FIGURES)
    first, second = (figures_of(two, family) for family in FAMILIES)
    assert first.keys() == second.keys() == set(FIGURES)
    for name in FIGURES:
        assert "<!-- autoencoder -->" in first[name]  # text is drawn as paths, with what it says in a comment
        assert "<!-- other -->" in second[name]
        assert first[name].replace("autoencoder", "other") != second[name]
    assert {path.name for path in (two.results / "figures").iterdir()} == set(FAMILIES)
    assert two.planned(*FIGURES) == {}

    (two.results / "figures" / "other" / "figure_2.svg").unlink()
    assert two.planned("figure_2") == {"figure_2": 1, "figure_2_of": 1}


def test_claims_and_report_say_whose_they_are(two: Project) -> None:
    two.finish("claims", "figure_2", "training_curves")
    with (two.results / "claims.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    by_family = [[row for row in rows if row["family"] == family] for family in FAMILIES]
    assert len(by_family[0]) == len(by_family[1]) == len(rows) / 2
    assert [row["claim"] for row in by_family[0]] == [row["claim"] for row in by_family[1]]
    spectra = next(row["seed_0"] for row in by_family[0] if row["claim"] == "2a")
    halved = next(row["seed_0"] for row in by_family[1] if row["claim"] == "2a")
    assert float(halved) == pytest.approx(float(spectra) / 2, rel=1e-5)  # the table has six digits

    two.finish("claims", "figure_2", "training_curves", "--report", "report.html")
    page = (two.folder / "report.html").read_text()
    results = json.loads(re.search(r"^    var results = (.*);$", page, re.MULTILINE)[1])
    labels = [each["labels"] for each in results.values()]
    figures = {(name, family) for name in ("Figure 2: means of the norms", "Training curves") for family in FAMILIES}
    assert {(each["name"], each["family"]) for each in labels if "family" in each} == figures
    assert [each for each in labels if "family" not in each] == [{"name": "Claims 1 to 18"}]
