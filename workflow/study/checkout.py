"""The checkout that is run comes before any library of the same name that is installed."""

import os
from pathlib import Path


def found_first(folder: Path) -> None:
    """Let every job's Python look into ``folder`` before it looks among the installed packages.

    Snakemake hands sys.path on to the scripts, but behind what their environment has: an ``aespectra`` that was
    installed by ``pip install .`` would take the place of this one.
    """
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
