"""What the documents say is there."""

import re
from pathlib import Path

import pytest
import yaml
from aespectra.slabs import slab
from aespectra.summary import layout
from study.config import check_config
from study.documents import config_reference, filled, parts

from ..documents import DOCUMENTS, ROOT, Block, anchors, blocks, commands, links

MADE = parts(ROOT)
SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())
STUDY = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
KINDS = ROOT / "workflow" / "aespectra" / "models" / "families"
NO_CONFIGS = {"CONTRIBUTING.md": "adds to the project; tests/workflow/test_documents.py does so and runs"}
YAML = [block for document in DOCUMENTS if document.name not in NO_CONFIGS for block in blocks(document, "yaml")]


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_is_as_it_would_be_made_now(name: str) -> None:
    document = (ROOT / name).read_text(encoding="utf-8")
    assert filled(document, MADE[name]) == document, "make docs"


def test_a_document_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for 'keys'"):
        filled("# Configuration\n", {"keys": "| key |"})


def test_the_reference_of_a_schema() -> None:
    schema = {
        "properties": {
            "name": {"description": "A name.", "type": "string"},
            "part": {
                "properties": {
                    "loss": {"description": "Of a|b.", "enum": ["a", "b"], "default": "b"},
                    "rate": {"description": "Rate.", "type": "number", "exclusiveMinimum": 0, "default": 0.5},
                    "dims": {"description": "d.", "type": "array", "uniqueItems": True, "items": {"minimum": 1}},
                },
                "type": "object",
            },
            "sets": {
                "description": "Sets.",
                "type": "array",
                "items": {
                    "properties": {"kind": {"description": "Which.", "type": "string"}},
                    "allOf": [
                        {
                            "if": {"properties": {"kind": {"const": "uniform"}}},
                            "then": {
                                "properties": {"kind": {}, "low": {"description": "Low.", "maximum": 1, "minimum": 0}}
                            },
                        }
                    ],
                },
            },
        }
    }
    study = {"name": "paper", "part": {"rate": 0.001, "dims": [2, 3, 4, 5]}, "sets": [{"kind": "uniform", "low": 0}]}
    assert config_reference(schema, study).splitlines()[2:] == [
        "| `name` | A name. | `paper` | text |",
        r"| `part.loss` | Of a\|b. | `b` | `a`, `b` |",
        "| `part.rate` | Rate. | `0.001` | above 0 |",
        "| `part.dims` | d. | 2 to 5 | list: 1 or more, each once |",
        "| `sets` | Sets. | the 1 of `config.yaml` | list of mappings |",
        "| `sets[].kind` | Which. |  | text |",
        "| `sets[].low` | `uniform`: Low. |  | 0 to 1 |",
    ]


def defaults(schema: dict, study: dict, prefix: str = "") -> dict[str, tuple[object, object]]:
    """Of every key with a default that the study sets as well: both."""
    found = {}
    for name, each in schema.get("properties", {}).items():
        if name in study and "default" in each:
            found[f"{prefix}{name}"] = (each["default"], study[name])
        if name in study and isinstance(study[name], dict):
            found |= defaults(each, study[name], f"{prefix}{name}.")
    return found


def test_the_schema_and_the_study_have_the_same_defaults() -> None:
    both = defaults(SCHEMA, STUDY)
    assert len(both) > 10
    assert {key: schema for key, (schema, _) in both.items()} == {key: study for key, (_, study) in both.items()}


@pytest.mark.parametrize("variable", [*slab.ALL, *layout.VARIABLES, *layout.GEOMETRY])
def test_every_variable_is_explained(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "config" / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    lost = []
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_links_are_found() -> None:
    assert sum(len(links(document)) for document in DOCUMENTS) > 30
    assert "after-an-upgrade" in anchors(ROOT / "docs" / "recipes.md")


def test_configs_that_are_named_exist() -> None:
    named = {path for document in DOCUMENTS for path in re.findall(r"config/\w+\.yaml", document.read_text())}
    assert len(named) > 2
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_front_page_takes_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_make_has_what_the_documents_call() -> None:
    makefile = (ROOT / "Makefile").read_text()
    rules = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert phony == rules
    called = {word for document in DOCUMENTS for call in commands(document, "make") for word in call[1:]}
    assert {"demo", "test", "check", "CONFIG=config/digits.yaml"} <= called
    variables = set(re.findall(r"^(\w+) \?=", makefile, re.MULTILINE))
    assert {word for word in called if word.partition("=")[0] not in rules | variables} == set()


def laid_over(study: dict, given: dict) -> dict:
    """As Snakemake lays one config over another."""
    merged = dict(study)
    for key, value in given.items():
        both = isinstance(value, dict) and isinstance(study.get(key), dict)
        merged[key] = laid_over(study[key], value) if both else value
    return merged


@pytest.mark.parametrize("block", YAML, ids=str)
def test_configs_in_the_documents_are_right(block: Block) -> None:
    check_config(laid_over(STUDY, yaml.safe_load(block.text)), SCHEMA, KINDS)
