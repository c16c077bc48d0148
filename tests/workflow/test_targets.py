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
