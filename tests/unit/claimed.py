"""A study made up so that every claim of the paper holds, ways to change it, and what is judged of it."""

from pathlib import Path

import numpy as np
import xarray as xr
import yaml
from aespectra.claims.judge import judge
from aespectra.claims.paper import CLAIMS, Claim
from aespectra.claims.terms import Terms
from aespectra.summary.file import Summary
from aespectra.summary.statistics import QUANTILES

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())["claims"]
TERMS = Terms(**CONFIG)
D = np.arange(2, 21)
PIXEL = np.array([0.13, 0.13, 0.25, 0.5, 0.51, 0.75, 0.86])  # D_train first
SETS = ["train", "dark-1", "dark-2", "grey-1", "grey-2", "bright-1", "bright-2"]
SEEDS = [0, 1]
SAMPLES = 70_000
ALL, LARGE, SMALL = slice(None), slice(13, None), slice(0, 4)
MEDIAN, QUARTILE, PERCENT = (QUANTILES.index(q) for q in (0.5, 0.75, 0.01))
DATASET, QUANTILE = np.arange(7)[:, None], np.array(QUANTILES)
NAMES = [(claim.number, jacobian) for claim in CLAIMS for jacobian in claim.jacobians or ("",)]


def as_claimed() -> dict[str, np.ndarray]:
    """(dataset, latent_dim, …) or (jacobian, dataset, latent_dim, …): what the paper says, in numbers."""
    train = np.arange(7) == 0
    # J_I: dark sets above grey ones above bright ones at large d, all below D_train at last, and steeper than D_train
    means = np.stack([np.where(train[:, None], 1.02 - 0.01 * D, 1.0 - 0.03 * D - 0.4 * PIXEL[:, None])] * 2)
    means[1, 1:] = np.where(D <= 5, 2.0, 1.0 - 0.03 * D + 0.01 * (DATASET[1:] % 2))
    median = np.stack([np.where(train[:, None], -0.01 * D, -0.1 * D)] * 2)
    log_abs = median[..., None] + (1 + 0.1 * D[:, None]) * (QUANTILE - 0.5)
    angle = np.where(train, 0.1, 0.5 + 3 * PIXEL)[:, None, None] * QUANTILE
    each = np.ones((2, 7, 19))
    return {
        "difference_quantiles": np.where(train, 0.1, 1.0)[:, None, None] * QUANTILE * np.ones((7, 19, 9)),
        "difference_mean": np.where(train, 0.1, 1.0)[:, None] * np.ones((7, 19)),
        "reconstruction_mse_mean": np.where(train, 0.1, 0.3)[:, None] / D,
        "mean_abs": means,
        "geometric_mean": 0.9 * means,
        "log_abs_quantiles": log_abs,
        "log_abs_whiskers": np.stack([log_abs[..., 0], log_abs[..., -1]], axis=-1),
        "log_abs_std": np.where(train, 0.5, 1.0)[:, None] * each,
        "zero_share": 0 * each,
        "undefined_share": 0 * each,
        "reversed_share": np.where(train, 0.01, np.where(PIXEL < 0.4, 0.2, 0.48))[:, None] * each,
        "abs_arg_quantiles": angle * np.ones((2, 7, 19, 9)),
        "pixel_variance": np.where(train, 0.2, 0.01),
    }


DIMS = {7: ("dataset", "latent_dim", "quantile"), 2: ("jacobian", "dataset", "latent_dim", "quantile")}


def summary_of(*seeds: dict[str, np.ndarray]) -> Summary:
    """No claim is of the pool."""
    labels = {"latent_dim": D, "dataset": SETS, "jacobian": ["input", "latent"], "quantile": QUANTILE}
    labels |= {"whisker": ["low", "high"]}
    each = [xr.Dataset(coords=labels, attrs={"samples": SAMPLES}) for _ in seeds]
    for data, statistics in zip(each, seeds, strict=True):
        for name, values in statistics.items():
            dims = DIMS[len(values)][: values.ndim]
            data[name] = ((*dims[:-1], "whisker") if name.endswith("whiskers") else dims, values)
    each = [data.assign_coords(mean_pixel=("dataset", PIXEL)).expand_dims(family=["autoencoder"]) for data in each]
    return Summary(xr.concat(each, xr.Variable("seed", SEEDS[: len(each)])), each[0].isel(latent_dim=[]))


def grades(summary: Summary, terms: Terms = TERMS, *numbers: str) -> dict[tuple[str, str], str]:
    return {(row["claim"], row["jacobian"]): row["grade"] for row in judge(summary, terms, claims_of(*numbers))}


