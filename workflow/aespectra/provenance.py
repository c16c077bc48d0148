"""What made a study, as one page for its report: the config, and the versions and devices that its files record."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import netCDF4
import yaml

from .files import written_whole
from .integrity import checkpoint_provenance

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Provenance</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.15rem 1rem 0.15rem 0; border-bottom: 1px solid #ddd; text-align: left; font-weight: normal; }}
thead th {{ font-weight: bold; }}
pre {{ font-size: 13px; white-space: pre-wrap; }}
</style>
<h2>Versions and devices</h2>
<table>
{table}
</table>
<h2>Config</h2>
<pre>{config}</pre>
</html>
"""


def write_provenance(path: str | Path, files: Mapping[str, Sequence[str]], config: dict) -> None:
    """Write the page: a column for every kind of ``files`` (their names by kind), and ``config`` as YAML.

    Files of one kind that were made by different versions or on different devices get a column each.
    """
    made_by = Counter((kind, *_made_by(name).items()) for kind, names in files.items() for name in names)
    columns = [(f"{kind} ({count})", dict(facts)) for (kind, *facts), count in made_by.items()]
    facts = dict.fromkeys(name for _, column in columns for name in column)
    head = _row("th", ["", *(title for title, _ in columns)])
    rows = [_row("td", [name, *(column.get(name, "") for _, column in columns)]) for name in facts]
    table = "\n".join([f"<thead>{head}</thead>", *rows])
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    with written_whole(path) as part:
        part.write_text(PAGE.format(table=table, config=escape(text)), encoding="utf-8")


def _made_by(path: str | Path) -> dict[str, str]:
    """Device, precision and versions that a checkpoint or a netCDF file records."""
    if Path(path).suffix == ".safetensors":
        attributes = checkpoint_provenance(path)
    else:
        with netCDF4.Dataset(path) as file:
            attributes = {name: file.getncattr(name) for name in file.ncattrs()}
    facts = {name: attributes[name] for name in ("device", "precision") if name in attributes}
    return facts | {"aespectra": attributes["source"].split()[1].rstrip(",")} | json.loads(attributes["versions"])


def _row(cell: str, texts: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"
