"""From the cases of a claim to its grade, to an interval, and to how far the bound stands from another grade."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

GRADES = HOLDS, MOSTLY, NOT, UNTESTABLE = "holds", "holds in most cases", "does not hold", "not testable"

RESAMPLES = 1000
"""Samples of the latent dimensions: an end of a 95 % interval then has 25 of them beyond it."""

INTERVAL = (0.025, 0.975)


class Bound(NamedTuple):
    """A case meets a claim from ``low`` to ``high``, both included unless ``beyond``."""

    low: float = -np.inf
    high: float = np.inf
    beyond: bool = False

    def met(self, cases: np.ndarray) -> np.ndarray:
        """Of the cases that are known."""
        if self.beyond:
            return (cases > self.low) & (cases < self.high)
        return (cases >= self.low) & (cases <= self.high)

    def __str__(self) -> str:
        if self.low == -np.inf:
            return f"{'below' if self.beyond else 'up to'} {self.high:g}"
        if self.high == np.inf:
            return f"above {self.low:g}" if self.beyond else f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}"


class Evidence(NamedTuple):
    """What one seed says of a claim."""

    value: float
    """Share of the cases that meet the bound; or, over all d, a single number."""
    low: float
    high: float
    """Ends of its interval over samples of the latent dimensions, nan where there are fewer than three."""
    cases: np.ndarray
    """Of a single number: itself in each of those samples."""
    single: bool


def met_share(cases: np.ndarray, bound: Bound) -> float:
    """Of the cases that are known, any shape, those that meet the bound; nan where there are none."""
    known = cases[np.isfinite(cases)]
    return float(bound.met(known).mean()) if known.size else np.nan


def grade(of_seeds: Sequence[Evidence], bound: Bound, cuts: tuple[float, float]) -> str:
    """That of the weakest seed: what a second training does not bear out is no claim about autoencoders.

    Parameters
    ----------
    of_seeds : Sequence[Evidence]
        Of each seed.
    bound : Bound
        What each case has to meet.
    cuts : tuple[float, float]
        Share of a seed's cases from which the claim holds, and from which it holds in most cases. A single number has
        to meet the bound itself for the second, and in that share of the samples as well for the first.
    """
    share = min(_share(each, bound, cuts) for each in of_seeds)
    return HOLDS if share >= cuts[0] else MOSTLY if share >= cuts[1] else NOT


def _share(evidence: Evidence, bound: Bound, cuts: tuple[float, float]) -> float:
    share = met_share(evidence.cases, bound)
    if not evidence.single:
        return share
    return max(share, cuts[1]) if bound.met(np.array(evidence.value)) else 0.0


def flip(of_seeds: Sequence[Evidence], bound: Bound, cuts: tuple[float, float]) -> tuple[float, str]:
    """The place nearest to an end of the bound to which it would have to move for another grade, and that grade.

    Returns
    -------
    tuple[float, str]
        nan and no grade if it can move anywhere.
    """
    now = grade(of_seeds, bound, cuts)
    places = np.unique(np.concatenate([np.append(each.cases, each.value) for each in of_seeds]))
    places = places[np.isfinite(places)]
    nearest, found, distance = np.nan, "", np.inf
    for end in ("low", "high"):
        stands = getattr(bound, end)
        if not np.isfinite(stands):
            continue
        for place in places[np.argsort(abs(places - stands), kind="stable")]:
            if abs(place - stands) >= distance:
                break
            # at this place, and on either side of it
            sides = (place, np.nextafter(place, -np.inf), np.nextafter(place, np.inf))
            grades = [grade(of_seeds, bound._replace(**{end: side}), cuts) for side in sides]
            other = next((each for each in grades if each != now), None)
            if other is not None:
                nearest, found, distance = float(place), other, abs(place - stands)
                break
    return nearest, found


def resamples(n: int) -> np.ndarray:
    """(RESAMPLES, n) places among n, drawn with replacement; the same for ever, as bit generators are stable."""
    return (np.random.Philox(key=0).random_raw((RESAMPLES, n)) % np.uint64(n)).astype(np.intp)


def rounded(value: float) -> float:
    """Six digits, which every processor finds the same."""
    return float(f"{value:.6g}")


def interval(values: np.ndarray) -> tuple[float, float]:
    """Which nineteen in twenty of the resampled values lie in; nan where none is known."""
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, INTERVAL) if known.size else (np.nan, np.nan)
    return float(low), float(high)
