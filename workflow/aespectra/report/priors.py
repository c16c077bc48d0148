"""What was supposed of Gaussian latents, and what was measured, to read: as a page, as tables of Markdown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from ..summary.prior_study import PriorStudy
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


def markdown_agreement(study: PriorStudy) -> str:
    """Sliced W² of latents (``PriorStudy.compared``) from the family's prior, and of true samples from N(0, I).

    A table of Markdown without the end of the last line: a line a family, a column a latent dimension, seeds apart by
    commas.
    """
    of_all = study.agreement.sel(measure="sliced_wasserstein")
    lines = {name: of_all["value"].sel(family=name, points=study.compared(name)) for name in study.families}
    first = next(name for name in study.families if study.prior(name) == "gaussian")
    true = of_all["prior_mean"].sel(family=first, points=study.compared(first)).isel(seed=[0])
    return _over_d("sliced W²", lines | {"true samples": true}, "{:.2g}")


def markdown_errors(study: PriorStudy) -> str:
    """‖y − x‖² of held-out images, in the same form."""
    errors = study.samples["reconstruction_error"]
    return _over_d("‖y − x‖²", {name: errors.sel(family=name) for name in study.families}, "{:.1f}")


def markdown_from_prior(study: PriorStudy) -> str:
    """Fréchet distance of samples decoded from the family's prior, in the same form."""
    return _frechet("Fréchet, z from the prior", study, dict.fromkeys(study.families, "prior"))


def markdown_from_fitted(study: PriorStudy) -> str:
    """Of samples decoded from what was fitted to training latents: the flow where there is one, else the mixture."""
    flows = study.of_kind("flow")
    sources = {name: "flow" if name in flows else "mixture" for name in study.families}
    return _frechet("Fréchet, z fitted", study, sources)


def _frechet(title: str, study: PriorStudy, sources: dict[str, str]) -> str:
    scores = study.samples["score"].sel(measure="frechet")
    return _over_d(title, {name: scores.sel(family=name, source=each) for name, each in sources.items()}, "{:.0f}")


def _over_d(title: str, lines: dict[str, xr.DataArray], form: str) -> str:
    """Of (latent_dim, seed) by the name of the line."""
    dims = sorted(int(d) for d in next(iter(lines.values()))["latent_dim"].values)
    rows = [
        [name, *(", ".join(map(form.format, values.sel(latent_dim=d).values.tolist())) for d in dims)]
        for name, values in lines.items()
    ]
    return markdown([title, *(f"d = {d}" for d in dims)], *rows)


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
