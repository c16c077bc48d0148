"""What the choices of a training change, to read: tables of Markdown of a study whose families differ in one each."""

import pandas as pd
import xarray as xr

from ..claims.judge import Row
from ..claims.terms import Terms
from .claims import verdicts_by_family
from .pages import markdown


def markdown_differing(rows: list[Row]) -> str:
    """Verdicts of claims that do not have the same under all families, a column each, without the last end."""
    head, *lines = verdicts_by_family(rows)
    return markdown(head, *(line for line in lines if len(set(line[3:])) > 1))


def markdown_choices(statistics: pd.DataFrame, reconstructions: xr.Dataset, terms: Terms) -> str:
    """A line a family and latent dimension, seeds apart by commas, without the end of the last line.

    Columns: mean squared error of D_train; the share of its points at which J_I reverses orientation; the medians of
    that share over the dark, moderate and bright sets, which are those of claims 10 and 16; hidden units that are 0 at
    all training images. – where fewer than ``terms.points`` points have an orientation.

    Parameters
    ----------
    statistics : pd.DataFrame
        Of the choices, as summary.table writes them; D_train is the first set.
    reconstructions : xr.Dataset
        Of the same networks: ``dead_units`` and ``relu_units``.
    terms : Terms
        Which sets are dark, which bright, and how few points are too few.
    """
    of_input, lines = statistics[statistics["jacobian"] == "input"], []
    for (family, d), mine in of_input.groupby(["family", "latent_dim"], sort=False):
        of_seeds = [_of_network(each, terms) for _, each in mine.groupby("seed")]
        units = reconstructions.sel(family=family, latent_dim=d)
        dead = ", ".join(f"{each:.0f}" for each in units["dead_units"].values)
        columns = (", ".join(each) for each in zip(*of_seeds, strict=True))
        lines.append([family, str(d), *columns, dead, f"{units['relu_units'].values[0]:.0f}"])
    titles = ["D_train's error", "reversed: D_train", "dark", "moderate", "bright", "dead units", "of"]
    return markdown(["choice", "d", *titles], *lines)


def _of_network(sets: pd.DataFrame, terms: Terms) -> list[str]:
    """Cells of one network, of whose sets each has a line."""
    known = sets["samples"] * (1 - sets["undefined_share"]) >= terms.points
    shares, pixel = sets["reversed_share"].where(known), sets["mean_pixel"].iloc[1:]
    groups = (pixel < terms.dark, pixel.between(terms.dark, terms.bright), pixel > terms.bright)
    of_sets = [shares.iloc[0], *(shares.iloc[1:][each].median() for each in groups)]
    return [
        f"{sets['reconstruction_mse_mean'].iloc[0]:.4f}",
        *("–" if pd.isna(share) else f"{share:.2f}" for share in of_sets),
    ]
