"""What the statements of priors.py speak of: one small function each, which gives a number for every cell of a study.

q(z) is what the decoder sees in training: of a stochastic encoder one draw an image.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise, product

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from ..summary.gaussianity import agreement
from ..summary.prior_study import PriorStudy

Values = Iterator[tuple[int | None, float]]
"""The seed, or None where it takes several, and the value of every cell."""


def _grid(data: xr.DataArray) -> Values:
    """Every value of (latent_dim, seed)."""
    for seed, d in product(data["seed"].values, data["latent_dim"].values):
        yield int(seed), float(data.sel(seed=seed, latent_dim=d))


def of_vae(measure: str) -> Callable[[PriorStudy], Values]:
    """Of every VAE, the value over the largest of 95 % of true samples."""

    def values(study: PriorStudy) -> Values:
        for family in study.of_kind("vae"):
            found = study.measured(measure, family)
            yield from _grid(found["value"] / found["prior_high"])

    return values


def quilt(study: PriorStudy) -> Values:
    if "point" not in study.samples:
        return
    labels = study.samples["label"].values
    for family in study.of_kind("vae"):
        points = study.samples["point"].sel(family=family, view=study.seen(family))
        for seed in points["seed"].values:
            z = points.sel(seed=seed).values
            squared = np.square(z[:, None] - z[None]).sum(axis=2)
            np.fill_diagonal(squared, np.inf)
            yield int(seed), float(np.mean(labels[squared.argmin(axis=1)] == labels))


def deeper(study: PriorStudy) -> Values:
    """Of two VAEs that differ by one hidden layer."""
    hidden = {name: study.families[name]["autoencoder"].get("hidden") for name in study.of_kind("vae")}
    by_depth = sorted((name for name, widths in hidden.items() if widths), key=lambda name: len(hidden[name]))
    for shallow, deep in product(by_depth, by_depth):
        layers = [hidden[name] for name in (shallow, deep)]
        if len(layers[1]) == len(layers[0]) + 1 and len({*layers[0], *layers[1]}) == 1:
            values = [study.measured("sliced_wasserstein", name)["value"] for name in (shallow, deep)]
            yield from _grid(values[1] / values[0])


def wider(families: Callable[[PriorStudy], list[str]]) -> Callable[[PriorStudy], Values]:
    """Of a latent dimension and the next larger one, by the distance of coordinates."""

    def values(study: PriorStudy) -> Values:
        for family in families(study):
            distance = study.measured("coordinate_ks", family)["value"]
            for (narrow, wide), seed in product(
                pairwise(sorted(distance["latent_dim"].values)), distance["seed"].values
            ):
                of_seed = distance.sel(seed=seed)
                yield int(seed), float(of_seed.sel(latent_dim=wide) / of_seed.sel(latent_dim=narrow))

    return values


def _frechet(study: PriorStudy, family: str | list[str], source: str = "prior") -> xr.DataArray:
    return study.samples["score"].sel(family=family, source=source, measure="frechet")


def ranked(
    families: Callable[[PriorStudy], list[str]], by: Callable[[PriorStudy, str], xr.DataArray]
) -> Callable[[PriorStudy], Values]:
    """Rank correlation over families of a number and of the Fréchet distance of samples from the prior."""

    def values(study: PriorStudy) -> Values:
        pairs = [(by(study, name), _frechet(study, name)) for name in families(study)]
        if len(pairs) < 4:
            return
        for seed, d in product(study.samples["seed"].values, study.samples["latent_dim"].values):
            here = [[float(each.sel(seed=seed, latent_dim=d)) for each in pair] for pair in pairs]
            yield int(seed), float(spearmanr(*np.transpose(here)).statistic)

    return values


def distance(study: PriorStudy, family: str) -> xr.DataArray:
    return study.measured("sliced_wasserstein", family)["value"]


def _uncovered(study: PriorStudy, family: str) -> xr.DataArray:
    return 1 - study.samples["latent_coverage"].sel(family=family)


def aiming(study: PriorStudy) -> list[str]:
    """With the layers of the study's first family: what others do better or worse may be due to their layers."""
    layers = next(iter(study.families.values()))["autoencoder"]
    return [name for name in study.aiming() if study.families[name]["autoencoder"] == layers]


def with_plain(study: PriorStudy) -> list[str]:
    return [*study.of_kind("autoencoder"), *aiming(study)]


def coverage_ranks_better(study: PriorStudy) -> Values:
    pairs = zip(ranked(with_plain, _uncovered)(study), ranked(with_plain, distance)(study), strict=True)
    for (seed, of_coverage), (_, of_distance) in pairs:
        yield seed, of_coverage - of_distance


