"""Figure 6: angles by which the Jacobians turn."""

import numpy as np
from matplotlib.figure import Figure

from ..summary.file import Summary
from . import panels, style

TICKS = {0: "0", 1: r"$\pi/4$", 2: r"$\pi/2$", 3: r"$3\pi/4$", 4: r"$\pi$"}
"""Labels by quarters of π."""


@style.paper()
def draw(study: Summary, representatives: dict[str, str]) -> Figure:
    """Box plots of |Arg λ| against d, J_I blue and J_L red, a panel for each of four sets.

    Boxes are quartiles over the non-zero eigenvalues of all seeds, whiskers end at the last value within 1.5
    interquartile ranges of the box, dots beyond are the first and the last percentile, white dots the median of each
    seed. Strips: the share of these eigenvalues that are real, so that |Arg λ| is 0 or π.
    """
    titles = panels.titles_of_sets(study, representatives)
    figure, axes, strips = panels.panels_with_strips(list(titles.values()), r"$|\mathrm{Arg}\,\lambda|$", "real")
    for ax, strip, dataset in zip(axes, strips, titles, strict=True):
        panels.boxes(ax, "abs_arg", dataset, study)
        panels.share_by_jacobian(strip, "real_share", dataset, study)
    axes[0].set_ylim(-0.04 * np.pi, 1.04 * np.pi)
    axes[0].set_yticks([quarter * np.pi / 4 for quarter in TICKS], TICKS.values())
    panels.share_axis(strips[0])
    panels.legend_of_boxes(figure, study)
    return figure
