"""How well latents agree with N(0, I), against d, beside true samples."""

import xarray as xr
from matplotlib.figure import Figure

from ..summary.prior_study import PriorStudy
from . import families, panels, style

MEASURES = {
    "sliced_wasserstein": r"sliced $W^2$",
    "energy": "energy distance",
    "coordinate_ks": "K-S distance of coordinates",
    "radius_ks": "K-S distance of norms",
    "mardia_skewness": "Mardia's skewness",
    "total_variance": "total variance",
}
"""Shown, row by row, with their labels."""


@style.paper()
def draw(study: PriorStudy) -> Figure:
    """Six measures of held-out latents, a line each seed; gray: the range of 95 % of true samples of the same size.

    z is what the decoder sees in training. Families that aim at N(0, I), and the plain autoencoder. Where a line lies
    in the gray no sample of this size could tell the latents from the prior by this measure.
    """
    looks = families.family_looks(study)
    names = [*study.of_kind("autoencoder"), *study.aiming()]
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 7.2), layout="constrained")
    axes = figure.subplots(3, 2)
    for ax, (measure, label) in zip(axes.flat, MEASURES.items(), strict=True):
        found = {name: study.measured(measure, name) for name in names}
        prior: xr.Dataset = found[names[0]].isel(seed=0).sortby("latent_dim")
        ax.fill_between(prior["latent_dim"].values, prior["prior_low"], prior["prior_high"], color="0.8", linewidth=0)
        families.lines_of_families(ax, {name: each["value"] for name, each in found.items()}, looks)
        panels.log_axis(ax)
        ax.set_ylabel(label)
        ax.set_xlabel("$d$")
    families.legend_of_families(figure, looks, names)
    return figure
