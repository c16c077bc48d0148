"""The explorer's page: figures by Bokeh, everything in one file, nothing loaded from elsewhere.

Bokeh, as its figures take new arrays within milliseconds and it comes as one script; of that only the core, since
choices are the browser's own controls, which the keyboard reaches. Altair 6.3 would bring 0.9 MB of scripts for 1.3,
but its charts are compiled anew at every choice: five of them, with 4,000 points, took a median of 210 ms where these
took 57, side by side on a busy machine.
"""

import functools
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, CustomJS, HoverTool, Plot
from bokeh.plotting import figure
from bokeh.resources import Resources

from ..claims.judge import Row
from ..files import written_whole
from ..report.claims import JACOBIANS

HERE = Path(__file__).parent

ROOM, LITTLE_ROOM = 4_500_000, 420_000
"""Bytes of contents: with Bokeh's script of 1.3 MB a page stays below 6 MB, or, inside of a report, below 1.8 MB."""

IDENTITY = re.compile(r'"p\d+"')
"""As Bokeh gives them to its objects."""

TRAIN, SHOWN, CHOSEN = "#666666", "#b2182b", "#2166ac"
"""Colours of D_train, of the set that is shown, and of the point that is chosen: told apart by all."""

FRAME = 2.5
"""Of the complex plane, as in the figure complex_plane."""

FIGURES = {
    "plane": ("Re λ", "Im λ"),
    "norms": ("d", "|λ|"),
    "angles": ("d", "|Arg λ| / π"),
    "reversed": ("d", "share of reversed points"),
    "difference": ("d", "‖λ_I − λ_L‖² / d"),
}
"""Each by its place in the page, with its axes."""


PLACES = {
    "1": "difference",
    "2": "norms",
    "3": "norms",
    "4": "norms",
    "5": "reversed",
    "6": "angles",
    "reconstructions": "gallery",
}
"""Where the page shows what a figure of the paper does."""


def write_explorer(path: Path, title: str, contents: dict[str, Any], tables: dict[str, list[Row]]) -> None:
    """Write the page, whole or not at all.

    Parameters
    ----------
    path : Path
        File to make.
    title : str
        Plain text.
    contents : dict
        By contents.contents_of.
    tables : dict[str, list[Row]]
        Claims of a study by title, as claims.judge has them; may be empty.
    """
    figures = {name: _renumbered(json.dumps(json_item(make(), ID(name))), name) for name, make in MAKERS.items()}
    parts = {
        "title": escape(title),
        "bokeh": Resources("inline", components=["bokeh"], minified=True).render_js(),
        "style": (HERE / "explorer.css").read_text(encoding="utf-8"),
        "script": (HERE / "explorer.js").read_text(encoding="utf-8"),
        "contents": _script(json.dumps(contents, separators=(",", ":"))),
        "figures": _script("{" + ",".join(f'"{name}":{each}' for name, each in figures.items()) + "}"),
        "tables": "".join(_table(head, rows) for head, rows in tables.items()),
    }
    text = (HERE / "explorer.html").read_text(encoding="utf-8")
    for name, filled in parts.items():
        text = text.replace(f"<!-- {name} -->", filled)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def _renumbered(item: str, name: str) -> str:
    """With identities by their order in the figure: Bokeh's count on through the life of a process."""
    order = {each: f'"{name}-{i}"' for i, each in enumerate(dict.fromkeys(IDENTITY.findall(item)))}
    return IDENTITY.sub(lambda found: order[found[0]], item)


def _script(text: str) -> str:
    """JSON inside a script element, which only "</" could end."""
    return text.replace("</", "<\\/")


def _table(head: str, rows: list[Row]) -> str:
    lines = "".join(
        f"<tr><td>{escape(row['claim'])}</td><td>{JACOBIANS[row['jacobian']]}</td><td>{_linked(row)}</td>"
        f"<td class='{row['grade'].replace(' ', '-')}'>{escape(row['grade'])}</td></tr>"
        for row in rows
    )
    return (
        f"<h2>{escape(head)}</h2><table><thead><tr><th>claim</th><th>of</th><th>the paper says</th><th>verdict</th>"
        f"</tr></thead><tbody>{lines}</tbody></table>"
    )


def _linked(row: Row) -> str:
    """A claim, as a link to the picture that shows it, where the page has one."""
    place = PLACES.get(row["figure"])
    says = escape(row["says"])
    return f"<a href='#{place}'>{says}</a>" if place else says


def _figure(name: str, **options: Any) -> figure:
    x, y = FIGURES[name]
    made = figure(
        x_axis_label=x,
        y_axis_label=y,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,box_zoom,reset",
        toolbar_location="above",
        **options,
    )
    made.toolbar.logo = None
    made.toolbar.active_scroll = None
    made.name = name
    return made


def _plane() -> Plot:
    made = _figure("plane", aspect_ratio=0.95, max_width=560, x_range=(-FRAME, FRAME), y_range=(-FRAME, FRAME))
    turn = np.linspace(0, 2 * np.pi, 121)
    made.line(np.cos(turn).tolist(), np.sin(turn).tolist(), line_color="#999999")
    for name, color, size, alpha in (("train", TRAIN, 4, 0.35), ("shown", SHOWN, 5, 0.6), ("chosen", CHOSEN, 10, 1.0)):
        source = ColumnDataSource({"x": [], "y": [], "point": []}, name=name)
        more = {"fill_color": None, "line_width": 2} if name == "chosen" else {"fill_color": color}
        marks = made.scatter("x", "y", source=source, size=size, line_color=color, alpha=alpha, name=name, **more)
        if name == "shown":
            callback = CustomJS(code="if (cb_data.index.indices.length) explorer.point(cb_data.index.indices[0])")
            made.add_tools(HoverTool(renderers=[marks], tooltips=None, callback=callback))
    return made


def _against_d(name: str) -> Plot:
    made = _figure(name, height=260, y_axis_type="log" if name in ("norms", "difference") else "linear")
    for of, color in (("train", TRAIN), ("shown", SHOWN)):
        columns: dict[str, list[float]] = {each: [] for each in ("d", "low", "lower", "middle", "upper", "high")}
        source = ColumnDataSource(columns, name=of)
        made.varea("d", "lower", "upper", source=source, fill_color=color, fill_alpha=0.25)
        made.line("d", "middle", source=source, line_color=color, line_width=2)
        for end in ("low", "high"):
            made.line("d", end, source=source, line_color=color, line_width=1, line_dash="dotted")
        made.scatter("d", "middle", source=source, color=color, size=5, marker="circle" if of == "train" else "square")
    return made


MAKERS = {"plane": _plane} | {name: functools.partial(_against_d, name) for name in FIGURES if name != "plane"}
