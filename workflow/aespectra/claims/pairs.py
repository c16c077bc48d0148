"""What a study of two seeds would have come to: every pair of a study's seeds, judged as the paper's two are."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import xarray as xr

from .judge import evidence_of, questions
from .paper import Claim
from .terms import Terms
from .verdict import GRADES, UNTESTABLE, grade


class OfPairs(NamedTuple):
    """One claim for one family and Jacobian."""

    family: str
    claim: str
    jacobian: str
    of_all: str
    """Grade by the weakest of all seeds."""
    usual: str
    """The most frequent grade of two seeds, the higher one of equals."""
    otherwise: float
    """Share of the pairs with another grade than that: of studies of two seeds that would have come to another."""
    pairs: dict[str, int]
    """How many pairs have each grade."""
    values: dict[str, float]
    """Statistic of every seed, nan where there is none."""
    single: bool
    """Whether that is one number over all d, and not the share of cases that meet the bound."""


def judge_pairs(data: xr.Dataset, terms: Terms, claims: Sequence[Claim]) -> list[OfPairs]:
    """Every claim, by all pairs of seeds.

    Parameters
    ----------
    data : xr.Dataset
        As judge.judge_claims takes it, of two seeds or more.
    terms : Terms
        Thresholds.
    claims : Sequence[Claim]
        Those to judge.

    Raises
    ------
    ValueError
        There is a single seed.
    """
    if data.sizes["seed"] < 2:
        raise ValueError("pairs of seeds need two seeds or more; there is one.")
    found = []
    for family, seeds, claim, jacobian in questions(data, terms, claims):
        bound, cuts = claim.bound(terms), claim.cuts(terms)
        evidence, _ = evidence_of(claim, jacobian, seeds, bound, lambda study: study)
        grades = Counter(
            grade([evidence[each] for each in pair], bound, cuts) if evidence.keys() >= set(pair) else UNTESTABLE
            for pair in combinations(seeds, 2)
        )
        usual = max(GRADES, key=lambda each: grades[each])
        complete = len(evidence) == len(seeds)
        found.append(
            OfPairs(
                family,
                claim.number,
                jacobian,
                grade(list(evidence.values()), bound, cuts) if complete else UNTESTABLE,
                usual,
                1 - grades[usual] / grades.total(),
                {each: grades[each] for each in GRADES},
                {seed: evidence[seed].value if seed in evidence else np.nan for seed in seeds},
                any(each.single for each in evidence.values()),
            )
        )
    return found
