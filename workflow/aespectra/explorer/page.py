"""The explorer's page: figures by Bokeh, everything in one file, nothing loaded from elsewhere.

Bokeh, as its figures take new arrays within milliseconds and it comes as one script; of that only the core, since
choices are the browser's own controls, which the keyboard reaches. Altair 6.3 would bring 0.9 MB of scripts for 1.3,
but its charts are compiled anew at every choice: five of them, with 4,000 points, took a median of 210 ms where these
took 57, side by side on a busy machine.
"""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.resources import Resources

from ..claims.judge import Row, read_claims
from ..files import written_whole
from ..report.claims import JACOBIANS
from ..slabs.grid import GRID
from ..summary.alive import shares_known
from ..summary.file import open_summary
from .charts import MAKERS
from .contents import contents_of, what_fits
from .tables import DETECTION, GAUSSIANITY, left_out, read_table

HERE = Path(__file__).parent

SHARE_OF_POINTS = 0.1
"""Of a set that must have an orientation, where that is less than is asked of large ones."""

ROOM, LITTLE_ROOM = 4_500_000, 420_000
"""Bytes of contents: with Bokeh's script of 1.3 MB a page stays below 6 MB, or, inside of a report, below 1.8 MB."""

SHARE_OF_TABLES = 0.25
"""Of that room: what a table of networks takes at most, or else it is left out."""

IDENTITY = re.compile(r'"p\d+"')
"""As Bokeh gives them to its objects."""

PLACES = {
    "1": "difference",
    "2": "norms",
    "3": "norms",
    "4": "norms",
    "5": "reversed",
    "6": "angles",
    "reconstructions": "gallery",
    "": "plane",
}
"""Where the page shows what a figure of the paper does, or what a claim is of that no figure shows."""


def write_explorers(
    rooms: Mapping[Path, int],
    title: str,
    cube: Path,
    summary: Path,
    datasets: list[Path],
    points: float,
    claims: Sequence[Path],
    detection: Sequence[Path] = (),
    gaussianity: Sequence[Path] = (),
) -> None:
    """Write pages of several sizes, each whole or not at all.

    Parameters
    ----------
    rooms : Mapping[Path, int]
        Files to make, and the bytes that their contents may take.
    title : str
        Plain text.
    cube, summary : Path
        Of the study, the cube beside its slabs.
    datasets : list[Path]
        Its evaluation sets, in any order.
    points : float
        Points with an orientation below which a share of reversed ones is not drawn; of small sets SHARE_OF_POINTS.
    claims : Sequence[Path]
        By claims.judge.write_claims.
    detection, gaussianity : Sequence[Path]
        Tables of the study's networks, by summary.battery and summary.agreement; none if there are none.
    """
    opened = open_summary(summary)
    enough = min(points, SHARE_OF_POINTS * int(opened.by_seed.attrs["samples"]))
    opened = opened._replace(by_seed=shares_known(opened.by_seed, enough))
    rows = [row for path in claims for row in read_claims(path)]
    axes = (opened.by_seed[name].values.tolist() for name in GRID)
    networks = [f"{family}/{d}/{seed}" for family, d, seed in product(*axes)]
    kinds = [(path, DETECTION) for path in detection] + [(path, GAUSSIANITY) for path in gaussianity]
    found = [read_table(path, kind, networks) for path, kind in kinds]
    tables, sizes = [], []
    for room in rooms.values():
        shown = [each if _size(each) <= room * SHARE_OF_TABLES else left_out(each) for each in found]
        taken = len(_claims(rows, 1).encode()) + sum(map(_size, shown))
        tables.append(shown)
        sizes.append(what_fits(opened, max(0, room - taken)))
    pages = contents_of(cube, opened, datasets, sizes)
    for path, contents, shown in zip(rooms, pages, tables, strict=True):
        write_explorer(path, title, contents | {"tables": shown}, rows)


def write_explorer(path: Path, title: str, contents: dict[str, Any], claims: list[Row]) -> None:
    """Write one page, whole or not at all.

    Parameters
    ----------
    path : Path
        File to make.
    title : str
        Plain text.
    contents : dict
        By contents.contents_of, and ``tables``, by tables.read_table.
    claims : list[Row]
        As claims.judge has them; may be empty.
    """
    figures = {name: _renumbered(json.dumps(json_item(make(), ID(name))), name) for name, make in MAKERS.items()}
    parts = {
        "title": escape(title),
        "bokeh": Resources("inline", components=["bokeh"], minified=True).render_js(),
        "style": _text("explorer.css"),
        "script": _text("tables.js") + _text("explorer.js"),
        "contents": _script(json.dumps(contents, separators=(",", ":"))),
        "figures": _script("{" + ",".join(f'"{name}":{each}' for name, each in figures.items()) + "}"),
        "claims": _claims(claims, contents["examples"]),
    }
    text = _text("explorer.html")
    for name, filled in parts.items():
        text = text.replace(f"<!-- {name} -->", filled)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _size(table: dict[str, Any]) -> int:
    """Bytes of the page."""
    return len(json.dumps(table, separators=(",", ":")))


def _renumbered(item: str, name: str) -> str:
    """With identities by their order in the figure: Bokeh's count on through the life of a process."""
    order = {each: f'"{name}-{i}"' for i, each in enumerate(dict.fromkeys(IDENTITY.findall(item)))}
    return IDENTITY.sub(lambda found: order[found[0]], item)


def _script(text: str) -> str:
    """JSON inside a script element, which only "</" could end."""
    return text.replace("</", "<\\/")


def _claims(rows: list[Row], examples: int) -> str:
    """Claims as a table, each by its family and Jacobian; the page shows those of one family."""
    if not rows:
        return ""
    lines = "".join(
        f"<tr data-family='{escape(row['family'])}' data-jacobian='{row['jacobian']}'><td>{escape(row['claim'])}</td>"
        f"<td>{JACOBIANS[row['jacobian']]}</td><td>{_linked(row, examples)}</td>"
        f"<td class='{row['grade'].replace(' ', '-')}'>{escape(row['grade'])}</td></tr>"
        for row in rows
    )
    return (
        "<h2>The paper's claims</h2>"
        "<div id='claims' class='scroll tall' tabindex='0' role='region' aria-label='The paper&#39;s claims'><table>"
        "<thead><tr><th>claim</th><th>of</th><th>the paper says</th><th>verdict</th></tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def _linked(row: Row, examples: int) -> str:
    """A claim, as a link to the picture that shows it, where the page has one."""
    place = PLACES.get(row["figure"])
    says = escape(row["says"])
    return f"<a href='#{place}'>{says}</a>" if place and (examples or place != "gallery") else says
