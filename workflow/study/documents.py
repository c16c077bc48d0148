"""The parts of the documents that are made from something else: ``make docs`` writes them, a test compares them.

In a document, such a part stands between two comments that name it.
"""

import ast
import math
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import yaml

WINGS = ("linalg", "data", "models", "slabs", "summary", "claims", "report", "figures", "explorer")
"""Of the library, in the order of their imports."""


def parts(project: Path) -> dict[str, dict[str, str]]:
    """What is made: of each document, given by its path in the project, the parts by their names."""
    workflow = project / "workflow"
    schema = yaml.safe_load((workflow / "schemas" / "config.schema.yaml").read_text())
    study = yaml.safe_load((project / "config" / "config.yaml").read_text())
    return {
        "config/README.md": {"keys": config_reference(schema, study)},
        "docs/map.md": {"modules": module_map(workflow)},
    }


def filled(document: str, made: dict[str, str]) -> str:
    """A document with these parts as they are made now.

    Raises
    ------
    ValueError
        The document has no place for a part.
    """
    for name, text in made.items():
        place = re.compile(rf"(<!-- begin: {name} .*?-->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        found = place.search(document)
        if found is None:
            raise ValueError(
                f"The document has no place for '{name}'; it needs the comments begin: and end: around it."
            )
        document = f"{document[: found.end(1)]}\n{text}\n\n{document[found.start(2) :]}"
    return document


def config_reference(schema: dict, study: dict) -> str:
    """Every key of the schema as a table; defaults are what ``study`` says, beside it those of the schema."""
    return _table(["key", "meaning", "default", "allowed"], _keys(schema, study, ""))


def _keys(schema: dict, study: object, prefix: str) -> Iterator[list[str]]:
    for name, each in schema.get("properties", {}).items():
        default = study.get(name, each.get("default")) if isinstance(study, dict) else each.get("default")
        if each.get("type") != "object" or "properties" not in each:
            yield [f"`{prefix}{name}`", each["description"], _default(default), _allowed(each)]
        yield from _keys(each, default, f"{prefix}{name}.")
        yield from _keys(each.get("items", {}), None, f"{prefix}{name}[].")
    for case in schema.get("allOf", []):  # keys that go with one value of another key
        where = ", ".join(str(value["const"]) for value in case["if"].get("properties", {}).values())
        for name, each in case["then"]["properties"].items():
            if each:
                yield [f"`{prefix}{name}`", f"`{where}`: {each['description']}", "", _allowed(each)]


def _default(value: object) -> str:
    match value:
        case None:
            return ""
        case _ if value in ("", {}, []):
            return "none"
        case [dict(), *_]:
            return f"the {len(value)} of `config.yaml`"
        case [int(first), *_] if len(value) > 3 and value == list(range(first, first + len(value))):
            return f"{first} to {value[-1]}"
    text = yaml.safe_dump(value, default_flow_style=True, width=math.inf).strip()
    return f"`{text.splitlines()[0]}`"  # after a single value YAML ends the document


def _allowed(schema: dict) -> str:
    """What a schema allows, in words."""
    match schema:
        case {"enum": values}:
            return ", ".join(map(_default, values))
        case {"items": items}:
            entries = "names or mappings" if "string" in items.get("type", "") else "mappings"
            each = f"list of {entries}" if "properties" in items else f"list: {_allowed(items)}"
            return f"{each}, each once" if schema.get("uniqueItems") else each
        case {"minimum": low, "maximum": high}:
            return f"{low} to {high}"
        case {"exclusiveMinimum": low, "maximum": high}:
            return f"above {low}, to {high}"
        case {"minimum": low}:
            return f"{low} or more"
        case {"exclusiveMinimum": low}:
            return f"above {low}"
        case {"type": "boolean"}:
            return "`true`, `false`"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"name: {_allowed(values)}"
        case {"type": "object"}:
            return "section"
        case {"type": "string"}:
            return "text"
    return str(schema["type"])


def module_map(workflow: Path) -> str:
    """The modules of the library wing by wing, those that know the config, and the files of rules, a line each."""
    library = workflow / "aespectra"
    blocks = [
        _module_table("`aespectra`: what all share", library.glob("*.py"), library),
        *(
            _module_table(f"`aespectra/{wing}`", (library / wing).rglob("*.py"), library / wing, _says(library / wing))
            for wing in WINGS
        ),
        _module_table("`study`", (workflow / "study").glob("*.py"), workflow / "study", _says(workflow / "study")),
    ]
    rules = [[f"`{path.name}`", _comment(path)] for path in sorted((workflow / "rules").glob("*.smk"))]
    return "\n\n".join([*blocks, f"### `rules`\n\n{_table(['file', 'what'], rules)}"])


def _module_table(title: str, modules: Iterator[Path], folder: Path, says: str = "") -> str:
    rows = [
        [f"`{path.relative_to(folder)}`", _docstring(path)] for path in sorted(modules) if path.name != "__init__.py"
    ]
    return "\n\n".join(filter(None, [f"### {title}", says, _table(["module", "what"], rows)]))


def _says(package: Path) -> str:
    return _docstring(package / "__init__.py")


def _docstring(module: Path) -> str:
    """The first paragraph of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split()).replace("``", "`")


def _comment(rules: Path) -> str:
    """The first paragraph of the comment at the head of a file of rules."""
    lines = rules.read_text(encoding="utf-8").splitlines()
    head = takewhile(lambda line: line.startswith("# "), lines)
    return " ".join(line.removeprefix("# ") for line in head)


def _table(head: list[str], rows: list[list[str]] | Iterator[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def main(project: Path) -> None:
    for name, made in parts(project).items():
        document = project / name
        document.write_text(filled(document.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).parents[2])
