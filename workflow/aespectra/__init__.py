"""Jacobian spectra of autoencoders, in and out of distribution (after arXiv 2201.11902).

For one's own network and points: ``spectra`` and ``detector``; what a study has kept: ``open_cube``,
``complex_eigenvalues``, ``by_epoch`` and ``open_summary``; the paper's claims held against a summary: ``judge``;
pictures of spectra: ``plot``. They are imported when they are first used.

The wings, in the order in which data passes through them: ``linalg`` (Jacobians and their eigenvalues), ``data``
(images and noise), ``models`` (networks and their training), ``slabs`` (spectra at points, slab by slab, and the cube),
``summary`` (statistics), ``claims`` (the paper's), ``report`` (pages) and ``figures``. A module imports only modules of
its own wing, of those before it, and of the few beside them that all share (files, integrity, logs, devices,
determinism). None knows Snakemake, nor the keys of a config.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .claims.judge import judge
    from .figures import plot
    from .slabs.cube import complex_eigenvalues, open_cube
    from .slabs.epochs import by_epoch
    from .slabs.in_memory import spectra
    from .summary.file import open_summary
    from .summary.own_detector import detector

__all__ = [
    "__version__",
    "by_epoch",
    "complex_eigenvalues",
    "detector",
    "judge",
    "open_cube",
    "open_summary",
    "plot",
    "spectra",
]

_HOME = {
    "by_epoch": "slabs.epochs",
    "complex_eigenvalues": "slabs.cube",
    "detector": "summary.own_detector",
    "judge": "claims.judge",
    "open_cube": "slabs.cube",
    "open_summary": "summary.file",
    "spectra": "slabs.in_memory",
}
"""The module of every function: to import them all takes seconds, which jobs that need none should not wait."""


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module(".figures.plot", __name__)
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
