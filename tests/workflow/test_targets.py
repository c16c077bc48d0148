"""The README's table of targets is what Snakemake lists."""

import re

from .conftest import ROOT, Project


def test_targets_are_those_of_the_readme(project: Project) -> None:
    listed = dict(re.findall(r"^(\w+) \((.+)\)$", project.finish("--list-target-rules"), re.MULTILINE))
    _, table = (ROOT / "README.md").read_text().split("| target | what |\n| --- | --- |\n")
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", table.split("\n\n")[0], re.MULTILINE))
    assert len(told) == 18
    assert {name: line.replace(r"\|", "|") for name, line in told.items()} == listed
