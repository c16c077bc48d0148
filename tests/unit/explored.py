"""Tables of networks as detection and gaussianity leave them, invented, for the explorer to show."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from aespectra.slabs.grid import Key
from aespectra.summary.agreement import COLUMNS as OF_AGREEMENT
from aespectra.summary.battery import COLUMNS as OF_DETECTION

SCORES = ("reconstruction", "union_knn")
MEASURES = ("energy", "mardia_skewness")


def write_tables(folder: Path, networks: Iterable[Key], sets: Sequence[str], scores: Sequence[str] = SCORES) -> None:
    """detection.csv of these sets and scores, gaussianity.csv of MEASURES; of the family vae, of draws too."""
    rng = np.random.default_rng(0)
    detection, agreement = [], []
    for key in networks:
        of_network = key._asdict()
        for name in sets:
            for score in scores:
                numbers = dict(zip(OF_DETECTION[-6:], rng.random(6).round(9), strict=True))
                row = {"dataset": name, "group": "far", "inside": "held-out", "detector": score}
                detection.append(of_network | row | {"n_in": 1234, "n_out": 99} | numbers)
        for points in ("z", "draw") if key.family == "vae" else ("z",):
            for measure in MEASURES:
                numbers = dict(
                    zip(("value", "prior_mean", "prior_low", "prior_high"), rng.lognormal(0, 5, 4), strict=True)
                )
                row = {"points": points, "measure": measure, "question": "prior", "prior": "gaussian"}
                agreement.append(of_network | row | numbers)
    for name, columns, rows in (("detection", OF_DETECTION, detection), ("gaussianity", OF_AGREEMENT, agreement)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