def passing_mardia(study: PriorStudy) -> Values:
    """Of networks whose Mardia statistics no true sample's range rejects."""
    for family in with_plain(study):
        passes = xr.DataArray(True)
        for measure in ("mardia_skewness", "mardia_kurtosis"):
            found = study.measured(measure, family)
            passes = passes & (found["value"] >= found["prior_low"]) & (found["value"] <= found["prior_high"])
        missed = study.measured("sliced_wasserstein", family)
        for seed, ratio in _grid((missed["value"] / missed["prior_high"]).where(passes)):
            if not math.isnan(ratio):
                yield seed, ratio


def three_points(n: int, d: int, seed: int) -> np.ndarray:
    """(n, d) independent coordinates that are 0, or with chance 1/6 each ±√3: moments up to the fifth as of N(0, I)."""
    return np.random.default_rng(seed).choice([-(3**0.5), 0.0, 3**0.5], size=(n, d), p=[1 / 6, 2 / 3, 1 / 6])


def from_three_points(study: PriorStudy) -> Values:
    """Over the largest of 95 % of true samples; nan where Mardia's statistics would reject it."""
    family = study.of_kind("autoencoder", "vae")[:1]
    if not family:
        return
    for seed, d in product(study.samples["seed"].values, study.samples["latent_dim"].values):
        found = agreement(three_points(study.held_out, int(d), int(seed)), "gaussian", int(seed))
        of_prior = study.agreement.sel(family=family[0], points="z", latent_dim=d, seed=seed)
        passes = all(
            float(of_prior["prior_low"].sel(measure=name))
            <= found[name]
            <= float(of_prior["prior_high"].sel(measure=name))
            for name in ("mardia_skewness", "mardia_kurtosis")
        )
        high = float(of_prior["prior_high"].sel(measure="sliced_wasserstein"))
        yield int(seed), found["sliced_wasserstein"] / high if passes else math.nan


def against_deterministic(value: Callable[[PriorStudy, str], xr.DataArray]) -> Callable[[PriorStudy], Values]:
    """Of the VAE with the same layers over each deterministic family."""

    def values(study: PriorStudy) -> Values:
        for vae, other in product(study.of_kind("vae"), study.aiming()):
            same_layers = study.families[vae]["autoencoder"] == study.families[other]["autoencoder"]
            if same_layers and not study.stochastic(other):
                yield from _grid(value(study, vae) / value(study, other))

    return values


def sharpness(study: PriorStudy, family: str) -> xr.DataArray:
    return study.samples["score"].sel(family=family, source="reconstruction", measure="sharpness")


def error(study: PriorStudy, family: str) -> xr.DataArray:
    return study.samples["reconstruction_error"].sel(family=family)


def other_prior(study: PriorStudy) -> Values:
    """Of the families of one kind, the uniform prior over the Gaussian one."""
    for uniform, gaussian in product(study.aiming("uniform"), study.aiming()):
        if study.families[uniform]["kind"] == study.families[gaussian]["kind"]:
            yield from _grid(_frechet(study, uniform) / _frechet(study, gaussian))


def fitted_afterwards(source: str) -> Callable[[PriorStudy], Values]:
    """Of the plain autoencoder, over the best of the families that aim at N(0, I)."""

    def values(study: PriorStudy) -> Values:
        if not aiming(study):
            return
        best = _frechet(study, aiming(study)).min("family")
        for family in study.of_kind("flow" if source == "flow" else "autoencoder"):
            yield from _grid(_frechet(study, family, source) / best)

    return values


def _out(study: PriorStudy, name: str, family: str) -> xr.DataArray:
    """(dataset, latent_dim, seed) of J_I out of distribution."""
    data = study.summary.by_seed[name].sel(family=family, jacobian="input")
    return data.isel(dataset=slice(1, None)).sortby("latent_dim")


def spread(along: str) -> Callable[[PriorStudy], Values]:
    """How far the mean of ln|λ| moves along latent_dim or seed, over the plain autoencoder's."""

    def moved(study: PriorStudy, family: str) -> xr.DataArray:
        log_mean = xr.apply_ufunc(np.log, _out(study, "geometric_mean", family))
        return log_mean.std(along, ddof=1).mean("dataset")

    def values(study: PriorStudy) -> Values:
        for plain, family in product(study.of_kind("autoencoder"), aiming(study)):
            if study.summary.by_seed.sizes[along] < 2:
                return
            ratio = moved(study, family) / moved(study, plain)
            if along == "latent_dim":
                yield from ((int(seed), float(ratio.sel(seed=seed))) for seed in ratio["seed"].values)
            else:
                yield from ((None, float(each)) for each in ratio.values)

    return values


def reversed_share(study: PriorStudy) -> Values:
    for plain, family in product(study.of_kind("autoencoder"), aiming(study)):
        # over the sets where both are known
        more = _out(study, "reversed_share", family) - _out(study, "reversed_share", plain)
        yield from _grid(more.mean("dataset"))
