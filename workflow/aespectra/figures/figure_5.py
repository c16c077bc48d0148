"""Figure 5: where orientation is reversed."""

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..summary.file import Summary
from . import panels, style


@style.paper()
def draw(study: Summary) -> Figure:
    """Share of points that reverse orientation against d, for every set; J_I left, J_L right.

    Below, the points where an eigenvalue is zero up to rounding: there the sign of the product of eigenvalues means
    nothing. Above, of all others, those where it is negative, unless they are too few. The thin line is one half, a
    coin's; the rest as in lines_of_sets.
    """
    names = {"reversed_share": "orientation reversed", "undefined_share": "undefined"}
    figure, axes = panels.panels_by_jacobian(list(names.values()), height=4.6, height_ratios=[2.5, 1])
    for row, name in zip(axes, names, strict=True):
        for ax, jacobian in zip(row, style.JACOBIANS, strict=True):
            panels.lines_of_sets(ax, name, jacobian, study)
        row[0].set_ylim(-0.04, 1.04)
        row[0].yaxis.set_major_formatter(PercentFormatter(1))
    for ax in axes[0]:
        ax.axhline(0.5, **style.REFERENCE)
    panels.labels_of_sets(axes[0, 1], "reversed_share", "latent", study)
    panels.legend_of_sets(figure, study)
    return figure
