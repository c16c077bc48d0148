"""What is measured of the claims against slow computations of it, and what no study can say."""

import math

import numpy as np
import pytest
from aespectra.claims import over_d
from aespectra.claims.judge import by_latent_dim, judge
from aespectra.claims.paper import CLAIMS
from aespectra.claims.quantities import clusters_beside_those_of_input
from aespectra.claims.study import study_of
from aespectra.claims.verdict import HOLDS, MOSTLY, RESAMPLES, UNTESTABLE, resamples
from aespectra.summary.file import Summary
from aespectra.summary.statistics import QUANTILES
from scipy.stats import spearmanr
from sklearn.metrics import silhouette_score

from .claimed import (
    LARGE,
    PIXEL,
    SAMPLES,
    TERMS,
    TRAIN_MEAN,
    D,
    as_claimed,
    invented,
    row_of,
    summary_of,
    without_nan,
)


def test_values_are_those_of_the_definition():
    statistics = as_claimed()
    statistics["reversed_share"][0, 3, LARGE] = [0.4, 0.6, 0.4, 0.6, 0.4, 0.6]
    rows = {(row["claim"], row["jacobian"]): row for row in judge(summary_of(statistics, statistics), TERMS)}
    assert rows["2a", "input"]["seed_0"] == pytest.approx(np.mean(TRAIN_MEAN))
    assert rows["2c", "latent"]["seed_1"] == pytest.approx(-0.01)
    assert rows["4", "input"]["seed_0"] == pytest.approx(1)
    assert rows["16a", "input"]["seed_0"] == 1
    at = {
        (row["claim"], row["jacobian"], row["latent_dim"]): row
        for row in by_latent_dim(summary_of(statistics).by_seed, TERMS, CLAIMS)
    }
    assert at["3", "input", 7]["seed_0_median"] == pytest.approx(0.9)
    assert at["5", "latent", 20]["seed_0_lowest"] == pytest.approx(math.exp(-0.2 - 3 * 0.49), rel=1e-5)
    assert at["8a", "input", 2]["seed_0_median"] == pytest.approx(1.0 / 0.91 - 1, rel=1e-5)
    assert at["9a", "input", 20]["seed_0_highest"] == pytest.approx(0.82)  # D_train among them
    assert math.isnan(at["9a", "input", 20]["seed_0_met"])
    assert at["14", "input", 3]["seed_0_met"] == 1
    # above and below one half do not make up for each other
    assert at["16a", "input", 15]["seed_0_highest"] == pytest.approx(0.1)
    assert at["18a", "", 9]["seed_0_median"] == pytest.approx(3)
    assert [row["latent_dim"] for row in at.values() if row["claim"] == "13"] == [2, 3, 4, 5]
    assert [row["latent_dim"] for row in at.values() if row["claim"] == "16a"] == list(range(15, 21))


def test_the_slope_is_that_of_least_squares_and_the_correlation_spearman_s():
    rng = np.random.default_rng(0)
    for places in (np.arange(19), [0, 4], [2, 3, 11, 17], [3, 3, 8, 8, 18]):  # even, uneven, drawn twice
        d, values = D[places], rng.uniform(0.5, 1.5, (len(places), 2)).round(1)
        slope, _ = np.polyfit(d, values, 1)
        np.testing.assert_allclose(over_d.slope(d[None], values[None])[0], slope, rtol=1e-10)
        found = over_d.rank_correlation(d[None], values[None])[0]
        expected = [spearmanr(d, column).statistic if len(d) > 2 else math.nan for column in values.T]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_silhouettes_are_those_of_scikit_learn():
    statistics = invented(5)
    statistics["mean_abs"] = np.random.default_rng(5).uniform(0, 1, (2, 7, 19))
    study = study_of(summary_of(statistics).by_seed.isel(family=0, seed=0), TERMS)
    for sets in (slice(0, 7), [0, 1, 3, 4, 5, 6]):  # a group of one as well
        labels = np.select([PIXEL < 0.4, PIXEL > 0.6], [0, 2], 1)[sets][1:]
        found = clusters_beside_those_of_input(study._replace(data=study.data.isel(dataset=sets)))
        for i, d in enumerate(found["latent_dim"].values):
            of_input, of_latent = (
                silhouette_score(statistics["mean_abs"][j, sets, d - 2][1:, None], labels) for j in (0, 1)
            )
            assert float(found[i]) == pytest.approx(of_latent - of_input, abs=1e-12)


def test_a_share_of_a_handful_of_points_is_no_share():
    statistics = as_claimed()
    statistics["undefined_share"][0, :, 15] = 1 - 999 / SAMPLES
    statistics["reversed_share"][0, :, 15] = 0.9
    row, other = row_of("6a", "input", statistics), row_of("16a", "input", statistics)
    assert row["grade"] == other["grade"] == HOLDS
    at = {
        (row["claim"], row["latent_dim"]): row for row in by_latent_dim(summary_of(statistics).by_seed, TERMS, CLAIMS)
    }
    assert math.isnan(at["16a", 17]["seed_0_median"])
    statistics["undefined_share"][0, :, 15] = 1 - 1000 / SAMPLES
    assert row_of("6a", "input", statistics)["grade"] == MOSTLY
    statistics["undefined_share"][:] = 1 - 999 / SAMPLES
    row = row_of("6a", "input", statistics)
    assert (row["grade"], row["why"]) == (UNTESTABLE, "nowhere 1000 points with an orientation")


