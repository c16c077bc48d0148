"""The claims on statistics made up so that all of them hold, each broken in turn."""

import csv
import math
import re

import numpy as np
import pytest
import xarray as xr
from aespectra.claims import judge, write_claims, write_claims_page
from aespectra.paper_claims import CLAIMS
from aespectra.statistics import QUANTILES
from aespectra.summary import Summary

D = np.arange(2, 21)
PIXEL = np.array([0.13, 0.13, 0.25, 0.5, 0.51, 0.75, 0.86])  # D_train first
SETS = ["train", "dark-1", "dark-2", "grey-1", "grey-2", "bright-1", "bright-2"]
SEEDS = [0, 1]
LARGE, MEDIAN, PERCENT = slice(13, None), QUANTILES.index(0.5), QUANTILES.index(0.01)
JACOBIAN, DATASET, QUANTILE = np.arange(2)[:, None], np.arange(7)[:, None], np.array(QUANTILES)


def as_claimed() -> dict[str, np.ndarray]:
    """(dataset, latent_dim, …) or (jacobian, dataset, latent_dim, …): what the paper says, in numbers."""
    train = np.arange(7) == 0
    # J_I: dark sets above grey ones above bright ones at large d, all below D_train at last, and steeper than D_train
    means = np.stack([np.where(train[:, None], 1.02 - 0.01 * D, 1.0 - 0.03 * D - 0.4 * PIXEL[:, None])] * 2)
    means[1, 1:] = np.where(D <= 5, 2.0, 1.0 - 0.03 * D + 0.01 * DATASET[1:] % 2)
    median = np.stack([np.where(train[:, None], -0.01 * D, -0.1 * D)] * 2)
    log_abs = median[..., None] + (1 + 0.1 * D[:, None]) * (QUANTILE - 0.5)
    angle = np.where(train, 0.1, 0.5 + 3 * PIXEL)[:, None, None] * QUANTILE
    return {
        "difference_quantiles": np.broadcast_to(np.where(train, 0.1, 1.0)[:, None, None] * QUANTILE, (7, 19, 9)).copy(),
        "reconstruction_mse_mean": np.where(train, 0.1, 0.3)[:, None] / D,
        "mean_abs": means,
        "geometric_mean": 0.9 * means,
        "log_abs_quantiles": log_abs,
        "log_abs_std": np.broadcast_to(np.where(train, 0.5, 1.0)[:, None], (2, 7, 19)).copy(),
        "zero_share": np.zeros((2, 7, 19)),
        "reversed_share": np.broadcast_to(
            np.where(train, 0.01, np.where(PIXEL < 0.4, 0.1, 0.48))[:, None], (2, 7, 19)
        ).copy(),
        "abs_arg_quantiles": np.broadcast_to(angle, (2, 7, 19, 9)).copy(),
    }


def summary_of(*seeds: dict[str, np.ndarray]) -> Summary:
    """The pool looks like the first seed."""
    each = [xr.Dataset(coords={"latent_dim": D, "dataset": SETS, "jacobian": ["input", "latent"]}) for _ in seeds]
    for data, statistics in zip(each, seeds, strict=True):
        for name, values in statistics.items():
            dims = ("jacobian",) * (values.shape[0] == 2) + ("dataset", "latent_dim", "quantile")
            data[name] = (dims[: values.ndim], values)
    each = [data.assign_coords(mean_pixel=("dataset", PIXEL)).expand_dims(family=["autoencoder"]) for data in each]
    return Summary(xr.concat(each, xr.Variable("seed", SEEDS[: len(each)])), each[0])


def verdicts(summary: Summary) -> dict[str, str]:
    return {row["claim"]: row["holds"] for row in judge(summary)}


def test_all_hold_where_all_is_as_claimed():
    assert verdicts(summary_of(as_claimed(), as_claimed())) == {claim.number: "yes" for claim in CLAIMS}


def scale(name: str, factor: float, *where):
    """Multiply a part of one statistic."""

    def change(statistics: dict) -> None:
        statistics[name][where] *= factor

    return change


def put(name: str, value: float, *where):
    def change(statistics: dict) -> None:
        statistics[name][where] = value

    return change


