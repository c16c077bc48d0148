"""What a reader remembers of a table of detection: of every score and network, the mean and the worst over all sets."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

MAIN = (
    "reconstruction",
    "reconstruction_two_sided",
    "latent_mahalanobis",
    "latent_knn",
    "spectra_mahalanobis",
    "spectra_knn",
    "union_mahalanobis",
    "union_knn",
)
"""Scores that stand for a way to tell points apart; others are of a single number of the spectra."""

Networks = dict[tuple[str, float, float], float]
"""By score, latent dimension and seed, of one family."""


def worst_and_mean(rows: Iterable[dict[str, Any]]) -> dict[str, Networks]:
    """Area under the ROC curve of one family: ``mean`` and ``worst`` over the sets, of every score and network.

    The mean is that of the groups' means, so that a group counts as much as another, however many sets it has.
    """
    of_network: dict[tuple[str, float, float], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        of_network[row["detector"], row["latent_dim"], row["seed"]][row["group"]].append(row["auroc"])
    return {
        "mean": {key: float(np.mean([*map(np.mean, groups.values())])) for key, groups in of_network.items()},
        "worst": {key: min(min(areas) for areas in groups.values()) for key, groups in of_network.items()},
    }
