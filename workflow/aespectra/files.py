"""Files that are whole or absent, and the attributes that say where they come from."""

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import __version__

LIBRARIES = ("torch", "torchvision", "numpy", "scipy", "xarray", "netCDF4", "h5py")


@contextlib.contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``; rename it to ``path`` on success, remove it on failure.

    A process that is killed leaves only ``path``.part behind, which the next run overwrites.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def provenance(title: str, config: dict, **more: str) -> dict[str, str]:
    """Global attributes for a netCDF file (CF 1.11), the same for the same config on the same machine: no dates."""
    return {
        "Conventions": "CF-1.11",
        "title": title,
        "source": f"aespectra {__version__}, a reproduction of arXiv:2201.11902",
        "history": f"made by aespectra {__version__} from the attribute config",
        "references": "https://arxiv.org/abs/2201.11902",
        "config": json.dumps(config, sort_keys=True),
        "versions": json.dumps({"python": platform.python_version()} | _versions()),
        **more,
    }


def _versions() -> dict[str, str]:
    versions = {}
    for library in LIBRARIES:
        # an environment for figures alone has no torch
        with contextlib.suppress(PackageNotFoundError):
            versions[library] = version(library)
    return versions
