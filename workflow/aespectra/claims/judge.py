"""The paper's claims held against a summary: one table, and one of the same by latent dimension."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..files import written_whole
from ..summary.file import Summary
from .paper import CLAIMS, Claim
from .study import Study, UntestableError, study_of
from .terms import Terms
from .verdict import UNTESTABLE, Bound, Evidence, flip, grade, interval, met_share, resamples, rounded

PAPER = Terms()
"""Thresholds of the paper's study."""

Row = dict[str, Any]
"""One claim for one family and Jacobian, by column."""

TEXT_COLUMNS = {"family", "claim", "jacobian", "figure", "says", "statistic", "bound", "grade", "alive"}
TEXT_COLUMNS |= {"flips_to", "why", "statement", "cells", "reason"}
"""All others hold numbers."""

DIGITS = 12
"""Of a quantity after the point: further ones differ from processor to processor, and a bound must not hang on them."""


def judge(summary: Summary, terms: Terms = PAPER, claims: Sequence[Claim] = CLAIMS) -> list[Row]:
    """Every claim for every family and Jacobian: rows of a table.

    Parameters
    ----------
    summary : Summary
        Of any number of families.
    terms : Terms
        Thresholds: those of the paper's study unless said.
    claims : Sequence[Claim]
        Those to judge: all of paper.py unless said.

    Returns
    -------
    list[Row]
        Columns: family, claim, jacobian (empty where the claim is of none, or of both together), figure, says,
        statistic; ``bound``, that of every case, in words. Of every seed (``seed_0``, …) the statistic, its
        interval (``seed_0_low``, ``seed_0_high``), and the statistic without networks that have a dead bottleneck
        (``seed_0_alive``). ``grade``: holds, holds in most cases, does not hold, by the weakest seed, or not testable,
        and ``why``; ``alive``, the same without those networks; ``flips_at``, where the bound would have to be for
        another grade, and ``flips_to``, which; nan and empty if nowhere.
    """
    return judge_claims(summary.by_seed, terms, claims)


def judge_claims(data: xr.Dataset, terms: Terms, claims: Sequence[Claim]) -> list[Row]:
    """The same of some claims, on what they are of: (family, latent_dim, dataset, seed, …), attribute samples."""
    found = questions(data, terms, claims)
    return [_row(family, claim, jacobian, seeds, terms) for family, seeds, claim, jacobian in found]


def by_latent_dim(data: xr.Dataset, terms: Terms, claims: Sequence[Claim]) -> list[Row]:
    """The quantity that each claim is of at every d: rows of a table, from what judge_claims takes.

    Returns
    -------
    list[Row]
        Columns: family, claim, jacobian, latent_dim; of every seed the lowest, the median and the highest value over
        the sets (``seed_0_lowest``, …; all the same where it is of D_train alone) and, unless the claim is of what
        becomes of them over d, the share that meets its bound (``seed_0_met``).
    """
    rows: list[Row] = []
    for family, seeds, claim, jacobian in questions(data, terms, claims):
        at: dict[int, Row] = {}
        for seed, study in seeds.items():
            try:
                latent_dims, values, _ = _curve(claim, _of(study, jacobian))
            except UntestableError:
                continue
            for d, of_sets in zip(latent_dims.tolist(), values, strict=True):
                row = at.setdefault(d, {"family": family, "claim": claim.number, "jacobian": jacobian, "latent_dim": d})
                row |= _at_one_d(f"seed_{seed}", of_sets, claim.bound(terms) if claim.over_d is None else None)
        rows += at.values()
    return rows


