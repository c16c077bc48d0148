"""The explorer's figures, by Bokeh: made without data, which the page fills in and changes with every choice."""

import functools
from typing import Any

import numpy as np
from bokeh.models import AdaptiveTicker, ColumnDataSource, CustomJS, CustomJSTickFormatter, FixedTicker, HoverTool, Plot
from bokeh.plotting import figure

TRAIN, SHOWN, CHOSEN = "#888888", "#b2182b", "#2166ac"
"""Colours of D_train, of the set that is shown, and of the point that is chosen: told apart by all, as are their
marks."""

FRAME = 2.5
"""Of the complex plane, as in the figure complex_plane."""

MANTISSAS = {"norms": (1, 3), "difference": (1,)}
"""Of the ticks of logarithmic axes: Bokeh's own may leave out all below 1 where an axis has less than two decades."""

LABEL = "return tick >= 0.01 && tick < 1000 ? String(tick) : tick.toExponential(0)"
"""Of such a tick."""

FIGURES = {
    "plane": ("Re λ", "Im λ"),
    "norms": ("d", "|λ|"),
    "angles": ("d", "|Arg λ| / π"),
    "reversed": ("d", "share of reversed points"),
    "difference": ("d", "‖λ_I − λ_L‖² / d"),
}
"""Each by its place in the page, with its axes."""


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
    made.toolbar.active_scroll = made.toolbar.active_drag = None  # a finger that drags moves the page
    made.name = name
    return made


def _plane() -> Plot:
    made = _figure("plane", aspect_ratio=0.95, max_width=560, x_range=(-FRAME, FRAME), y_range=(-FRAME, FRAME))
    turn = np.linspace(0, 2 * np.pi, 121)
    made.line(np.cos(turn).tolist(), np.sin(turn).tolist(), line_color="#999999")
    looks: dict[str, dict[str, Any]] = {
        "train": {"marker": "x", "size": 7, "alpha": 0.8, "color": TRAIN},
        "shown": {"marker": "circle", "size": 5, "alpha": 0.6, "color": SHOWN},
        "chosen": {"marker": "circle", "size": 10, "line_color": CHOSEN, "fill_color": None, "line_width": 2},
    }
    for name, look in looks.items():
        source = ColumnDataSource({"x": [], "y": [], "point": []}, name=name)
        marks = made.scatter("x", "y", source=source, name=name, **look)
        if name == "shown":
            callback = CustomJS(code="explorer.point(cb_data.index.indices[0], cb_data.geometry)")
            made.add_tools(HoverTool(renderers=[marks], tooltips=None, callback=callback))
    return made


def _against_d(name: str) -> Plot:
    mantissas = MANTISSAS.get(name, ())
    made = _figure(name, height=260, y_axis_type="log" if mantissas else "linear")
    if mantissas:
        ticks = [float(f"{mantissa}e{exponent}") for exponent in range(-9, 10) for mantissa in mantissas]
        made.yaxis.ticker, made.yaxis.formatter = FixedTicker(ticks=ticks), CustomJSTickFormatter(code=LABEL)
    made.xaxis.ticker = AdaptiveTicker(mantissas=[1, 2, 5], min_interval=1)
    for of, color in (("train", TRAIN), ("shown", SHOWN)):
        # a value at the start, as Bokeh warns of logarithmic axes without any
        columns: dict[str, list[float]] = {each: [1] for each in ("d", "low", "lower", "middle", "upper", "high")}
        source = ColumnDataSource(columns, name=of)
        made.varea("d", "lower", "upper", source=source, fill_color=color, fill_alpha=0.25)
        made.line("d", "middle", source=source, line_color=color, line_width=2)
        for end in ("low", "high"):
            made.line("d", end, source=source, line_color=color, line_width=1, line_dash="dotted")
        made.scatter("d", "middle", source=source, color=color, size=7, marker="x" if of == "train" else "circle")
    return made


MAKERS = {"plane": _plane} | {name: functools.partial(_against_d, name) for name in FIGURES if name != "plane"}
