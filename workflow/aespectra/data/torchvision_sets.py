"""Which image sets torchvision has, without the seconds that importing it takes."""

import ast
import importlib.util
from pathlib import Path

UNUSABLE = {"Kinetics", "LFWPairs", "Middlebury2014Stereo", "MovingMNIST", "Places365", "StanfordCars"}
"""Seem to have both splits, but hold videos or pairs, have no split "test", or can no longer be downloaded."""


def torchvision_image_sets() -> dict[str, str] | None:
    """Class names in torchvision.datasets by their lower-case form; None where torchvision is not installed."""
    folder = _folder()
    if folder is None:
        return None
    for node in ast.parse((folder / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {name.lower(): name for name in ast.literal_eval(node.value)}
    return None


def splits_keyword(class_name: str) -> str | None:
    """By which argument a set of torchvision gives its training and its test images.

    Parameters
    ----------
    class_name : str
        In torchvision.datasets.

    Returns
    -------
    str or None
        ``train`` (a truth value) or ``split`` ("train" or "test"); None of a set that has not both to download, or that
        needs more arguments, or that holds no single images.
    """
    folder = _folder()
    if folder is None or class_name in UNUSABLE:
        return None
    for node in ast.parse((folder / "__init__.py").read_text()).body:
        if isinstance(node, ast.ImportFrom) and class_name in [alias.name for alias in node.names]:
            tree = ast.parse((folder / f"{node.module}.py").read_text())
            break
    else:
        return None
    arguments = _initialiser({each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}, class_name)
    if arguments is None or arguments.kwarg:
        return None
    names = [each.arg for each in arguments.args]
    required = names[1 : len(names) - len(arguments.defaults)]
    required += [each.arg for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not value]
    names += [each.arg for each in arguments.kwonlyargs]
    if required != ["root"] or "download" not in names:
        return None
    if "train" in names:
        return "train"
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return "split" if "split" in names and {"train", "test"} <= words else None


def _folder() -> Path | None:
    spec = importlib.util.find_spec("torchvision")
    return None if spec is None or spec.origin is None else Path(spec.origin).with_name("datasets")


def _initialiser(classes: dict[str, ast.ClassDef], name: str) -> ast.arguments | None:
    """Arguments of a class's own __init__, or of that of a base in the same module."""
    if name not in classes:
        return None
    for node in classes[name].body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return node.args
    bases = (base.id for base in classes[name].bases if isinstance(base, ast.Name))
    return next((found for base in bases if (found := _initialiser(classes, base))), None)
