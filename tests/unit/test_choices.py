"""What choices change, in tables of Markdown: against loops over invented networks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from aespectra.claims.judge import judge
from aespectra.claims.verdict import HOLDS, NOT
from aespectra.report.choices import markdown_choices, markdown_differing
from aespectra.summary.file import Summary
from aespectra.summary.table import write_statistics_table

from .claimed import BROKEN, TERMS, as_claimed, summary_of

FAMILIES, LATENT_DIMS, SEEDS = ["plain", "glorot"], [4, 16], [0, 1]
PIXEL = [0.13, 0.1, 0.39, 0.4, 0.6, 0.61, 0.9]  # D_train first; two sets in each group, at their edges
SAMPLES = 10_000


@pytest.fixture
def invented(tmp_path: Path) -> tuple[xr.Dataset, pd.DataFrame, xr.Dataset]:
    """Statistics, their table, and dead units."""
    rng = np.random.default_rng(0)
    grid = {"family": FAMILIES, "latent_dim": LATENT_DIMS, "seed": SEEDS}
    names = ["D_train", *(f"noise-{place}" for place in range(1, 7))]
    labels = grid | {"dataset": ("dataset", names, {}), "mean_pixel": ("dataset", PIXEL)}
    labels |= {"jacobian": ["input", "latent"]}
    of_jacobians = ("family", "latent_dim", "dataset", "seed", "jacobian")
    undefined = rng.uniform(0, 0.1, (2, 2, 7, 2, 2))
    undefined[1, 0, 0, 1, 0] = 1  # a dead bottleneck
    undefined[0, 1, 4, 0, 0] = 0.91  # too few points: the median of the moderate ones is of the other
    data = {
        "undefined_share": (of_jacobians, undefined),
        "reversed_share": (of_jacobians, rng.uniform(size=(2, 2, 7, 2, 2))),
        "reconstruction_mse_mean": (of_jacobians[:4], rng.uniform(size=(2, 2, 7, 2))),
    }
    by_seed = xr.Dataset(data, labels, {"samples": SAMPLES})
    units = {
        "dead_units": (tuple(grid), rng.integers(0, 448, (2, 2, 2))),
        "relu_units": (tuple(grid), np.full((2, 2, 2), 448)),
    }
    write_statistics_table(tmp_path / "statistics.csv", Summary(by_seed, by_seed))
    return by_seed, pd.read_csv(tmp_path / "statistics.csv"), xr.Dataset(units, grid)


def test_choices_are_told_in_medians_over_groups_of_sets(
    invented: tuple[xr.Dataset, pd.DataFrame, xr.Dataset],
) -> None:
    study, table, units = invented
    text = markdown_choices(table, units, TERMS)
    head, _, *lines = (line[2:-2].split(" | ") for line in text.splitlines())
    assert head == [
        "choice",
        "d",
        "D_train's error",
        "reversed: D_train",
        "dark",
        "moderate",
        "bright",
        "dead units",
        "of",
    ]
    assert [line[:2] for line in lines] == [[family, str(d)] for family in FAMILIES for d in LATENT_DIMS]
    for family, d, *cells in lines:
        where = {"family": family, "latent_dim": int(d)}
        mine = study.sel(where)
        expected: list[list[str]] = [[] for _ in range(6)]
        for seed in SEEDS:
            of_seed = mine.sel(seed=seed)
            shares = of_seed["reversed_share"].sel(jacobian="input").values.copy()
            shares[SAMPLES * (1 - of_seed["undefined_share"].sel(jacobian="input").values) < TERMS.points] = np.nan
            expected[0].append(f"{of_seed['reconstruction_mse_mean'].values[0]:.4f}")
            for column, places in enumerate(([0], [1, 2], [3, 4], [5, 6]), 1):
                known = [shares[place] for place in places if np.isfinite(shares[place])]
                expected[column].append(f"{sum(known) / len(known):.2f}" if known else "–")
            expected[5].append(str(units["dead_units"].sel(where | {"seed": seed}).item()))
        assert cells == [*(", ".join(each) for each in expected), "448"]


def test_verdicts_that_differ_are_told_and_no_others() -> None:
    changed = as_claimed()
    BROKEN["6b"](changed, 1)  # under J_L alone
    studies = dict(zip(FAMILIES, (as_claimed(), changed), strict=True))
    rows = [
        row | {"family": family} for family, each in studies.items() for row in judge(summary_of(each, each), TERMS)
    ]
    says = {row["claim"]: row["says"] for row in rows}
    assert markdown_differing(rows).splitlines() == [
        "| claim | of | the paper says | plain | glorot |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {number} | J_L | {says[number]} | {HOLDS} | {NOT} |" for number in ("6a", "6b")),
    ]
