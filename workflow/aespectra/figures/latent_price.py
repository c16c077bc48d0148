"""What agreement with the prior costs in reconstruction: a point each network."""

import numpy as np
from matplotlib.figure import Figure

from ..summary.prior_study import PriorStudy
from . import families, panels, style


@style.paper()
def draw(study: PriorStudy) -> Figure:
    """Sliced W² of latents from N(0, I) against the reconstruction error, both of held-out images; a panel each d.

    The error is that over the plain autoencoder's of the same seed. Gray: the range of 95 % of true samples of N(0, I).
    Families that aim at N(0, I), and the plain autoencoder.
    """
    looks = families.family_looks(study)
    plain = study.of_kind("autoencoder")
    names = [*plain, *study.aiming()]
    errors = study.samples["reconstruction_error"]
    base = errors.sel(family=plain[0]) if plain else 1
    latent_dims = sorted(errors["latent_dim"].values)
    figure, axes = panels.grid_of_panels(len(latent_dims), columns=2, height=2.3)
    for ax, d in zip(axes, latent_dims, strict=True):
        for name in names:
            distance = study.measured("sliced_wasserstein", name).sel(latent_dim=d)
            error = (errors.sel(family=name) / base).sel(latent_dim=d).sel(seed=distance["seed"])
            ax.plot(*np.broadcast_arrays(distance["value"].values, error.values), **families.point(looks[name]))
        ax.axvspan(*(float(distance[end][0]) for end in ("prior_low", "prior_high")), color="0.85", linewidth=0)
        ax.set_xscale("log")
        ax.set_title(f"$d = {d}$")
        ax.set_xlabel(r"sliced $W^2$ from $N(0, I)$")
        ax.set_ylabel("reconstruction error" + (" / plain" if plain else ""))
    families.legend_of_families(figure, looks, names, families.point)
    return figure
