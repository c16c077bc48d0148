"""Which modules a result depends on: Snakemake re-runs what an edited input made, so they are inputs of the rules.

Standard library only: used while the Snakefile is parsed.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

WITHOUT_EFFECT = {"logs.py", "_version.py"}
"""Modules that cannot change a result: what a job says, and a number that files record of their making."""


def modules_behind(modules: Iterable[Path]) -> list[Path]:
    """These modules and all of their package that they import, in whatever form, sorted; each path once.

    Never among them: a package's ``__init__.py``, since an edit there (a new version, another name in its face) would
    re-run everything, and what is in WITHOUT_EFFECT. So no module may rely on what an ``__init__.py`` defines.

    Parameters
    ----------
    modules : Iterable[Path]
        Files of one package, in whatever depth.

    Returns
    -------
    list[Path]

    Raises
    ------
    FileNotFoundError
        A module is not there.
    ImportError
        A module imports a name of a package that is no module.
    """
    found: set[Path] = set()
    todo = list(modules)
    while todo:
        path = todo.pop()
        if path not in found and path.name not in WITHOUT_EFFECT:
            found.add(path)
            todo += imported(path)
    return sorted(found)


@cache  # most rules share most modules
def imported(path: Path) -> tuple[Path, ...]:
    """The modules of its own package that one module imports, directly and anywhere in it."""
    root = _root(path)
    found: dict[Path, None] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        for parts, is_package_fine in _targets(node, path, root):
            module = root.joinpath(*parts)
            if module.with_suffix(".py").is_file():
                found[module.with_suffix(".py")] = None
            elif not (is_package_fine and module.is_dir()):
                raise ImportError(f"{path} imports {'.'.join((root.name, *parts))}, which is no module.")
    return tuple(found)


def _root(path: Path) -> Path:
    """The outermost package around a module."""
    root = path.parent
    while (root.parent / "__init__.py").is_file():
        root = root.parent
    return root


def _targets(node: ast.AST, path: Path, root: Path) -> Iterator[tuple[tuple[str, ...], bool]]:
    """What a statement imports from the package: parts of the name below ``root``, and whether a package will do."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first, *parts = alias.name.split(".")
            if first == root.name:
                yield tuple(parts), True
    elif isinstance(node, ast.ImportFrom):
        package = path.parents[node.level - 1].relative_to(root.parent).parts if node.level else ()
        name = (*package, *(node.module.split(".") if node.module else []))
        if name[:1] != (root.name,):
            return
        base = name[1:]
        if root.joinpath(*base).with_suffix(".py").is_file():
            yield base, False
        else:  # from a package: each name is a module of its own
            for alias in node.names:
                yield (*base, alias.name), True
