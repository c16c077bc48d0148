"""Tables of the measures in gaussianity.py: of networks, of true samples of a prior, and of a study."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import netCDF4
import numpy as np

from ..files import write_csv
from ..logs import Progress
from ..slabs.grid import by_key
from ..slabs.latents import VIEWS
from .gaussianity import AFFINE, agreement, samples

REPLICATES = 40
"""Samples of a prior by whose measures those of latents are judged."""

RANGE = (2.5, 97.5)
"""Percentiles between which 95 % of them lie."""

SEED = 0
"""Of what latents are compared with and along."""

COLUMNS = (
    "family",
    "latent_dim",
    "seed",
    "points",
    "measure",
    "question",
    "value",
    "prior",
    "prior_mean",
    "prior_low",
    "prior_high",
)


def write_agreement(path: Path, latents: Path, prior: str, split: str = "test") -> None:
    """Measure one network's latents of one split, each view by itself: csv with points, measure and value.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    latents : Path
        By slabs.latents.write_latents.
    prior : str
        gaussian or uniform.
    split : str
        Its name in the file.
    """
    rows = []
    with netCDF4.Dataset(latents) as file:
        file.set_auto_mask(False)
        for view in VIEWS:
            name = f"{view}_{split}"
            if name in file.variables:
                found = agreement(file[name][:], prior, SEED)
                rows += [{"points": view, "measure": measure, "value": value} for measure, value in found.items()]
    write_csv(path, ("points", "measure", "value"), rows)


def write_prior_agreement(path: Path, n: int, latent_dim: int, prior: str) -> None:
    """Measure REPLICATES samples of a prior, n points each: csv with the mean and the 95 % range of every measure.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    n, latent_dim : int
        Size of a sample.
    prior : str
        gaussian or uniform.
    """
    progress, found = Progress(f"{prior} samples in {latent_dim} dimensions", REPLICATES, "samples"), []
    for replicate in range(REPLICATES):
        z = samples(prior, n, latent_dim, np.random.default_rng([latent_dim, replicate]))
        found.append(agreement(z, prior, 1 + replicate))
        progress.advance(1)
    rows = []
    for measure in found[0]:
        values = [each[measure] for each in found]
        low, high = np.percentile(values, RANGE)
        rows.append({"measure": measure, "prior_mean": np.mean(values), "prior_low": low, "prior_high": high})
    write_csv(path, ("measure", "prior_mean", "prior_low", "prior_high"), rows)


def write_table(
    path: Path, parts: Iterable[Path], priors: Mapping[str, str], of_priors: Mapping[tuple[str, int], Path]
) -> None:
    """One table of all: a row a network, view and measure, beside what true samples of its prior give.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    parts : Iterable[Path]
        By write_agreement, named by grid.NETWORK, of one network each.
    priors : Mapping[str, str]
        Prior of every family.
    of_priors : Mapping[tuple[str, int], Path]
        By write_prior_agreement, of every prior and latent dimension.

    Raises
    ------
    KeyError
        A family has no prior, or a prior no file at a latent dimension.
    """
    references = {key: {row["measure"]: row for row in _read(each)} for key, each in of_priors.items()}
    rows = []
    for key, part in by_key(parts).items():
        prior = priors[key.family]
        reference = references[prior, key.latent_dim]
        for row in _read(part):
            question = "affine" if row["measure"] in AFFINE else "prior"
            rows.append({**key._asdict(), **row, "prior": prior, "question": question, **reference[row["measure"]]})
    write_csv(path, COLUMNS, rows)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
