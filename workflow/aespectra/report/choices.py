"""What the choices of a training change, to read: tables of Markdown of a study whose families differ in one each."""

import numpy as np
import xarray as xr

from ..claims.judge import Row
from ..claims.terms import Terms
from ..summary.alive import for_figures
from ..summary.file import Summary
from .claims import verdicts_by_family
from .pages import markdown


def markdown_differing(rows: list[Row]) -> str:
    """Verdicts of claims that do not have the same under all families, a column each, without the last end."""
    head, *lines = verdicts_by_family(rows)
    return markdown(head, *(line for line in lines if len(set(line[3:])) > 1))


def markdown_choices(study: Summary, reconstructions: xr.Dataset, terms: Terms) -> str:
    """A line a family and latent dimension, seeds apart by commas, without the end of the last line.

    Columns: mean squared error of D_train; the share of its points at which J_I reverses orientation; the medians of
    that share over the dark, moderate and bright sets, which are those of claims 10 and 16; hidden units that are 0 at
    all training images. – where fewer than ``terms.points`` points have an orientation.

    Parameters
    ----------
    study : Summary
        Of the choices, D_train the first set.
    reconstructions : xr.Dataset
        Of the same networks: ``dead_units`` and ``relu_units``.
    terms : Terms
        Which sets are dark, which bright, and how few points are too few.
    """
    shown = for_figures(study, terms.dead, terms.points).by_seed
    pixel = shown["mean_pixel"]
    noise = pixel["dataset"] != pixel["dataset"][0]
    groups = {
        "dark": noise & (pixel < terms.dark),
        "moderate": noise & (pixel >= terms.dark) & (pixel <= terms.bright),
        "bright": noise & (pixel > terms.bright),
    }
    lines = []
    for family in shown["family"].values.tolist():
        for d in shown["latent_dim"].values.tolist():
            mine = shown.sel(family=family, latent_dim=d)
            units = reconstructions.sel(family=family, latent_dim=d)
            reversed_share = mine["reversed_share"].sel(jacobian="input")
            shares = [reversed_share.isel(dataset=0)]
            shares += [reversed_share.sel(dataset=each.values).median("dataset") for each in groups.values()]
            error = mine["reconstruction_mse_mean"].isel(dataset=0)
            cells = [_cell(error, ".4f"), *(_cell(share, ".2f") for share in shares), _cell(units["dead_units"], ".0f")]
            lines.append([family, str(d), *cells, f"{units['relu_units'].values[0]:.0f}"])
    titles = ["D_train's error", "reversed: D_train", *groups, "dead units", "of"]
    return markdown(["choice", "d", *titles], *lines)


def _cell(of_seeds: xr.DataArray, digits: str) -> str:
    return ", ".join("–" if np.isnan(each) else format(float(each), digits) for each in of_seeds.values)
