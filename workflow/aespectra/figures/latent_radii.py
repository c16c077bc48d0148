"""Distributions of the norms of latents beside that of N(0, I)."""

from matplotlib.figure import Figure
from scipy.stats import chi

from ..summary.prior_study import PriorStudy
from . import families, panels, style

FINE = 5_000
"""Images from which on the bins are drawn as they are; of fewer, three in one."""


@style.paper()
def draw(study: PriorStudy) -> Figure:
    """Densities of ‖z‖/√d of held-out images, a panel each d, a line each seed; gray: of N(0, I), a χ distribution.

    z is what the decoder sees in training. Families that aim at N(0, I), and the plain autoencoder. Curves end at 3,
    beyond which norms were not counted one by one.
    """
    counts = study.samples["radius_count"]
    looks = families.family_looks(study)
    names = [*study.of_kind("autoencoder"), *study.aiming()]
    latent_dims = sorted(counts["latent_dim"].values)
    figure, axes = panels.grid_of_panels(len(latent_dims), columns=2, height=2.2)
    merged = 3 if study.held_out < FINE else 1
    radius = counts["radius"].values.reshape(-1, merged).mean(axis=1)
    width = radius[1] - radius[0]
    for ax, d in zip(axes, latent_dims, strict=True):
        ax.fill_between(radius, chi(d, scale=d**-0.5).pdf(radius), color="0.85", linewidth=0)
        for name in names:
            found = counts.sel(family=name, latent_dim=d, view=study.seen(name)).transpose("radius", "seed").values
            density = found.reshape(len(radius), merged, -1).sum(axis=1) / (study.held_out * width)
            ax.plot(radius, density, color=looks[name].color, linestyle=looks[name].dashes, linewidth=0.7)
        ax.set_title(f"$d = {d}$")
        ax.set_ylim(0)
        ax.set_ylabel("density")
        ax.set_xlabel(r"$\|z\| / \sqrt{d}$")
    families.legend_of_families(
        figure, looks, names, lambda look: {"color": look.color, "linestyle": look.dashes, "linewidth": 0.9}
    )
    return figure
