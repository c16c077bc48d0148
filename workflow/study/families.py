"""The model families of a study: what the config says of each, with the sections ``autoencoder`` and ``training``.

Standard library only: used while the Snakefile is parsed, so that no family's module is imported.
"""

import ast
from pathlib import Path
from typing import Any

from aespectra.slabs.grid import AT_EPOCH

PLAIN = "autoencoder"
"""The kind of a family with a factory of its own, unless it names another."""

SECTIONS = ("autoencoder", "training")
"""Sections of the config that a family's options lie over."""


def named(entry: str | dict[str, Any]) -> dict[str, Any]:
    """An entry of ``families`` as {name, kind, options, …}; a name alone is of the kind of that name."""
    if isinstance(entry, str):
        return {"name": entry, "kind": entry, "options": {}}
    return {"kind": PLAIN, "options": {}} | entry


def declared(kind: str, folder: Path) -> dict[str, Any]:
    """The literals that a family's module defines by upper-case names, read and not imported."""
    found = {}
    for node in ast.parse((folder / f"{kind}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue  # computed: nothing that the config may speak of
    return found


def kinds(folder: Path) -> list[str]:
    """Names of the families' modules."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def families(config: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Every family by its name: name, kind, and both sections as they hold for it.

    Parameters
    ----------
    config : dict
        Checked, with the defaults filled in.
    folder : Path
        Of the families' modules.

    Returns
    -------
    dict[str, dict]
        ``training`` has a weight for every term of the family's loss; ``autoencoder``, where the user's own factory
        makes the networks, no more than ``factory`` and ``arguments``, and beside it are ``code``, the files of the
        factory, and ``checkpoint``, where networks are taken from. With ``training.checkpoints`` a family stands here
        once for every number of epochs, as AT_EPOCH names it: what that many epochs make, whatever comes after them.
    """
    found = {}
    for family in map(named, config["families"]):
        sections: dict[str, Any] = {name: config[name] | family["options"].get(name, {}) for name in SECTIONS}
        asked = config["training"].get("weights", {}) | family["options"].get("training", {}).get("weights", {})
        terms = declared(family["kind"], folder)["TERMS"]
        sections["training"]["weights"] = {term: asked.get(term, weight) for term, weight in terms.items()}
        own: dict[str, Any] = {}
        if "factory" in family:
            sections["autoencoder"] = {"factory": family["factory"], "arguments": family.get("arguments", {})}
            own = {key: family[key] for key in ("code", "checkpoint") if key in family}
        epochs = sections["training"].pop("checkpoints", None)
        of_name: dict[str, Any] = {family["name"]: sections["training"]}
        if epochs is not None and "checkpoint" not in own:  # else they are not trained here
            of_name = {
                AT_EPOCH.format(family=family["name"], epoch=each): sections["training"] | {"epochs": each}
                for each in sorted(epochs)
            }
        for name, training in of_name.items():
            found[name] = {"name": name, "kind": family["kind"], **sections, "training": training, **own}
    return found