def test_networks_with_a_dead_bottleneck_are_left_out_beside():
    statistics = as_claimed()
    statistics["undefined_share"][0, 0, 17] = 0.6
    statistics["zero_share"][0, 0, [16, 17]] = 0.05
    row = row_of("5", "input", statistics)
    assert row["seed_0"] == pytest.approx(17 / 19, rel=1e-5)
    assert row["seed_0_alive"] == pytest.approx(17 / 18, rel=1e-5)
    statistics["undefined_share"][0, 0, 16] = 0.5
    row = row_of("5", "input", statistics, as_claimed())
    assert (row["seed_0_alive"], row["grade"], row["alive"]) == (1, MOSTLY, HOLDS)
    statistics["undefined_share"][0, 0] = 1
    row = row_of("5", "input", statistics)
    assert (row["grade"], row["alive"]) == (MOSTLY, UNTESTABLE)


def test_intervals_are_over_the_latent_dimensions():
    statistics = as_claimed()
    assert row_of("14", "input", statistics)["seed_0_low"] == 1  # all cases meet it, whichever are drawn
    statistics["log_abs_std"][0, 1:, 4] = 0.4
    row = row_of("14", "input", statistics)
    # d is missed by some samples, drawn once in the most, up to three times: binomial, of nineteen with 1 / 19
    drawn = (resamples(19) == 4).sum(axis=1)
    assert drawn.mean() == pytest.approx(1, abs=0.1)
    low, high = 1 - np.quantile(drawn, [0.975, 0.025]) / 19
    assert (row["seed_0_low"], row["seed_0_high"]) == pytest.approx((low, high), rel=1e-5)
    means = TRAIN_MEAN[resamples(19)].mean(axis=1)
    row = row_of("2a", "input", statistics)
    found = (row["seed_0_low"], row["seed_0_high"])
    assert found == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), rel=1e-5)


def test_samples_of_the_latent_dimensions_are_the_same_for_ever():
    assert resamples(19).shape == (RESAMPLES, 19)
    assert resamples(19)[0, :8].tolist() == [6, 15, 12, 4, 7, 16, 0, 13]
    assert (np.bincount(resamples(19).ravel()) > 0.9 * RESAMPLES).all()


@pytest.mark.parametrize("more", [0.02, 0.999])
def test_a_summary_with_one_more_quantile_is_judged_the_same(more):
    summary = summary_of(as_claimed(), as_claimed())
    axis = sorted([*QUANTILES, more])
    wider = Summary(*(data.reindex(quantile=axis, fill_value=1e6) for data in summary))
    assert without_nan(judge(wider, TERMS)) == without_nan(judge(summary, TERMS))


def test_the_order_of_the_latent_dimensions_does_not_matter():
    summary = summary_of(invented(0))
    turned = Summary(*(data.isel(latent_dim=slice(None, None, -1)) for data in summary))
    assert without_nan(judge(turned, TERMS)) == without_nan(judge(summary, TERMS))


def whys(summary: Summary) -> dict[str, str]:
    return {row["claim"]: row["why"] for row in judge(summary, TERMS) if row["grade"] == UNTESTABLE}


def test_what_a_small_study_cannot_say_is_not_testable_and_why():
    summary = summary_of(as_claimed())
    single = Summary(summary.by_seed.isel(latent_dim=[18]), summary.pooled)
    few = "too few latent dimensions"
    assert whys(single) == {
        **dict.fromkeys(("2c", "2d", "4", "9a", "9b", "15"), few),
        **dict.fromkeys(("8a", "8b", "8c"), "a single d"),
        "13": "no small d",
    }
    dark_only = Summary(summary.by_seed.isel(dataset=[0, 1]), summary.pooled)
    assert whys(dark_only) == {
        **dict.fromkeys(("10", "11"), "no moderate set"),
        "16a": "no moderate or bright set",
        "17b": "fewer than three sets",
    }
    bright_only = Summary(summary.by_seed.isel(dataset=[0, 5, 6]), summary.pooled)
    assert whys(bright_only)["16b"] == whys(bright_only)["10"] == "no dark set"


def test_without_the_variance_of_the_pixels_claim_18_is_told_by_half():
    summary = summary_of(as_claimed())
    lacking = "the summary is of a version without the variance of the pixels"
    for by_seed in (summary.by_seed.drop_vars("pixel_variance"), summary.by_seed.assign(pixel_variance=math.nan)):
        assert whys(Summary(by_seed, summary.pooled)) == {"18b": lacking, "18c": lacking}
