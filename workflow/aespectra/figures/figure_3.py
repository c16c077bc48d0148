"""Figure 3: distributions of ln|λ|."""

from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style


@style.paper()
def draw(study: Summary, representatives: dict[str, str]) -> Figure:
    """Box plots of ln|λ| against d, J_I blue and J_L red, a panel for each of four sets.

    Boxes are quartiles over the eigenvalues of all seeds, whiskers end at the last value within 1.5 interquartile
    ranges of the box, dots beyond are the first and the last percentile, white dots the median of each seed. Zeros have
    no logarithm: strips show their share.
    """
    titles = panels.titles_of_sets(study, representatives)
    figure, axes, strips = panels.panels_with_strips(list(titles.values()), r"$\ln|\lambda|$", "zeros")
    for ax, strip, dataset in zip(axes, strips, titles, strict=True):
        panels.boxes(ax, "log_abs", dataset, study)
        panels.share_by_jacobian(strip, "zero_share", dataset, study)
        ax.axhline(0, **style.REFERENCE)
    panels.share_axis(strips[0])
    panels.legend_of_boxes(figure, study)
    return figure
