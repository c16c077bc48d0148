"""What several figures of families beside each other share: one colour a kind, and dashes for its further variants."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, NamedTuple

import matplotlib as mpl
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..summary.prior_study import PriorStudy
from . import panels, style

MARKERS = "osDv^P<X>p"
DASHES = ["-", (0, (4, 1.5)), (0, (1.5, 1)), (0, (4, 1, 1, 1))]

FILLS = ["full", "none", "left", "top"]
"""Of lines and of markers, for the first, second, … family of a kind."""


class FamilyLook(NamedTuple):
    label: str
    color: str
    marker: str
    dashes: object
    fill: str


def family_looks(study: PriorStudy) -> dict[str, FamilyLook]:
    """Label, colour, marker and dashes of every family of a study; the plain autoencoder is black."""
    kinds = dict.fromkeys(family["kind"] for family in study.families.values())
    palette = iter(sns.color_palette("colorblind", len(kinds)))
    colors = {kind: "black" if kind == "autoencoder" else mpl.colors.to_hex(next(palette)) for kind in kinds}
    markers = dict(zip(kinds, MARKERS * 2, strict=False))
    nth = {kind: count() for kind in kinds}
    looks = {}
    for name, family in study.families.items():
        kind, place = family["kind"], next(nth[family["kind"]]) % len(DASHES)
        looks[name] = FamilyLook(name.replace("$", r"\$"), colors[kind], markers[kind], DASHES[place], FILLS[place])
    return looks


def lines_of_families(ax: Axes, values: dict[str, xr.DataArray], looks: dict[str, FamilyLook]) -> None:
    """Values (latent_dim, seed) against d, a line each network's seed: what lies between them is of no network."""
    for name, of_family in values.items():
        look, ordered = looks[name], of_family.sortby("latent_dim").transpose("latent_dim", "seed")
        latent_dims = ordered["latent_dim"].values
        ax.plot(latent_dims, ordered.values, linewidth=0.7, **_line(look))
    panels.latent_dim_axis(ax, latent_dims)


def legend_of_families(
    figure: Figure, looks: dict[str, FamilyLook], names: Iterable[str], what: Callable[[FamilyLook], dict] | None = None
) -> None:
    """Below all panels, of lines, or of what else each family is drawn as."""
    handles = [Line2D([], [], label=looks[name].label, **(what or _line)(looks[name])) for name in names]
    style.legend_below(figure, handles, columns=5)


def point(look: FamilyLook) -> dict[str, Any]:
    """How a network of the family is drawn that stands by itself."""
    return {
        "color": look.color,
        "linestyle": "none",
        "marker": look.marker,
        "fillstyle": look.fill,
        "markerfacecoloralt": "white",
        "markeredgecolor": look.color,
    }


def _line(look: FamilyLook) -> dict[str, Any]:
    return point(look) | {"linestyle": look.dashes}
