"""The claims to read: tables, pages, documents, and the thresholds of the config."""

import math
import re
from importlib.util import find_spec
from pathlib import Path

import yaml
from aespectra.claims.judge import by_latent_dim, judge, read_claims, seeds_of, write_claims
from aespectra.claims.paper import CLAIMS
from aespectra.claims.reconstructions import BY_EYE, THEOREMS
from aespectra.claims.terms import Terms
from aespectra.claims.verdict import GRADES, HOLDS, NOT, UNTESTABLE, Bound
from aespectra.report.claims import markdown_table, markdown_verdicts, rst_list, write_claims_page
from claims_in_documents import TABLES, documents

from .claimed import BROKEN, CONFIG, NAMES, SEEDS, TERMS, as_claimed, summary_of, without_nan


def test_tables_are_written_as_csv(tmp_path):
    summary = summary_of(as_claimed(), as_claimed())
    rows, by_d = judge(summary, TERMS), by_latent_dim(summary.by_seed, TERMS, CLAIMS)
    write_claims(tmp_path / "claims.csv", rows)
    head, first, *_ = (tmp_path / "claims.csv").read_text().splitlines()
    assert head == (
        "family,claim,jacobian,figure,says,statistic,bound,seed_0,seed_0_low,seed_0_high,seed_0_alive,"
        "seed_1,seed_1_low,seed_1_high,seed_1_alive,grade,alive,flips_at,flips_to,why"
    )
    assert first.startswith("autoencoder,1a,,1,D_train: ‖Δλ‖²/d is small")
    assert without_nan(read_claims(tmp_path / "claims.csv")) == without_nan(rows)
    assert seeds_of(rows[0]) == ["0", "1"]
    write_claims(tmp_path / "by_d.csv", by_d)
    head, *lines = (tmp_path / "by_d.csv").read_text().splitlines()
    columns = [f"seed_{seed}_{name}" for seed in SEEDS for name in ("lowest", "median", "highest", "met")]
    assert head.split(",") == ["family", "claim", "jacobian", "latent_dim", *columns]
    assert (
        len(lines)
        == len(by_d)
        == sum(19 - 13 * (n in ("10", "11", "12a", "12b", "16a", "16b")) - 15 * (n == "13") for n, _ in NAMES)
    )


def test_of_one_seed_alone_a_table_by_d_may_have_a_line():
    """One family's seed lacks what another has: the columns are those of all rows."""
    statistics = as_claimed()
    statistics["undefined_share"][:] = 1
    rows = [
        row
        for row in by_latent_dim(summary_of(statistics, as_claimed()).by_seed, TERMS, CLAIMS)
        if row["claim"] == "6a"
    ]
    assert all("seed_0_met" not in row and row["seed_1_met"] == 1 for row in rows)


def test_page_shows_every_claim_with_its_bound_and_verdict(tmp_path):
    rows = judge(summary_of(as_claimed(), as_claimed()), TERMS)
    rows[0]["says"] = "1 < 2"
    rows[1] |= {"grade": UNTESTABLE, "seed_0": math.nan, "seed_0_low": math.nan, "why": "no dark set"}
    write_claims_page(tmp_path / "claims.html", rows)
    page = (tmp_path / "claims.html").read_text(encoding="utf-8")
    head, *shown = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert head == [*HEAD, "why", "figure"]
    assert [row[0] for row in shown] == [number for number, _ in NAMES]
    assert shown[0][1] == "1 &lt; 2"
    assert shown[0][4:] == [
        "up to 0.1",
        "1 (1 to 1)",
        "1 (1 to 1)",
        HOLDS,
        "1 / 1: holds",
        "0.05: does not hold",
        "",
        "1",
    ]
    assert (shown[1][5], shown[1][7], shown[1][10]) == ("–", UNTESTABLE, "no dark set")
    assert "<h2>autoencoder</h2>" in page


HEAD = ["claim", "the paper says", "of", "measured", "each case", "seed 0", "seed 1", "verdict"]
HEAD += ["without dead bottlenecks", "another verdict at"]


