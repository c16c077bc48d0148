"""What was supposed of Gaussian latents, and what was measured, to read: as a page, as tables of Markdown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from .pages import markdown, table, write_page


def write_priors_page(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of ``claims.judge_priors.judge_priors`` as a page."""
    shown = [_readable(row) for row in rows]
    write_page(path, "What was supposed of Gaussian latents", table(list(shown[0]), *(each.values() for each in shown)))


def markdown_statements(rows: Sequence[dict[str, Any]]) -> str:
    """The same rows as a table of Markdown, without the end of the last line."""
    shown = [_readable(row) for row in rows]
    columns = [name for name in shown[0] if name != "why"]
    return markdown(columns, *([each[name] for name in columns] for each in shown))


def markdown_agreement(rows: pd.DataFrame) -> str:
    """Sliced W² of latents from the family's prior, and of true samples from N(0, I).

    Of the table of ``summary.agreement``: a line a family, a column a latent dimension, seeds apart by commas, without
    the end of the last line. Latents are what the decoder sees in training, of a flow what it makes of them.
    """
    rows = rows[rows["measure"] == "sliced_wasserstein"]
    place = rows["points"].map(["z", "draw", "normal"].index)
    seen = rows[place == place.groupby(rows["family"]).transform("max")]
    true = rows[rows["prior"] == "gaussian"].groupby("latent_dim", as_index=False)["prior_mean"].first()
    true = true.rename(columns={"prior_mean": "value"}).assign(family="true samples")
    return _over_d("sliced W²", pd.concat([seen, true]), "{:.2g}")


def markdown_errors(samples: xr.Dataset) -> str:
    """‖y − x‖² of held-out images, in the same form, of ``samples_of_study.write_samples_of_study``."""
    return _over_d("‖y − x‖²", _rows(samples["reconstruction_error"]), "{:.1f}")


def markdown_from_prior(samples: xr.Dataset) -> str:
    """Fréchet distance of samples decoded from the family's prior, in the same form."""
    return _over_d("Fréchet, z from the prior", _rows(_frechet(samples).sel(source="prior")), "{:.0f}")


def markdown_from_fitted(samples: xr.Dataset) -> str:
    """Of samples decoded from what was fitted to training latents: the flow where there is one, else the mixture."""
    of_flow = _frechet(samples).sel(source="flow")
    return _over_d("Fréchet, z fitted", _rows(of_flow.fillna(_frechet(samples).sel(source="mixture"))), "{:.0f}")


def _frechet(samples: xr.Dataset) -> xr.DataArray:
    return samples["score"].sel(measure="frechet")


def _rows(values: xr.DataArray) -> pd.DataFrame:
    return values.to_dataframe(name="value").reset_index()


def _over_d(title: str, rows: pd.DataFrame, form: str) -> str:
    """Of the columns family, latent_dim and value, seeds in their order."""
    dims = sorted(rows["latent_dim"].unique())
    lines = []
    for family, mine in rows.groupby("family", sort=False):
        cells = [", ".join(map(form.format, mine["value"][mine["latent_dim"] == d])) for d in dims]
        lines.append([str(family), *cells])
    return markdown([title, *(f"d = {d}" for d in dims)], *lines)


def _readable(row: dict[str, Any]) -> dict[str, str]:
    """A row of the table as text, numbers rounded; none where there is no cell."""
    numbers = {"median": row["median"], "from": row["low"], "to": row["high"]}
    return {
        "statement": row["statement"],
        "supposed": row["says"],
        "verdict": row["grade"],
        "measured": f"{row['statistic']} ({row['cells']})",
        **{name: f"{value:.3g}" if row["n"] else "" for name, value in numbers.items()},
        "each cell": row["bound"],
        "met in": f"{round(row['share'] * row['n'])} of {row['n']:g}" if row["n"] else "",
        "another verdict at": f"{row['flips_at']:.3g}: {row['flips_to']}" if row["flips_to"] else "",
        "why": row["reason"],
    }
