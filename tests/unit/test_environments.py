"""The conda environments and the pip lock hold the same software."""

import re
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
