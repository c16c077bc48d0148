"""What the documents say is there."""

import re
from pathlib import Path

import pytest
import yaml
from aespectra.slab import VARIABLES
from aespectra.statistics import LONG_NAMES
from aespectra.summary import BESIDE

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())


def keys(schema: dict, prefix: str = "") -> list[str]:
    """Dotted names of all keys that hold a value."""
    found = []
    for name, each in schema["properties"].items():
        nested = each.get("type") == "object" and name != "representatives"
        found += keys(each, f"{prefix}{name}.") if nested else [f"{prefix}{name}"]
    return found


@pytest.mark.parametrize("key", keys(SCHEMA))
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in (ROOT / "config" / "README.md").read_text()


@pytest.mark.parametrize("variable", [*VARIABLES, *LONG_NAMES, *BESIDE])
def test_every_variable_is_explained(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "config" / "README.md").read_text()


def test_paths_named_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    named = [*re.findall(r"\]\(((?!http)[^)#]+)\)", readme), *re.findall(r"config/\w+\.yaml", readme)]
    assert len(named) > 4
    assert [path for path in named if not (ROOT / path).exists()] == []
