"""A network's statistics at every d, as the claims speak of them: D_train apart from the other sets."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..summary.alive import dead_bottlenecks
from .terms import Terms


class UntestableError(ValueError):
    """A study has not what a claim speaks of; the message says what, in a few words."""


class Study(NamedTuple):
    """The statistics of one family and seed by rising latent dimension, D_train first among the sets."""

    data: xr.Dataset
    """(latent_dim, dataset, jacobian, …), after ``of`` without jacobian."""
    terms: Terms
    samples: int
    """Points of every set."""
    largest: int
    """Latent dimension."""

    @property
    def train(self) -> xr.Dataset:
        return self.data.isel(dataset=0, drop=True)

    @property
    def others(self) -> xr.Dataset:
        return self.data.isel(dataset=slice(1, None))

    def of(self, jacobian: str) -> "Study":
        return self._replace(data=self.data.sel(jacobian=jacobian, drop=True))

    def small(self) -> "Study":
        """At small d: 2 to 5 in the paper's grid."""
        return self._at(lambda share: share <= self.terms.small_d, "no small d")

    def large(self) -> "Study":
        """At large d: 15 to 20 in the paper's grid."""
        return self._at(lambda share: share >= self.terms.large_d, "no large d")

    def middle(self) -> "Study":
        """Between small and large: 6 to 14 in the paper's grid."""
        return self._at(lambda share: (share > self.terms.small_d) & (share < self.terms.large_d), "no middle d")

    def alive(self) -> "Study":
        """Without networks whose bottleneck is dead."""
        dead = dead_bottlenecks(self.data, self.terms.dead)
        return self._replace(data=self.data.isel(latent_dim=np.flatnonzero(~dead.values)))

    def dark(self) -> xr.Dataset:
        return self._sets(self.others["mean_pixel"] < self.terms.dark, "no dark set")

    def moderate(self) -> xr.Dataset:
        pixel = self.others["mean_pixel"]
        return self._sets((pixel >= self.terms.dark) & (pixel <= self.terms.bright), "no moderate set")

    def bright(self) -> xr.Dataset:
        return self._sets(self.others["mean_pixel"] > self.terms.bright, "no bright set")

    def not_dark(self) -> xr.Dataset:
        return self._sets(self.others["mean_pixel"] >= self.terms.dark, "no moderate or bright set")

    def _at(self, which: Callable[[np.ndarray], np.ndarray], lacking: str) -> "Study":
        places = np.flatnonzero(which(self.data["latent_dim"].values / self.largest))
        if not len(places):
            raise UntestableError(lacking)
        return self._replace(data=self.data.isel(latent_dim=places))

    def _sets(self, which: xr.DataArray, lacking: str) -> xr.Dataset:
        if not which.any():
            raise UntestableError(lacking)
        return self.others.isel(dataset=np.flatnonzero(which))


def study_of(data: xr.Dataset, terms: Terms) -> Study:
    """One family and seed of a summary; pictures, curves and densities, of which no claim speaks, left out."""
    aside = {"epoch", "example", "plane_imag", "plane_real", "pixel", "class"}
    kept = data[[name for name, each in data.data_vars.items() if not aside & set(each.dims)]]
    return Study(kept.sortby("latent_dim"), terms, int(data.attrs["samples"]), int(data["latent_dim"].max()))


def quantile(data: xr.Dataset, name: str, q: float) -> xr.DataArray:
    """By value: a summary may have more of them than are needed here."""
    return data[f"{name}_quantiles"].sel(quantile=q, drop=True)
