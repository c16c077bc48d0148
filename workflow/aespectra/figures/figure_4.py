"""Figure 4: spread of ln|λ|."""

from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style


@style.paper()
def draw(study: Summary) -> Figure:
    """Standard deviation of ln|λ| of the non-zero eigenvalues against d, for every set; J_I left, J_L right.

    Lines, bands and crosses as in lines_of_sets.
    """
    figure, axes = panels.panels_by_jacobian([r"standard deviation of $\ln|\lambda|$"], height=3.6)
    for ax, jacobian in zip(axes[0], style.JACOBIANS, strict=True):
        panels.lines_of_sets(ax, "log_abs_std", jacobian, study)
    axes[0, 0].set_ylim(bottom=0)
    panels.labels_of_sets(axes[0, 1], "log_abs_std", "latent", study)
    panels.legend_of_sets(figure, study)
    return figure
