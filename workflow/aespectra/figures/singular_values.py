"""Distributions of ln σ, the logarithms of the singular values: figure 3 of what the Jacobians do to lengths."""

from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style


@style.paper()
def draw(study: Summary, representatives: dict[str, str]) -> Figure:
    """Box plots of ln σ against d, J_I blue and J_L red, a panel for each of four sets.

    Of J_I the d singular values that may differ from zero. Boxes, whiskers, dots and strips are those of figure 3.
    """
    titles = panels.titles_of_sets(study, representatives)
    figure, axes, strips = panels.panels_with_strips(list(titles.values()), r"$\ln\sigma$", "zeros")
    for ax, strip, dataset in zip(axes, strips, titles, strict=True):
        panels.boxes(ax, "log_singular", dataset, study)
        panels.share_by_jacobian(strip, "singular_zero_share", dataset, study)
        ax.axhline(0, **style.REFERENCE)
    panels.share_axis(strips[0])
    panels.legend_of_boxes(figure, study)
    return figure
