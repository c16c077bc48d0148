"""All that is known of a study's latents: agreement with the prior, samples, and statistics of the spectra."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from ..checksums import check_recorded
from ..integrity import reading
from .file import Summary, open_summary

AXES = ("family", "latent_dim", "seed", "points", "measure")
NUMBERS = ("value", "prior_mean", "prior_low", "prior_high")
"""Columns of the table of agreement, as axes and as what lies along them."""


class PriorStudy(NamedTuple):
    """What figures and statements about latents are made from."""

    families: Mapping[str, dict[str, Any]]
    """Every family by its name, in the study's order: ``kind``, ``autoencoder`` and ``training``."""
    agreement: xr.Dataset
    """agreement.write_table, along family, latent_dim, seed, points and measure."""
    samples: xr.Dataset
    """samples_of_study.write_samples_of_study"""
    summary: Summary

    @property
    def held_out(self) -> int:
        """How many held-out images have latents."""
        if "held_out" in self.samples:
            return int(self.samples["held_out"])
        # of a version that did not say so: networks of which no latent is beyond the last bin have them all
        return int(self.samples["radius_count"].sum("radius").max())

    def prior(self, family: str) -> str:
        """What its latents are compared with."""
        return str(self.families[family]["training"].get("prior", "gaussian"))

    def aiming(self, prior: str = "gaussian") -> list[str]:
        """Families whose training draws latents to a prior: their loss has more terms than the reconstruction."""
        return [
            name
            for name, family in self.families.items()
            if len(family["training"]["weights"]) > 1 and self.prior(name) == prior
        ]

    def of_kind(self, *kinds: str) -> list[str]:
        """Families of these kinds."""
        return [name for name, family in self.families.items() if family["kind"] in kinds]

    def stochastic(self, family: str) -> bool:
        """Whether every image has a posterior of its own."""
        views = self.agreement["value"].sel(family=family)
        return "draw" in views["points"] and bool(views.sel(points="draw").notnull().any())

    def seen(self, family: str) -> str:
        """The view of latents that the decoder sees in training: of a posterior, a draw."""
        return "draw" if self.stochastic(family) else "z"

    def compared(self, family: str) -> str:
        """The view of latents that is to be like the prior: what the decoder sees, of a flow where it puts that."""
        return "normal" if self.families[family]["kind"] == "flow" else self.seen(family)

    def measured(self, measure: str, family: str) -> xr.Dataset:
        """Value, prior_mean, prior_low and prior_high (latent_dim, seed) of what the decoder sees."""
        return self.agreement.sel(measure=measure, family=family, points=self.seen(family))


def open_prior_study(
    summary: Path, samples: Path, agreement: Path, families: Mapping[str, dict[str, Any]]
) -> PriorStudy:
    """Read all of it into memory.

    Parameters
    ----------
    summary, samples, agreement : Path
        Files of one study.
    families : Mapping[str, dict]
        Its families by their names, in order.

    Returns
    -------
    PriorStudy

    Raises
    ------
    BrokenFileError
        A file is not what was written.
    """
    for path in (samples, agreement):
        check_recorded(path)
    with reading(samples), xr.open_dataset(samples) as data:
        of_samples = data.load()
    return PriorStudy(families, _agreement(agreement), of_samples, open_summary(summary))


def _agreement(path: Path) -> xr.Dataset:
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row | {"latent_dim": int(row["latent_dim"]), "seed": int(row["seed"])} for row in csv.DictReader(file)]
    axes = {name: list(dict.fromkeys(row[name] for row in rows)) for name in AXES}
    places = [tuple(values.index(row[name]) for name, values in axes.items()) for row in rows]
    data = {}
    for number in NUMBERS:
        table = np.full([len(values) for values in axes.values()], np.nan)
        for place, row in zip(places, rows, strict=True):
            table[place] = float(row[number])
        data[number] = (list(axes), table)
    return xr.Dataset(data, axes)