def test_table_of_markdown_has_a_line_a_claim_and_jacobian():
    rows = judge(summary_of(as_claimed(), as_claimed()), TERMS)
    head, rule, *lines = markdown_table(rows).splitlines()
    assert head == f"| {' | '.join(HEAD)} |"
    assert rule == f"|{' --- |' * len(HEAD)}"
    assert [line.split(" | ")[0] for line in lines] == [f"| {number}" for number, _ in NAMES]
    assert lines[11] == (
        "| 3 | D_train: the two means are of similar size | J_I | geometric / arithmetic mean; share of d "
        "| 0.5 or more | 1 (1 to 1) | 1 (1 to 1) | holds | 1 / 1: holds | 0.9: does not hold |"
    )
    assert r"the arithmetic mean of \|λ\| falls" in lines[7]


def test_table_of_verdicts_names_the_jacobian_where_they_differ():
    broken = as_claimed()
    BROKEN["3"](broken, 1)
    BROKEN["18b"](broken, 0)
    del broken["pixel_variance"]
    head, _, *lines = markdown_verdicts(judge(summary_of(broken), TERMS)).splitlines()
    assert head == "| verdict | claims |"
    named = dict(line.strip("| ").split(" | ") for line in lines)
    assert ", 3 (J_I), 4, 5," in named[HOLDS]
    assert ", 3 (J_L), " in named[NOT]
    assert named[UNTESTABLE] == "18b, 18c"
    assert list(named) == [grade for grade in GRADES if grade in named]


def test_bounds_say_what_they_include():
    assert [str(Bound(low=1)), str(Bound(high=1)), str(Bound(0.75, 1))] == ["1 or more", "up to 1", "0.75 to 1"]
    assert [str(Bound(low=1, beyond=True)), str(Bound(high=0, beyond=True))] == ["above 1", "below 0"]


def test_list_of_restructuredtext_names_what_bears_on_a_claim():
    claims = [
        CLAIMS[0]._replace(number="1", says="‖J_L(z)‖ of D_train's |λ|", shown=("figure_2", "complex_plane")),
        CLAIMS[0]._replace(number="2a", says="word " * 30, shown=()),
    ]
    first, *second = rst_list(claims).splitlines()
    assert first == r"- **1** ‖|J_L|\ (z)‖ of |D_train|'s \|λ\| (figure 2, complex plane)"
    assert len(second) == 2
    assert max(map(len, second)) <= 120


def test_claims_are_numbered_through_and_name_figures_that_exist():
    claims = [*CLAIMS, *BY_EYE, *THEOREMS]
    numbers = [claim.number for claim in claims]
    assert len(numbers) == len(set(numbers))
    assert list(dict.fromkeys(int(number.rstrip("abcd")) for number in numbers)) == list(range(1, 27))
    for claim in claims:
        assert all(find_spec(f"aespectra.figures.{module}") for module in claim.shown)
    assert {claim.figure for claim in CLAIMS} == set("123456")


def test_documents_show_the_claims_of_today():
    """If not: python workflow/claims_in_documents.py"""
    texts = documents()
    assert [path.name for path, text in texts.items() if path.read_text() != text] == []
    lists = {path.stem: re.findall(r"{# claims: ([\w ]+),", text) for path, text in texts.items()}
    shown = {module for claim in (*CLAIMS, *BY_EYE, *THEOREMS) for module in claim.shown}
    assert {stem for stem, names in lists.items() if names == [stem]} == shown
    assert lists["workflow"] == ["measured", "by eye", "theorems"]
    # each table stands in one place, that of the verdicts on the front page
    lines = [line for text in texts.values() for line in text.splitlines()]
    for _, _, begins in TABLES.values():
        assert sum(line.startswith(f"| {begins} ") for line in lines) == 1, begins
    assert {path.name for path in texts if path.suffix == ".md"} == {
        "results.md",
        "README.md",
        "priors.md",
        "detection.md",
        "attractors.md",
    }


def test_every_threshold_stands_in_the_config_with_its_reason_and_is_in_the_schema():
    root = Path(__file__).parents[2]
    schema = yaml.safe_load((root / "workflow" / "schemas" / "config.schema.yaml").read_text())
    defaults = {name: each["default"] for name, each in schema["properties"]["claims"]["properties"].items()}
    assert defaults == CONFIG
    assert list(CONFIG) == list(Terms._fields)
    section = (root / "config" / "config.yaml").read_text().partition("\nclaims:")[2].partition("\n\n")[0]
    bare = [line.strip() for line in section.splitlines()[1:] if "#" not in line]
    assert bare == ["large_d: 0.75", "bright: 0.6"]  # said a line above, together with the other of the pair
