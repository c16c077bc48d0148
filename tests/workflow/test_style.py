"""The workflow passes Snakemake's own lint."""

from .conftest import Project


def test_lint(project: Project) -> None:
    assert "Congratulations" in project.finish("--lint")
