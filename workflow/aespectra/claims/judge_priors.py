"""The statements of priors.py held against a study: one table."""

import math
from typing import Any

import numpy as np

from ..summary.alive import shares_known
from ..summary.prior_study import PriorStudy
from .priors import STATEMENTS
from .verdict import UNTESTABLE, Evidence, flip, grade, met_share, rounded


def judge_priors(study: PriorStudy, holds: float, mostly: float, points: float) -> list[dict[str, Any]]:
    """Every statement: rows of a table.

    Parameters
    ----------
    study : PriorStudy
        Of any number of families.
    holds, mostly : float
        Share of a seed's cells from which a statement holds, and from which it holds in most cases.
    points : float
        Points with an orientation below which a share of reversed ones is no number.

    Returns
    -------
    list[dict]
        Columns: statement, says, statistic, cells (what there is a value for), n (how many), bound (of each, in words),
        reason; ``seed_0``, …: median over the cells of a seed; median, low, high: median and extremes over all of them;
        share: of the cells that meet the bound; ``grade``, by the weakest seed; ``flips_at``, where the bound would
        have to be for another grade, and ``flips_to``, which. Cells that have no value do not count.
    """
    known = shares_known(study.summary.by_seed, points)
    study = study._replace(summary=study.summary._replace(by_seed=known))
    seeds = [int(seed) for seed in study.samples["seed"].values]
    rows = []
    for statement in STATEMENTS:
        found = [(seed, value) for seed, value in statement.measure(study) if not math.isnan(value)]
        values = np.array([value for _, value in found])
        by_seed = {seed: np.array([value for of, value in found if of == seed]) for seed in dict(found)}
        evidence = [Evidence(*_summed_up(cells), cells, single=False) for cells in by_seed.values()]
        cuts = (holds, mostly)
        flips = flip(evidence, statement.bound, cuts) if evidence else (math.nan, "")
        median, low, high = _summed_up(values)
        row = {
            "statement": statement.number,
            "says": statement.says,
            "statistic": statement.statistic,
            "cells": statement.cells,
            "n": len(values),
            "bound": str(statement.bound),
            "reason": statement.reason,
            **{f"seed_{seed}": _summed_up(by_seed.get(seed, values[:0]))[0] for seed in seeds},
            "median": median,
            "low": low,
            "high": high,
            "share": met_share(values, statement.bound),
            "grade": grade(evidence, statement.bound, cuts) if evidence else UNTESTABLE,
            "flips_at": flips[0],
            "flips_to": flips[1],
        }
        rows.append({name: rounded(value) if isinstance(value, float) else value for name, value in row.items()})
    return rows


def _summed_up(values: np.ndarray) -> tuple[float, float, float]:
    """Median and extremes; nan where there is none."""
    return (float(np.median(values)), float(values.min()), float(values.max())) if len(values) else (math.nan,) * 3
