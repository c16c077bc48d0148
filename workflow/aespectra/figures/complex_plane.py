"""Densities of the eigenvalues of J_I in the complex plane; beside the paper's figures."""

import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from ..summary.file import Summary, variable_of
from ..summary.statistics import PLANE_BINS, PLANE_EXTENT
from . import panels, style

JACOBIAN = "input"

COLUMNS = 4
"""Latent dimensions shown where none of those asked for belongs to the study."""

COLORMAP = "viridis"

LABEL = 14
"""Characters in a line of the label of a row."""


@style.paper()
def draw(study: Summary, representatives: dict[str, str], latent_dims: list[int]) -> Figure:
    """Share of the eigenvalues of J_I in squares of the complex plane, all seeds pooled but dead bottlenecks.

    Rows are four sets, columns latent dimensions. Eigenvalues come in conjugate pairs, so the lower half mirrors the
    upper one. The circle is |λ| = 1; the title of a panel says how many eigenvalues lie outside its frame.
    """
    titles = panels.titles_of_sets(study, representatives)
    return planes({title: study.pooled.sel(dataset=name) for name, title in titles.items()}, latent_dims)


def planes(rows: dict[str, xr.Dataset], latent_dims: list[int]) -> Figure:
    """Such a figure of rows by their titles, each of one set, with the latent dimensions of ``latent_dims`` it has."""
    columns = _columns(next(iter(rows.values()))["latent_dim"].values.tolist(), latent_dims)
    cells = [each.sel(jacobian=JACOBIAN, latent_dim=columns) for each in rows.values()]
    shares = np.stack([_shares(each) for each in cells])
    norm = _norm(shares)

    width = min(style.DOUBLE_COLUMN, 1.2 + 1.5 * len(columns))
    figure = Figure(figsize=(width, 0.3 + 1.53 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), len(columns), sharex=True, sharey=True, squeeze=False)
    for place, ax in np.ndenumerate(axes):
        ax.set_title(f"$d$ = {columns[place[1]]}", loc="left")
        outside = float(cells[place[0]]["plane_outside_share"][place[1]])
        ax.set_title(f"{100 * outside:.2g}% outside", loc="right", fontsize=7).set_gid(style.DETAIL)
        _plane(ax, shares[place], norm)
        without = cells[place[0]]["without"].values[place[1]]
        if without:
            ax.text(0.03, 0.04, f"without seed {without}", transform=ax.transAxes, fontsize=7)
    for ax, title in zip(axes[:, 0], rows, strict=True):
        ax.set_ylabel(_narrow(title) + r"$\mathrm{Im}\,\lambda$", linespacing=style.LINE_SPACING)
    for ax in axes[-1]:
        ax.set_xlabel(r"$\mathrm{Re}\,\lambda$")
    colors = ScalarMappable(norm, COLORMAP)
    which, side = style.JACOBIANS[JACOBIAN].label, PLANE_EXTENT / PLANE_BINS
    label = f"share of the eigenvalues of {which} in a square of side {side:g}"
    figure.colorbar(colors, ax=axes, shrink=0.7, aspect=40, label=label)
    return figure


def _narrow(title: str) -> str:
    """As high as a panel at most, in lines."""
    parts = title.replace(": ", ":\n").split("\n")
    lines = [line for part in parts for line in textwrap.wrap(part, LABEL, break_long_words=False)]
    return "".join(f"{line}\n" for line in lines)


def _columns(latent_dims: list[int], asked: list[int]) -> list[int]:
    """Those asked for that the study has; where it has none of them, some of its own at even distances."""
    shown = [d for d in asked if d in latent_dims]
    if shown:
        return shown
    places = np.linspace(0, len(latent_dims) - 1, min(COLUMNS, len(latent_dims))).round().astype(int)
    return [latent_dims[place] for place in places]


def _shares(cells: xr.Dataset) -> np.ndarray:
    """(latent_dim, Im, Re) share of all eigenvalues, in both halves of the plane."""
    counts = variable_of(cells, "plane_density").transpose("latent_dim", "plane_imag", "plane_real")
    inside = 1 - cells["plane_outside_share"]
    total = counts.sum(["plane_imag", "plane_real"])
    share = (counts * inside / total.where(total > 0)).fillna(0).values
    # a conjugate pair was counted twice in the upper half, and real eigenvalues lie on the border of both
    return np.concatenate([share[:, ::-1], share], axis=1) / 2


def _norm(shares: np.ndarray) -> LogNorm:
    drawn = shares[shares > 0]
    return LogNorm(drawn.min(), drawn.max()) if drawn.size else LogNorm(1e-6, 1)


def _plane(ax: Axes, share: np.ndarray, norm: LogNorm) -> None:
    extent = (-PLANE_EXTENT, PLANE_EXTENT, -PLANE_EXTENT, PLANE_EXTENT)
    empty_is_white = np.ma.masked_equal(share, 0)
    ax.imshow(empty_is_white, norm=norm, cmap=COLORMAP, extent=extent, origin="lower", interpolation="none")
    ax.add_patch(Circle((0, 0), 1, fill=False, edgecolor="black", linewidth=0.5))
    ax.set_xticks([-2, 0, 2])
    ax.set_yticks([-2, 0, 2])
