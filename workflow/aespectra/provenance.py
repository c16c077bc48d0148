"""What made a study, as one page for its report: the config, and the versions and devices that its files record."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import netCDF4
import yaml

from .integrity import checkpoint_provenance
from .pages import heading, table, verbatim, write_page


def write_provenance(path: str | Path, files: Mapping[str, Sequence[str]], config: dict) -> None:
    """Write the page: a column for every kind of ``files`` (their names by kind), and ``config`` as YAML.

    Files of one kind that were made by different versions or on different devices get a column each.
    """
    made_by = Counter((kind, *_made_by(name).items()) for kind, names in files.items() for name in names)
    columns = [(f"{kind} ({count})", dict(facts)) for (kind, *facts), count in made_by.items()]
    facts = dict.fromkeys(name for _, column in columns for name in column)
    rows = [[name, *(column.get(name, "") for _, column in columns)] for name in facts]
    write_page(
        path,
        "Provenance",
        heading("Versions and devices"),
        table(["", *(title for title, _ in columns)], *rows),
        heading("Config"),
        verbatim(yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)),
    )


def _made_by(path: str | Path) -> dict[str, str]:
    """Device, precision and versions that a checkpoint or a netCDF file records."""
    if Path(path).suffix == ".safetensors":
        attributes = checkpoint_provenance(path)
    else:
        with netCDF4.Dataset(path) as file:
            attributes = {name: file.getncattr(name) for name in file.ncattrs()}
    facts = {name: attributes[name] for name in ("device", "precision") if name in attributes}
    return facts | {"aespectra": attributes["source"].split()[1].rstrip(",")} | json.loads(attributes["versions"])