def claims_of(*numbers: str) -> list[Claim]:
    """These, or all."""
    return [claim for claim in CLAIMS if claim.number in (numbers or {each.number for each in CLAIMS})]


def row_of(number: str, jacobian: str, *seeds: dict[str, np.ndarray], terms: Terms = TERMS) -> dict:
    rows = judge(summary_of(*seeds), terms, claims_of(number))
    return next(row for row in rows if row["jacobian"] == jacobian)


def put(name: str, value, *where):
    """Into a part of one statistic, with the Jacobian j first in the place of ...; where there is none, without."""

    def change(statistics: dict, j: int) -> None:
        statistics[name][tuple(j if each is ... else each for each in where)] = value

    return change


def times(name: str, factor: float, *where):
    def change(statistics: dict, j: int) -> None:
        statistics[name][tuple(j if each is ... else each for each in where)] *= factor

    return change


def rising(name: str):
    def change(statistics: dict, j: int) -> None:
        statistics[name][j, 0].sort()

    return change


def clusters_in_latent(*places: int):
    """At these d the means of J_L are those of J_I, but further apart."""

    def change(statistics: dict, _: int) -> None:
        for place in places:
            statistics["mean_abs"][1, :, place] = 1 - 5 * PIXEL

    return change


def darker_wider(where):
    def change(statistics: dict, j: int) -> None:
        angles = statistics["abs_arg_quantiles"]
        angles[j, 1:, where] = angles[j, 6:0:-1, where].copy()

    return change


# claim: how to make it false
BROKEN = {
    "1a": put("difference_quantiles", 0.2, 0, ALL, MEDIAN),
    "1b": put("difference_quantiles", 0.01, slice(3, 6), ALL, MEDIAN),
    "1c": put("difference_mean", 0.01, slice(3, 6), ALL),
    "2a": times("mean_abs", 0.8, ..., 0),
    "2b": times("geometric_mean", 1.3, ..., 0),
    "2c": rising("mean_abs"),
    "2d": rising("geometric_mean"),
    "3": times("geometric_mean", 0.5, ..., 0, slice(5, 15)),
    "4": put("log_abs_whiskers", -3.0, ..., 0, ALL, 0),
    "5": put("zero_share", 0.02, ..., 0, slice(5, 15)),
    "6a": put("reversed_share", 0.12, ..., 0, slice(5, 15)),
    "6b": put("reversed_share", 0.4, ..., slice(0, 3), ALL),
    "7": put("abs_arg_quantiles", 0.8, ..., 0, slice(5, 15), QUARTILE),
    "8a": times("mean_abs", 2, ..., 0, slice(13, 19)),
    "8b": times("geometric_mean", 2, ..., 0, slice(13, 19)),
    "8c": times("log_abs_std", 2, ..., 0, slice(13, 19)),
    "9a": put("mean_abs", 0.5, ..., slice(1, 4)),
    "9b": put("geometric_mean", 0.5, ..., slice(1, 4)),
    "10": put("mean_abs", 0.9, 0, 5, slice(15, 18)),
    "11": clusters_in_latent(14, 15, 17),
    "12a": put("mean_abs", 0.95, ..., slice(1, 4), LARGE),
    "12b": put("geometric_mean", 0.95, ..., slice(1, 4), LARGE),
    "13": put("mean_abs", 1.03, 1, slice(1, 5), SMALL),
    "14": put("log_abs_std", 0.4, 0, slice(3, 6)),
    "15": put("log_abs_quantiles", -1.0, ..., slice(3, 6), ALL, MEDIAN),
    # half of the d above one half, half below: on average one half
    "16a": put("reversed_share", [0.3, 0.7] * 3, 0, slice(3, 5), LARGE),
    "16b": put("reversed_share", 0.55, 0, 1, LARGE),
    "17a": put("abs_arg_quantiles", 0.01, ..., slice(2, 6)),
    "17b": darker_wider(slice(5, 15)),
    "18a": put("reconstruction_mse_mean", 0.001, slice(2, 5)),
    "18b": put("reconstruction_mse_mean", 0.009, slice(2, 5)),
    "18c": put("reconstruction_mse_mean", 0.15, 0, slice(5, 15)),
}
TRAIN_MEAN = 1.02 - 0.01 * D


def invented(seed: int) -> dict[str, np.ndarray]:
    """What is claimed, each number off by up to a third."""
    rng = np.random.default_rng(seed)
    return {name: values * rng.uniform(0.67, 1.5, values.shape) for name, values in as_claimed().items()}


def without_nan(rows: list[dict]) -> list[dict]:
    """To be compared: nan is nan."""
    return [{name: "nan" if value != value else value for name, value in row.items()} for row in rows]
