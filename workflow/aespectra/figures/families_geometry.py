"""Figures 2, 4 and 5 with families side by side: what their Jacobians do in and out of distribution."""

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..summary.file import of_family
from ..summary.prior_study import PriorStudy
from . import families, panels, style

LABELS = {
    "mean_abs": r"arithmetic mean of $|\lambda|$",
    "geometric_mean": r"geometric mean of $|\lambda|$",
    "log_abs_std": r"standard deviation of $\ln|\lambda|$",
    "reversed_share": "orientation reversed",
    "undefined_share": "undefined",
}


@style.paper()
def draw(study: PriorStudy, statistics: list[str], representatives: dict[str, str]) -> Figure:
    """Statistics of the eigenvalues of J_I against d, a row each, a column a set, a line each network's seed.

    The thin lines are |λ| = 1, and one half, a coin's. A flow changes no Jacobian: its lines would be the plain
    autoencoder's.
    """
    looks = families.family_looks(study)
    flows = study.of_kind("flow")
    names = [name for name in study.families if name not in flows]
    titles = panels.titles_of_sets(of_family(study.summary, next(iter(study.families))), representatives)
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 2.1 * len(statistics) + 0.9), layout="constrained")
    axes = figure.subplots(len(statistics), len(titles), sharex=True, sharey="row", squeeze=False)
    for row, name in zip(axes, statistics, strict=True):
        for ax, dataset in zip(row, titles, strict=True):
            of_set = study.summary.by_seed[name].sel(dataset=dataset, jacobian="input")
            families.lines_of_families(ax, {family: of_set.sel(family=family) for family in names}, looks)
            if name.endswith("mean") or name == "mean_abs":
                ax.axhline(1, **style.REFERENCE)
        if name.endswith("share"):
            row[0].set_ylim(-0.04, 1.04)
            row[0].yaxis.set_major_formatter(PercentFormatter(1))
            for ax in row:
                ax.axhline(0.5, **style.REFERENCE)
        elif name != "log_abs_std":
            panels.log_axis(row[0])
        row[0].set_ylabel(LABELS[name])
    for ax, title in zip(axes[0], titles.values(), strict=True):
        ax.set_title(title.replace(": ", ":\n"), linespacing=style.LINE_SPACING)
    for ax in axes[-1]:
        ax.set_xlabel("$d$")
    families.legend_of_families(figure, looks, names)
    return figure
