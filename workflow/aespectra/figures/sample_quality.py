"""How good decoded samples of the prior are, against d."""

from matplotlib.figure import Figure

from ..summary.prior_study import PriorStudy
from . import families, panels, style

MEASURES = {
    "frechet": "Fréchet distance",
    "precision": "precision",
    "coverage": "coverage",
    "recall": "recall",
    "memorisation": "memorisation",
    "sharpness": "power at high frequencies",
}
"""Shown, row by row, with their labels."""


@style.paper()
def draw(study: PriorStudy) -> Figure:
    """Scores of samples from the prior of each family, and of the flow's own samples, a line each seed.

    In the features of the study's classifier, against held-out images. The thin line: as many training images.
    """
    looks = families.family_looks(study)
    scores = study.samples["score"]
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 7.6), layout="constrained")
    axes = figure.subplots(3, 2)
    for ax, (measure, label) in zip(axes.flat, MEASURES.items(), strict=True):
        values = {
            name: scores.sel(
                family=name, measure=measure, source="flow" if study.families[name]["kind"] == "flow" else "prior"
            )
            for name in study.families
        }
        families.lines_of_families(ax, values, looks)
        ax.axhline(float(study.samples["score_of_images"].sel(measure=measure)), **style.REFERENCE)
        if measure in ("frechet", "sharpness"):
            panels.log_axis(ax)
        ax.set_ylabel(label)
        ax.set_xlabel("$d$")
    families.legend_of_families(figure, looks, study.families)
    return figure
