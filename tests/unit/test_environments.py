"""The conda environments and the pip lock hold the same software."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from ..workflow.conda_stand_in import PYPI

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "envs").glob("*.yaml"))}
PINS = {name: dict(each.split("=") for each in env["dependencies"]) for name, env in ENVIRONMENTS.items()}
LOCKED = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "envs" / "requirements.lock").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_only_conda_forge_is_asked(name: str) -> None:
    assert ENVIRONMENTS[name]["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("name", PINS)
def test_conda_and_the_lock_have_the_same_versions_for_every_python(name: str) -> None:
    pins = {package: version for package, version in PINS[name].items() if package != "python"}
    assert len(pins) > 5
    locked = {package: {v for each, v in LOCKED if each == PYPI.get(package, package)} for package in pins}
    assert locked == {package: {version} for package, version in pins.items()}


def test_environments_have_one_python() -> None:
    assert len({pins["python"] for pins in PINS.values()}) == 1


def test_hosted_ci_runs_make_on_the_oldest_and_the_newest() -> None:
    (job,) = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yaml").read_text())["jobs"].values()
    matrix = job["strategy"]["matrix"]["include"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = re.search(r'min_version\("([\d.]+)"\)', (ROOT / "Snakefile").read_text())[1]

    assert f"snakemake>={oldest}" in project["optional-dependencies"]["workflow"]
    assert f"Snakemake {oldest} or newer" in (ROOT / "README.md").read_text()
    tested = {(each["python"], str(each["snakemake"])) for each in matrix if each["target"] == "test"}
    assert tested == {(python, snakemake) for python in ("3.11", "3.13") for snakemake in (oldest, "locked")}
    assert project["requires-python"] == ">=3.11"

    rules = re.findall(r"^([\w./-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    run = [step["run"] for step in job["steps"] if "run" in step]
    called = {each.removeprefix("make ") for each in run if each.startswith("make ")}
    assert called == {".venv/installed", "${{ matrix.target }}"}
    assert {each["target"] for each in matrix} == {"check", "test"} <= set(rules)
    assert ".venv/installed" in rules
    for step in job["steps"]:
        for name in re.findall(r"matrix\.(\w+)", str(step)):
            assert all(name in each for each in matrix)
