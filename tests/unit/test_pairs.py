"""Verdicts by pairs of seeds: those of studies of two seeds, counted; table, page, figure."""

from itertools import combinations

import numpy as np
import pytest
from aespectra.claims.judge import judge
from aespectra.claims.pairs import judge_pairs
from aespectra.claims.paper import CLAIMS
from aespectra.claims.verdict import GRADES, HOLDS, NOT, UNTESTABLE
from aespectra.figures.seeds import draw
from aespectra.figures.style import save
from aespectra.report.seeds import markdown_pairs, read_seeds_table, write_seeds_page, write_seeds_table
from aespectra.summary.alive import dead_bottlenecks
from aespectra.summary.file import Summary

from . import claimed
from .claimed import BROKEN, NAMES, TERMS, as_claimed, invented


def data_of(*seeds):
    return summary_of(*seeds).by_seed


def summary_of(*seeds) -> Summary:
    """Of any number of seeds."""
    made = claimed.SEEDS
    claimed.SEEDS = list(range(len(seeds)))
    try:
        return claimed.summary_of(*seeds)
    finally:
        claimed.SEEDS = made


@pytest.fixture(scope="module")
def four():
    return data_of(*(invented(seed) for seed in range(4)))


@pytest.fixture(scope="module")
def rows(four):
    return judge_pairs(four, TERMS, CLAIMS)


def test_every_pair_is_judged_as_a_study_of_these_two_seeds(four, rows):
    expected = {name: dict.fromkeys(GRADES, 0) for name in NAMES}
    for pair in combinations(range(4), 2):
        for row in judge(Summary(four.sel(seed=list(pair)), four), TERMS):
            expected[row["claim"], row["jacobian"]][row["grade"]] += 1
    assert {(row.claim, row.jacobian): row.pairs for row in rows} == expected
    of_all = {(row["claim"], row["jacobian"]): row["grade"] for row in judge(Summary(four, four), TERMS)}
    assert {(row.claim, row.jacobian): row.of_all for row in rows} == of_all
    for row in rows:
        assert row.pairs[row.usual] == max(row.pairs.values())
        assert row.otherwise == pytest.approx(1 - max(row.pairs.values()) / 6)
    assert any(row.otherwise > 0 for row in rows)


def test_one_bad_training_of_five_spoils_two_pairs_in_five():
    broken = as_claimed()
    BROKEN["14"](broken, 0)
    (row,) = [
        row
        for row in judge_pairs(data_of(*[as_claimed()] * 4, broken), TERMS, CLAIMS)
        if (row.claim, row.jacobian) == ("14", "input")
    ]
    assert (row.of_all, row.usual, row.otherwise) == (NOT, HOLDS, pytest.approx(4 / 10))
    assert list(row.values) == ["0", "1", "2", "3", "4"]
    assert row.values["0"] == 1 > row.values["4"]


def test_what_a_seed_lacks_no_pair_with_it_can_tell():
    dead = as_claimed()
    dead["undefined_share"] = dead["undefined_share"] + 1
    found = judge_pairs(data_of(as_claimed(), as_claimed(), dead), TERMS, CLAIMS)
    of = {(row.claim, row.jacobian): row for row in found}
    assert of["6a", "input"].pairs == {**dict.fromkeys(GRADES, 0), HOLDS: 1, UNTESTABLE: 2}
    assert of["6a", "input"].of_all == UNTESTABLE
    assert np.isnan(of["6a", "input"].values["2"])


def test_a_single_seed_is_no_pair():
    with pytest.raises(ValueError, match=r"^pairs of seeds need two seeds or more; there is one\.$"):
        judge_pairs(data_of(as_claimed()), TERMS, CLAIMS)


def test_dead_bottlenecks_are_counted_over_seeds():
    one, two = as_claimed(), as_claimed()
    one["undefined_share"][0, 0, [3, 5]] = 1
    two["undefined_share"][0, 0, 5] = 0.6
    two["undefined_share"][1, 0, 7] = 1  # of J_L
    two["undefined_share"][0, 1, 8] = 1  # of another set
    found = dead_bottlenecks(data_of(one, two), TERMS.dead).sum("seed")
    assert found.sel(family="autoencoder").values.tolist() == [0, 0, 0, 1, 0, 2, *[0] * 13]


def test_the_table_reads_back_and_the_page_has_every_claim(rows, four, tmp_path):
    write_seeds_table(tmp_path / "seeds.csv", rows)
    again = read_seeds_table(tmp_path / "seeds.csv")
    for one, other in zip(rows, again, strict=True):
        assert one[:5] == other[:5]
        assert one.single == other.single
        assert one.pairs == other.pairs
        np.testing.assert_allclose([*other.values.values()], [*one.values.values()], rtol=1e-5)
    write_seeds_page(tmp_path / "seeds.html", rows, dead_bottlenecks(four, TERMS.dead).sum("seed"), 4)
    page = (tmp_path / "seeds.html").read_text()
    assert all(f"<td>{claim.number}</td>" in page for claim in CLAIMS)
    assert "Dead bottlenecks, of 4 seeds" in page
    otherwise = [row.claim for row in rows if row.otherwise]
    assert [line.split(" | ")[0] for line in markdown_pairs(rows).splitlines()[2:]] == [
        f"| {each}" for each in otherwise
    ]
    assert 0 < len(otherwise) < len(rows)


@pytest.mark.filterwarnings("error")
def test_the_figure_has_a_dot_for_every_seed(rows, tmp_path):
    figure = draw(rows, ["0", "1"])
    shown = [row for row in rows if not row.single and row.of_all != UNTESTABLE]
    numbers = {row.claim for row in rows if row.single}
    assert {"2a", "2b", "2c", "4"} <= numbers, "means of |λ|, slopes and correlations are no shares"
    assert not numbers & {row.claim for row in shown}
    dots = [line for ax in figure.axes for line in ax.lines]
    assert len(dots) == 4 * len(shown)
    assert sum(line.get_markeredgecolor() == "black" for line in dots) == 2 * len(shown)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert texts == [f"{row.otherwise:.0%}" for row in shown]
    save(figure, tmp_path / "seeds.png")
    save(draw(rows, ["0", "1"]), tmp_path / "again.png")
    assert (tmp_path / "seeds.png").read_bytes() == (tmp_path / "again.png").read_bytes()