def write_claims(path: Path, rows: list[Row]) -> None:
    """Write a table as csv, whole or not at all."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with written_whole(path) as part, Path(part).open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval=math.nan)
        writer.writeheader()
        writer.writerows(rows)


def read_claims(path: Path) -> list[Row]:
    """The rows of a table that ``write_claims`` wrote."""
    with Path(path).open(newline="") as file:
        return [
            {name: value if name in TEXT_COLUMNS else float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def seeds_of(row: Row) -> list[str]:
    """Those of a row of ``judge``."""
    return [name.removesuffix("_low").removeprefix("seed_") for name in row if name.endswith("_low")]


def questions(
    data: xr.Dataset, terms: Terms, claims: Sequence[Claim]
) -> Iterator[tuple[str, dict[str, Study], Claim, str]]:
    """Family, the study of each of its seeds, claim, and Jacobian or none: what a row of a table answers."""
    for family in data["family"].values.tolist():
        mine = data.sel(family=family)
        seeds = {str(seed): study_of(mine.sel(seed=seed), terms) for seed in mine["seed"].values}
        for claim in claims:
            for jacobian in claim.jacobians or ("",):
                yield family, seeds, claim, jacobian


def _row(family: str, claim: Claim, jacobian: str, seeds: dict[str, Study], terms: Terms) -> Row:
    bound, cuts = claim.bound(terms), claim.cuts(terms)
    row: Row = {"family": family, "claim": claim.number, "jacobian": jacobian, "figure": claim.figure}
    row |= {"says": claim.says, "statistic": claim.statistic, "bound": str(bound)}
    found, why = evidence_of(claim, jacobian, seeds, bound, lambda study: study)
    alive, _ = evidence_of(claim, jacobian, seeds, bound, Study.alive)
    for seed in seeds:
        row |= {f"seed_{seed}": math.nan, f"seed_{seed}_low": math.nan, f"seed_{seed}_high": math.nan}
        if seed in found:
            of_seed = found[seed]
            row[f"seed_{seed}"] = rounded(of_seed.value)
            row |= {f"seed_{seed}_low": rounded(of_seed.low), f"seed_{seed}_high": rounded(of_seed.high)}
        row[f"seed_{seed}_alive"] = rounded(alive[seed].value) if seed in alive else math.nan
    for name, evidence in (("grade", found), ("alive", alive)):
        complete = len(evidence) == len(seeds)
        row[name] = grade(list(evidence.values()), bound, cuts) if complete else UNTESTABLE
    place, other = (math.nan, "") if why else flip(list(found.values()), bound, cuts)
    return row | {"flips_at": rounded(place), "flips_to": other, "why": why}


def evidence_of(
    claim: Claim, jacobian: str, seeds: dict[str, Study], bound: Bound, part: Callable[[Study], Study]
) -> tuple[dict[str, Evidence], str]:
    """Of every seed that has any, and why others have not."""
    found, why = {}, ""
    for seed, study in seeds.items():
        try:
            found[seed] = _evidence(claim, _of(part(study), jacobian), bound)
        except UntestableError as error:
            why = str(error)
    return found, why


def _of(study: Study, jacobian: str) -> Study:
    return study.of(jacobian) if jacobian else study


def _curve(claim: Claim, study: Study) -> tuple[np.ndarray, np.ndarray, bool]:
    """The latent dimensions of a claim, its quantity there, (latent dimensions, sets), and whether it is of sets."""
    if not study.data.sizes["latent_dim"]:
        raise UntestableError("no network without a dead bottleneck")
    quantity = claim.quantity(study)
    values = quantity.transpose("latent_dim", ...).values.reshape(quantity.sizes["latent_dim"], -1)
    return quantity["latent_dim"].values, np.round(values, DIGITS), "dataset" in quantity.dims


def _evidence(claim: Claim, study: Study, bound: Bound) -> Evidence:
    latent_dims, curve, of_sets = _curve(claim, study)
    single = claim.over_d is not None and not of_sets
    n = len(latent_dims)
    places = resamples(n) if n >= 3 else np.empty((0, n), np.intp)
    if claim.over_d is None:
        met, known = (each.sum(axis=1) for each in (bound.met(curve) & np.isfinite(curve), np.isfinite(curve)))
        value, cases, again = met_share(curve, bound), curve.ravel(), _ratio(met[places], known[places])
    else:
        cases = np.round(claim.over_d(latent_dims[None], curve[None])[0], DIGITS)
        resampled = np.round(claim.over_d(latent_dims[places], curve[places]), DIGITS)
        if single:
            value, again = float(cases[0]), resampled[:, 0]
            cases = again if n >= 3 else cases
        else:
            known = np.isfinite(resampled)
            value, again = met_share(cases, bound), _ratio(bound.met(resampled) & known, known)
    if math.isnan(value):
        raise UntestableError("too few latent dimensions")
    return Evidence(value, *interval(again), cases, single)


def _ratio(met: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Shares, from counts along axis 1; nan where nothing is known."""
    with np.errstate(invalid="ignore"):
        return met.sum(axis=1) / known.sum(axis=1)


def _at_one_d(seed: str, values: np.ndarray, bound: Bound | None) -> Row:
    known = values[np.isfinite(values)]
    numbers = (known.min(), np.median(known), known.max()) if known.size else (math.nan,) * 3
    named = zip(("lowest", "median", "highest"), numbers, strict=True)
    row = {f"{seed}_{name}": rounded(value) for name, value in named}
    return row | {f"{seed}_met": rounded(met_share(values, bound)) if bound else math.nan}
