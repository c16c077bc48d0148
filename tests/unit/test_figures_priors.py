"""Figures of families side by side."""

import numpy as np
import pytest
import xarray as xr
from aespectra.figures import (
    families_geometry,
    latent_agreement,
    latent_planes,
    latent_price,
    latent_radii,
    sample_grids,
    sample_quality,
)

from .prior_study import FAMILIES, SEEDS, make

pytestmark = pytest.mark.long  # figures are drawn

DRAWN = {
    "latent_planes": lambda study: latent_planes.draw(study),
    "latent_radii": lambda study: latent_radii.draw(study),
    "latent_agreement": lambda study: latent_agreement.draw(study),
    "latent_price": lambda study: latent_price.draw(study),
    "sample_quality": lambda study: sample_quality.draw(study),
    "sample_grids": lambda study: sample_grids.draw(study, latent_dim=4),
    "families_geometry": lambda study: families_geometry.draw(
        study, ["mean_abs", "log_abs_std", "reversed_share"], {"dark": "dark", "bright": "bright"}
    ),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("seeds", [[0], SEEDS])
def test_figures_are_drawn_the_same_again(name, seeds, tmp_path):
    from aespectra.figures.style import save

    study = make(True, seeds=seeds)
    written = []
    for attempt in range(2):
        for suffix in ("png", "svg"):
            save(DRAWN[name](study), tmp_path / f"{attempt}.{suffix}")
        written.append([(tmp_path / f"{attempt}.{suffix}").read_bytes() for suffix in ("png", "svg")])
    assert written[0] == written[1]


def test_every_line_of_a_figure_is_of_one_network():
    """No line goes through what lies between two seeds."""
    study = make(True)
    values = study.samples["score"].sel(source="prior", measure="frechet")
    values += xr.DataArray(SEEDS, {"seed": SEEDS})
    figure = sample_quality.draw(study)
    drawn = {tuple(np.round(line.get_ydata(), 6)) for line in figure.axes[0].lines if len(line.get_xdata()) == 3}
    networks = {
        tuple(np.round(values.sel(family=name, seed=seed).values, 6))
        for name in FAMILIES
        for seed in SEEDS
        if name != "flow"
    }
    assert networks <= drawn
    assert len(drawn - networks) <= len(SEEDS)  # those of the flow
    kinds = {family["kind"] for family in FAMILIES.values()}
    assert len({line.get_color() for line in figure.axes[0].lines if len(line.get_xdata()) == 3}) == len(kinds)


def test_bins_of_norms_are_as_fine_as_there_are_images_for():
    few = make(True)
    many = few._replace(samples=few.samples.assign(radius_count=few.samples["radius_count"] * 100))
    assert {len(line.get_xdata()) for line in latent_radii.draw(few).axes[0].lines} == {10}
    assert {len(line.get_xdata()) for line in latent_radii.draw(many).axes[0].lines} == {30}


def test_curves_of_norms_hold_the_share_that_they_show():
    study = make(True)
    beyond = study.samples["radius_count"].copy()
    beyond.loc[{"family": "autoencoder"}] //= 2
    beyond.loc[{"family": "autoencoder", "radius": beyond["radius"][-15:]}] = 0
    lines = latent_radii.draw(study._replace(samples=study.samples.assign(radius_count=beyond))).axes[0].lines
    areas = {round(float(line.get_ydata().sum() * np.diff(line.get_xdata())[0]), 3) for line in lines}
    assert areas == {1.0, 0.25}
