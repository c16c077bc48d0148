"""A config as text and as its schema has it: every key once, numbers for text, one sentence for what is refused.

Imported while the Snakefile is parsed, so it needs nothing beyond jsonschema and yaml.
"""

import contextlib
import math
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from .families import SECTIONS

# stricter than JSON: 2.0 is no integer, nan and inf are no numbers
Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: (
                isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            ),
        }
    ),
)

TYPES: dict[str, Any] = {
    "integer": int,
    "number": lambda text: int(text) if text.isdecimal() else float(text),
    "boolean": {"true": True, "True": True, "false": False, "False": False}.__getitem__,
}
"""What text stands for, by the types of the schema."""


class ConfigError(ValueError):
    """The configuration, or a file it names, cannot be used; the message is one sentence for the user."""


def check_keys_once(path: Path) -> None:
    """Raise ConfigError if a key stands twice in a YAML file, of which all but the last would go unread."""
    with contextlib.suppress(OSError, UnicodeDecodeError, yaml.YAMLError):  # Snakemake says so
        _check_node(yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader), path, ())


def _check_node(node: yaml.Node | None, path: Path, parents: tuple[str, ...]) -> None:
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            _check_node(each, path, (*parents, str(index)))
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines:
                raise ConfigError(
                    f"config key '{'.'.join((*parents, name))}' stands twice in {path}, in line {lines[name]} and line "
                    f"{line}; every key may stand once."
                )
            lines[name] = line
            _check_node(value, path, (*parents, name))


def typed(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """A value of --config, which hands over all that is nested as text, with the numbers that the schema asks for.

    Parameters
    ----------
    value : Any
        As Snakemake read it; what is no number is left as it is, for check_config to refuse.
    schema : dict
        Of this value.
    whole : dict
        The schema of the config, whose sections options of families lie over.
    """
    if isinstance(value, dict):
        parts = dict(schema.get("properties", {}))
        for case in schema.get("allOf", []):
            parts |= {name: each for name, each in case["then"]["properties"].items() if each}
        if set(parts) == set(SECTIONS):
            parts = {name: whole["properties"][name] for name in SECTIONS}
        others = schema.get("additionalProperties", {})
        others = others if isinstance(others, dict) else {}
        return {name: typed(each, parts.get(name, others), whole) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each, schema.get("items", {}), whole) for each in value]
    if isinstance(value, str):
        with contextlib.suppress(KeyError, ValueError, TypeError):
            return TYPES[schema["type"]](value)
    return value


def sentence(error: ValidationError, prefix: str = "") -> str:
    """What a schema violation means to the person who wrote the key; ``prefix`` is where the instance lies."""
    key = ".".join(str(part) for part in ([prefix] if prefix else []) + list(error.absolute_path))
    found, bound = error.instance, error.validator_value
    where = f"config key '{key}'" if key else "the config"
    match error.validator:
        case "additionalProperties":
            allowed = sorted(error.schema["properties"])
            unknown = sorted(str(name) for name in set(found) - set(allowed))
            dotted = f"{key}.{unknown[0]}" if key else unknown[0]
            return f"config key '{dotted}' is unknown; allowed here are {', '.join(allowed)}."
        case "required":
            missing = [name for name in bound if name not in found]
            return f"{where} lacks '{missing[0]}'; required here are {', '.join(bound)}."
        case "type":
            hint = " (YAML reads 1e-3 as text: write 0.001)" if bound == "number" and isinstance(found, str) else ""
            types = bound if isinstance(bound, str) else " or ".join(bound)
            return f"{where} is {found!r}; allowed is one of type {types}{hint}."
        case "enum":
            return f"{where} is {found!r}; allowed are {', '.join(str(value) for value in bound)}."
        case "minimum" | "exclusiveMinimum":
            return (
                f"{where} is {found!r}; it must be {'at least' if error.validator == 'minimum' else 'above'} {bound}."
            )
        case "maximum":
            return f"{where} is {found!r}; it must be at most {bound}."
        case "maxLength":
            return f"{where} has {len(found)} characters; at most {bound} are allowed."
        case "maxItems":
            return f"{where} lists {len(found)}; at most {bound} are allowed."
        case "minLength":
            return f"{where} is empty; it must have at least {bound} character."
        case "minItems":
            return f"{where} is empty; it must list at least {bound}."
        case "uniqueItems":
            twice = next(value for value in found if found.count(value) > 1)
            return f"{where} lists {twice!r} more than once; every value may stand once."
        case "pattern":
            return f"{where} is {found!r}; allowed are names that match {bound}."
        case "oneOf":
            return (
                f"{where} must say either distribution (pixel noise), or torchvision, folder or file (images), or "
                "glyphs, held_out, or corruption (of another set), and no two of them."
            )
    return f"{where}: {error.message}."
