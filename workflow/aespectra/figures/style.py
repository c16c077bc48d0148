"""The look of all figures: sizes, fonts, colours, labels, and the one way to save them."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text

from ..files import written_whole

DOUBLE_COLUMN = 7.0
"""Width in inches across both columns of a journal; no figure is wider."""

SETTINGS: dict[str, Any] = {
    # both fonts come with matplotlib, so that a figure looks the same everywhere
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 9,
    "figure.dpi": 300,
    "figure.titlesize": 9,
    "figure.titleweight": "normal",
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.title_fontsize": 8,
    "legend.frameon": False,
    "legend.columnspacing": 1.2,
    "legend.handletextpad": 0.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.pad": 2,
    "ytick.major.pad": 2,
    "axes.titlepad": 4,
    "axes.labelpad": 2,
    "lines.linewidth": 0.9,
    "lines.markersize": 3.6,
    "lines.markeredgewidth": 0.3,
    "pdf.fonttype": 42,
    # element ids in SVG are random without it
    "svg.hashsalt": "aespectra",
}

METADATA: dict[str, dict[str, None]] = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {}}
"""Metadata without dates, by the end of the file's name."""

MARKERS = "s^DvP<X>ph*d"

COLORMAP = "viridis"
COLORMAP_RANGE = (0.12, 0.93)
"""The part of the colormap that is neither taken for black nor lost on white."""

REFERENCE: dict[str, Any] = {"color": "0.6", "linewidth": 0.6, "zorder": 0.5}
"""Lines at a value to compare with, such as |λ| = 1."""

LINE_SPACING = 1.05
"""Of labels of two lines: the font's own is wide."""


DETAIL = "detail"
"""Group of what stands in a paper and is left out of a talk."""

SLIDE = (10.0, 5.625)
"""Width and height in inches of a figure for a talk, 16:9."""

TALK_TYPE, TALK_LINES = 1.5, 1.6
"""How much larger its letters and markers are, and how much thicker its lines, than in a paper."""

TALK_COLUMNS = 4
"""Of its legends."""


class JacobianLook(NamedTuple):
    label: str
    color: str
    tint: str


JACOBIANS = {
    "input": JacobianLook("$J_I$", color="#2166ac", tint="#a9c9e6"),
    "latent": JacobianLook("$J_L$", color="#b2182b", tint="#f0a8a0"),
}
"""The two Jacobians by their label in the summary."""


class DatasetLook(NamedTuple):
    label: str
    color: str
    marker: str
    linewidth: float = 0.9
    zorder: float = 2.0


@contextlib.contextmanager
def paper() -> Iterator[None]:
    """Matplotlib's settings for all figures; also a decorator, for functions that draw."""
    with mpl.rc_context(sns.axes_style("ticks") | sns.plotting_context("paper") | SETTINGS):
        yield


def dataset_looks(data: xr.Dataset) -> dict[str, DatasetLook]:
    """Label, colour and marker of every set: D_train, the first, is black, the others follow from dark to bright."""
    train, *others = data["dataset"].values.tolist()
    # sets of the same mean differ a little by chance, which should not change their order
    brightness = dict(zip(data["dataset"].values.tolist(), data["mean_pixel"].values.round(2), strict=True))
    others.sort(key=brightness.__getitem__)
    colors = mpl.colormaps[COLORMAP](np.linspace(*COLORMAP_RANGE, len(others)))
    looks = {train: DatasetLook(rf"$D_\mathrm{{train}}$ ({_escaped(train)})", "black", "o", linewidth=1.6, zorder=3.0)}
    for index, (name, color) in enumerate(zip(others, colors, strict=True)):
        looks[name] = DatasetLook(dataset_label(name), mpl.colors.to_hex(color), MARKERS[index % len(MARKERS)])
    return looks


def dataset_label(name: str) -> str:
    """The name of a set as a reader wants it: ``beta-0.8-5`` as "Beta .8, 5"."""
    label = re.sub(r"(?<=\d)-(?=\d)", ", ", name)
    label = re.sub(r"(?<![\w.])0(?=\.\d)", "", label)
    label = re.sub(r"[-_]", " ", label)
    return _escaped(label[:1].upper() + label[1:])


def legend_below(figure: Figure, handles: Sequence[Artist], columns: int) -> None:
    """A legend under all panels, where it covers no data."""
    legend = figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    for shown, handle in zip(legend.legend_handles, handles, strict=True):
        if shown is not None:
            shown.set_gid(handle.get_gid())  # which the legend's copy lacks


def styled(figure: Figure, look: str) -> Figure:
    """The figure, for a ``paper`` as it was drawn, or made one for a ``talk``: 16:9, bigger type, no DETAIL."""
    if look == "paper":
        return figure
    figure.set_size_inches(SLIDE)
    for legend in list(figure.legends):
        legend.remove()
        shown = [each for each in legend.legend_handles if each is not None and each.get_gid() != DETAIL]
        with paper():
            legend_below(figure, shown, TALK_COLUMNS)
    for artist in figure.findobj(lambda each: each.get_gid() == DETAIL):
        if isinstance(artist, Text) and not isinstance(artist, Annotation):
            artist.set_text("")  # a title that is not visible moves the others of its panel
        else:
            artist.set_visible(False)
    for line in figure.findobj(Line2D):
        line.set_linewidth(TALK_LINES * line.get_linewidth())
        line.set_markersize(TALK_TYPE * line.get_markersize())
    for text in figure.findobj(Text):
        text.set_fontsize(TALK_TYPE * float(text.get_fontsize()))
    for ax in figure.axes:
        ax.minorticks_off()
        for axis in (ax.xaxis, ax.yaxis):  # ticks that the layout adds
            axis.set_tick_params(labelsize=TALK_TYPE * SETTINGS["xtick.labelsize"])
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as pdf, png or svg, by the end of ``path``, whole or not at all; always the same bytes."""
    with paper():
        # laid out once: else every format and every further call has a layout of its own, if only in the last digits
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        with written_whole(path) as part:
            metadata = METADATA[path.suffix]
            # of a slide no edge is cut off
            box = None if tuple(figure.get_size_inches()) == SLIDE else "tight"
            figure.savefig(part, format=path.suffix[1:], bbox_inches=box, pad_inches=0.03, metadata=metadata)


def _escaped(text: str) -> str:
    """Text that holds no mathematics, whatever its characters."""
    return text.replace("$", r"\$")