ALL = slice(None)
# claim: how to make it false
BROKEN = {
    "1": put("difference_quantiles", 0.01, 3, 7, MEDIAN),
    "2a": scale("mean_abs", 0.8, 0, 0),
    "2b": scale("geometric_mean", 1.3, 0, 0),
    "2c": lambda statistics: statistics["mean_abs"][0, 0].sort(),
    "3": put("geometric_mean", 0.4, 0, 0, 18),
    "4": put("log_abs_quantiles", -3.0, 0, 0, ALL, PERCENT),
    "5": put("zero_share", 0.02, 0, 0, 18),
    "6": put("reversed_share", 0.06, 0, 0, 4),
    "7": put("abs_arg_quantiles", 0.8, 0, 0, 4, QUANTILES.index(0.75)),
    "8": put("mean_abs", 1.9, 0, 0, 9),
    "9a": put("mean_abs", 0.5, 0, 4),
    "9b": put("geometric_mean", 0.5, 0, 4),
    "10": put("mean_abs", 0.4, 0, 5, 15),
    "11": lambda statistics: statistics["mean_abs"].__setitem__((1, ALL, LARGE), statistics["mean_abs"][0, :, LARGE]),
    "12": put("mean_abs", 0.9, 1, 3, 18),
    "13": put("mean_abs", 1.1, 1, slice(1, 5), slice(0, 4)),
    "14": put("log_abs_std", 0.4, 0, 6, 0),
    "15": put("log_abs_quantiles", -1.0, 0, 6, ALL, MEDIAN),
    "16": put("reversed_share", 0.35, 0, 4, LARGE),
    "17a": put("abs_arg_quantiles", 0.01, 0, 6),
    "17b": lambda statistics: statistics["abs_arg_quantiles"].__setitem__(
        (0, slice(1, 7)), statistics["abs_arg_quantiles"][0, 6:0:-1].copy()
    ),
    "18": put("reconstruction_mse_mean", 0.001, 2, 3),
}


def test_every_claim_is_broken_here():
    assert list(BROKEN) == [claim.number for claim in CLAIMS]


@pytest.mark.parametrize("number", BROKEN)
def test_a_claim_that_is_false_is_seen_to_be(number):
    broken = as_claimed()
    BROKEN[number](broken)
    assert verdicts(summary_of(broken, broken))[number] == "no"
    assert verdicts(summary_of(broken, as_claimed()))[number] == "seed 1 only"


def test_values_are_those_of_the_definition():
    statistics = as_claimed()
    rows = {row["claim"]: row for row in judge(summary_of(statistics, statistics))}
    assert rows["2a"]["seed_0"] == pytest.approx(np.mean(1.02 - 0.01 * D))
    assert rows["2c"]["seed_1"] == pytest.approx(-0.01)
    assert rows["3"]["pooled"] == pytest.approx(0.9)
    assert rows["5"]["seed_0"] == pytest.approx(math.exp(-0.2 - 3 * 0.49))  # median and 1 % quantile at d = 20
    assert rows["8"]["seed_0"] == pytest.approx(np.std(0.01 * D, ddof=1) / np.mean(1.02 - 0.01 * D))
    assert rows["16"]["seed_0"] == pytest.approx(0.02)
    assert rows["18"]["seed_0"] == pytest.approx(3)


def test_what_a_small_study_cannot_say_is_untested():
    summary = summary_of(as_claimed())
    single = Summary(*(data.isel(latent_dim=[18]) for data in summary))
    found = verdicts(single)
    assert {number for number, holds in found.items() if holds == "untested"} == {
        "2c",
        "4",
        "8",
        "9a",
        "9b",
        "13",
        "15",
    }
    dark_only = Summary(*(data.isel(dataset=[0, 1]) for data in summary))
    assert {number for number, holds in verdicts(dark_only).items() if holds == "untested"} == {"10", "11", "16", "17b"}


def test_table_is_written_as_csv(tmp_path):
    rows = judge(summary_of(as_claimed(), as_claimed()))
    write_claims(tmp_path / "claims.csv", rows)
    with (tmp_path / "claims.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["claim"] for row in read] == [claim.number for claim in CLAIMS]
    assert float(read[0]["seed_0"]) == rows[0]["seed_0"]
    assert read[1]["says"] == rows[1]["says"]


def test_page_shows_every_claim_with_its_interval_and_verdict(tmp_path):
    rows = judge(summary_of(as_claimed(), as_claimed()))
    rows[0]["says"] = "1 < 2"
    rows[1]["holds"] = "seed 1 only"
    write_claims_page(tmp_path / "claims.html", rows)
    page = (tmp_path / "claims.html").read_text(encoding="utf-8")
    head, *shown = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert head == ["claim", "says", "holds", "statistic", "holds for", "seed 0", "seed 1", "pooled", "figure"]
    assert [row[0] for row in shown] == [claim.number for claim in CLAIMS]
    assert shown[0][1] == "1 &lt; 2"
    assert shown[0][4:] == ["1", "1", "1", "1", "1"]
    assert (shown[1][2], shown[1][4]) == ("seed 1 only", "0.75 to 1")
    assert (shown[-1][2], shown[-1][4]) == ("yes", "2 or more")
    assert "<h2>autoencoder</h2>" in page
