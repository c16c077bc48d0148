"""What made a study, as one page for its report: the config, and the versions and devices that its files record."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import netCDF4
import yaml

from ..integrity import checkpoint_provenance
from .pages import heading, table, verbatim, write_page


def write_provenance(path: Path, files: Mapping[str, Iterable[Path]], config: dict) -> None:
    """Write the page: a column for every kind of file, and the config as YAML.

    Files of one kind that were made by different versions or on different devices get a column each.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    files : Mapping[str, Iterable[Path]]
        netCDF files and checkpoints by their kind, such as spectra; they are opened one at a time.
    config : dict
        The study's.
    """
    made_by = Counter((kind, tuple(_made_by(each).items())) for kind, paths in files.items() for each in paths)
    columns = [(f"{kind} ({count})", dict(facts)) for (kind, facts), count in made_by.items()]
    names = dict.fromkeys(name for _, column in columns for name in column)
    rows = [[name, *(column.get(name, "") for _, column in columns)] for name in names]
    write_page(
        path,
        "Provenance",
        heading("Versions and devices"),
        table(["", *(title for title, _ in columns)], *rows),
        heading("Config"),
        verbatim(yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)),
    )


def _made_by(path: Path) -> dict[str, str]:
    """Device, precision and versions that a checkpoint or a netCDF file records."""
    if path.suffix == ".safetensors":
        attributes = checkpoint_provenance(path)
    else:
        with netCDF4.Dataset(path) as file:
            attributes = {name: file.getncattr(name) for name in file.ncattrs()}
    facts = {name: attributes[name] for name in ("device", "precision") if name in attributes}
    return facts | {"aespectra": attributes["source"].split()[1].rstrip(",")} | json.loads(attributes["versions"])
