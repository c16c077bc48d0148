"""Figure 2: arithmetic and geometric mean of the eigenvalues' norms."""

from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style


@style.paper()
def draw(study: Summary) -> Figure:
    """Means of |λ| against d for every set: the arithmetic above, the geometric below, J_I left, J_L right.

    The geometric mean is that of the non-zero eigenvalues. The thin line is |λ| = 1; the rest as in lines_of_sets.
    """
    names = {"mean_abs": r"arithmetic mean of $|\lambda|$", "geometric_mean": r"geometric mean of $|\lambda|$"}
    figure, axes = panels.panels_by_jacobian(list(names.values()), height=5.6)
    for row, name in zip(axes, names, strict=True):
        for ax, jacobian in zip(row, style.JACOBIANS, strict=True):
            panels.lines_of_sets(ax, name, jacobian, study)
            ax.axhline(1, **style.REFERENCE)
        panels.log_axis(row[0])
        panels.labels_of_sets(row[1], name, "latent", study)
    panels.legend_of_sets(figure, study)
    return figure
