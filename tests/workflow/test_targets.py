"""The documents' table of targets is what Snakemake lists."""

import re

from .conftest import ROOT, Project

HEAD = "| target | what |\n| --- | --- |\n"


def test_targets_are_those_of_the_documents(project: Project) -> None:
    listed = dict(re.findall(r"^(\w+) \((.+)\)$", project.finish("--list-target-rules"), re.MULTILINE))
    texts = [path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    ((_, table),) = (text.split(HEAD) for text in texts if HEAD in text)
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", table.split("\n\n")[0], re.MULTILINE))
    assert len(told) == 31
    assert {name: line.replace(r"\|", "|") for name, line in told.items()} == listed


def test_a_manifest_names_what_is_asked_for_beside_it(project: Project) -> None:
    def named(*targets: str) -> set[str]:
        plan = project.finish("--dry-run", "manifest", *targets)
        # nothing is made yet, so that all its inputs are a reason
        (inputs,) = re.findall(
            r": The manifest\nReason: .*Input files updated by another job: (.+)$", plan, re.MULTILINE
        )
        return {path.removeprefix("results/tiny/") for path in inputs.split(", ")}

    alone = named()
    assert {"summary.nc", "claims.csv", "figures/figure_2.png"} < alone
    # what priors are judged and drawn from, so that whoever keeps them can draw them again
    beside = {"gaussianity.csv", "samples.nc", "priors.csv"}
    found = named("priors") - alone
    assert beside < found
    assert all(path.startswith("figures/") for path in found - beside)
    assert {"attractors.csv", "detection.csv"} < named("attractors", "detection") - alone
