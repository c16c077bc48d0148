"""Statements about Gaussian latents on studies made to satisfy them, to violate them, or to have no answer."""

import csv
from typing import Any

import numpy as np
import pytest
import xarray as xr
from aespectra.claims.judge import read_claims, write_claims
from aespectra.claims.judge_priors import judge_priors
from aespectra.claims.prior_quantities import aiming, three_points
from aespectra.claims.priors import STATEMENTS
from aespectra.report.priors import (
    markdown_agreement,
    markdown_errors,
    markdown_from_fitted,
    markdown_from_prior,
    markdown_statements,
    write_priors_page,
)
from aespectra.summary.gaussianity import agreement
from aespectra.summary.prior_study import PriorStudy

from .prior_study import AIMING, FAMILIES, SETS, make


def judged(study: PriorStudy) -> list[dict[str, Any]]:
    return judge_priors(study, holds=0.95, mostly=0.75, points=1_000)


def verdicts(study: PriorStudy) -> dict[str, str]:
    return {row["statement"]: row["grade"] for row in judged(study)}


@pytest.fixture(scope="module")
def good() -> PriorStudy:
    return make(True)


def test_a_study_that_satisfies_all(good):
    assert verdicts(good) == {each.number: "holds" for each in STATEMENTS}


def test_a_study_that_violates_all():
    found = verdicts(make(False))
    assert found == {each.number: "does not hold" for each in STATEMENTS}


def test_who_aims_at_which_prior_and_whose_images_have_posteriors(good):
    assert good.aiming() == AIMING
    assert good.aiming("uniform") == ["swae-uniform"]
    assert [name for name in FAMILIES if good.stochastic(name)] == ["vae", "vae-500", "vae-500-500"]


def test_a_study_of_one_family_has_few_answers():
    only = {"autoencoder": FAMILIES["autoencoder"]}
    found = verdicts(make(True, only))
    assert {number for number, verdict in found.items() if verdict != "not testable"} == {"E1", "E2"}


def test_a_study_of_one_seed_has_no_spread_over_seeds():
    found = verdicts(make(True, seeds=[0]))
    assert [number for number, verdict in found.items() if verdict != "holds"] == ["H1"]
    assert found["H1"] == "not testable"


def test_most_cases_by_the_weakest_seed_and_where_it_would_flip():
    study = make(True)
    values = study.agreement["value"]
    # the three VAEs have nine cells a seed
    for family, d in (("vae", 2), ("vae", 4)):
        values.loc[{"family": family, "latent_dim": d, "seed": 0, "measure": "total_variance"}] = 0.99
    row = next(row for row in judged(study) if row["statement"] == "A3")
    assert (row["grade"], row["n"], row["share"]) == ("holds in most cases", 18, 0.888889)
    assert (row["seed_0"], row["seed_1"], row["median"], row["low"], row["high"]) == (1.2, 1.2, 1.2, 0.99, 1.2)
    assert (row["flips_at"], row["flips_to"]) == (0.99, "holds")
    values.loc[{"family": "vae", "latent_dim": 8, "seed": 0, "measure": "total_variance"}] = 1.0  # the edge: not above
    row = next(row for row in judged(study) if row["statement"] == "A3")
    assert (row["grade"], row["share"]) == ("does not hold", 0.833333)  # of seed 0 two thirds, of both five sixths


def test_q_of_a_vae_is_of_draws_not_of_means():
    study = make(True)
    study.agreement["value"].loc[{"points": "z"}] = 0.001
    found = verdicts(study)
    assert (found["A1"], found["A3"]) == ("holds", "holds")
    study.agreement["value"].loc[{"points": "draw"}] = 0.001
    found = verdicts(study)
    assert (found["A1"], found["A3"]) == ("does not hold", "does not hold")


def test_only_networks_that_pass_mardia_can_miss_the_distribution_nevertheless():
    study = make(True)
    value, high = study.agreement["value"], study.agreement["prior_high"]
    value.loc[{"measure": "mardia_skewness"}] *= 200  # the range ends at 100
    value.loc[{"family": "swae", "latent_dim": 4, "seed": 1, "measure": "mardia_skewness"}] /= 200
    row = next(row for row in judged(study) if row["statement"] == "E1")
    assert (row["n"], row["median"]) == (1, 2.0)
    high.loc[{"measure": "mardia_kurtosis"}] = 0.95  # which three points do not pass
    assert verdicts(study)["E2"] == "not testable"


def test_families_are_compared_that_have_the_layers_of_the_first(good):
    assert aiming(good) == ["vae", "wae_mmd", "swae", "cwae"]


@pytest.mark.parametrize(("statement", "along"), [("H1", "seed"), ("H2", "latent_dim")])
def test_what_moves_with_d_is_told_from_what_moves_with_the_seed(statement, along):
    study = make(True)
    norms = study.summary.by_seed["geometric_mean"]
    moved = xr.DataArray([1.0, 50.0, 2.0][: norms.sizes[along]], {along: norms[along]})
    norms.loc[{"family": AIMING}] *= moved
    found = verdicts(study)
    assert [found["H1"], found["H2"]].count("does not hold") == 1
    assert found[statement] == "does not hold"


def test_shares_of_a_handful_of_points_do_not_count():
    study = make(True)
    undefined = study.summary.by_seed["undefined_share"]
    undefined.loc[{"family": "swae", "latent_dim": 4, "seed": 1, "jacobian": "input"}] = 1 - 900 / 70_000
    undefined.loc[{"family": "cwae", "latent_dim": 4, "seed": 0, "jacobian": "input", "dataset": SETS[1]}] = 1
    shares = study.summary.by_seed["reversed_share"]
    shares.loc[{"family": "cwae", "latent_dim": 4, "seed": 0, "jacobian": "input", "dataset": SETS[1]}] = 77.0
    rows = [next(row for row in judged(each) if row["statement"] == "H3") for each in (make(True), study)]
    assert rows[1]["n"] == rows[0]["n"] - 1
    assert rows[1]["high"] == pytest.approx(rows[0]["high"])


def test_how_many_images_were_held_out_is_read_and_not_counted_below_the_last_bin():
    study = make(True)
    assert study.held_out == 600  # as a version counted that did not say it
    beyond = study.samples["radius_count"].copy()
    beyond.loc[{"family": "autoencoder"}] //= 2
    assert study._replace(samples=study.samples.assign(radius_count=beyond)).held_out == 600
    assert study._replace(samples=study.samples.assign(held_out=1_234)).held_out == 1_234


def test_a_network_without_a_value_does_not_count():
    study = make(True)
    study.agreement["value"].loc[{"family": "vae", "measure": "sliced_wasserstein"}] = np.nan
    row = next(row for row in judged(study) if row["statement"] == "A1")
    assert (row["grade"], row["n"]) == ("holds", 12)


@pytest.mark.parametrize("d", [1, 2, 8])
def test_three_points_have_the_moments_of_a_gaussian(d):
    z = three_points(200_000, d, 0)
    for power, moment in enumerate((1, 0, 1, 0, 3, 0)):
        assert (z**power).mean() == pytest.approx(moment, abs=0.05)
    found = agreement(z[:3_000], "gaussian", 0)
    assert found["mardia_kurtosis"] == pytest.approx(d * (d + 2), rel=0.06)
    assert found["mardia_skewness"] < 2 * d * (d + 1) * (d + 2) / 3_000
    assert found["sliced_wasserstein"] > 0.0015  # of true samples .0007


def test_the_table_and_its_page(good, tmp_path):
    rows = judged(good)
    write_claims(tmp_path / "priors.csv", rows)
    with (tmp_path / "priors.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["statement"] for row in found] == [each.number for each in STATEMENTS]
    assert [{name: str(value) for name, value in row.items()} for row in rows] == found
    assert list(map(str, read_claims(tmp_path / "priors.csv"))) == [str(row | {"n": float(row["n"])}) for row in rows]
    lines = markdown_statements(read_claims(tmp_path / "priors.csv")).splitlines()
    assert lines[0].startswith("| statement | supposed | verdict |")
    assert lines[2].startswith("| A1 | the q(z) of a VAE does not match N(0, I) exactly | holds |")
    assert len(lines) == len(rows) + 2
    assert " | 18 of 18 | " in lines[2]
    write_priors_page(tmp_path / "priors.html", rows)
    page = (tmp_path / "priors.html").read_text()
    assert page.count("<tr>") == len(rows) + 1
    assert "<td>A1</td><td>the q(z) of a VAE does not match N(0, I) exactly</td><td>holds</td>" in page
    assert "<td>18 of 18</td>" in page
    write_priors_page(tmp_path / "priors.html", judged(make(True, {"autoencoder": FAMILIES["autoencoder"]})))
    assert "<td>not testable</td>" in (tmp_path / "priors.html").read_text()
    assert "nan" not in (tmp_path / "priors.html").read_text()


def test_tables_of_families_have_a_line_each_with_seeds_apart_by_commas():
    study = make(True)
    moved = study.agreement.assign_coords(points=["z", "normal"])["value"].copy()
    moved.loc[{"points": "normal"}] = 0.25
    study = study._replace(agreement=xr.concat([study.agreement, moved.sel(points=["normal"]).to_dataset()], "points"))
    value = study.agreement["value"]
    value.loc[{"family": "vae", "points": "z"}] = 77
    value.loc[{"family": "swae", "points": "z", "latent_dim": 4, "seed": 1}] = 0.5
    lines = markdown_agreement(study).splitlines()
    assert lines[0] == "| sliced W² | d = 2 | d = 4 | d = 8 |"
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == [*FAMILIES, "true samples"]
    assert lines[3] == "| vae | 0.02, 0.02 | 0.02, 0.02 | 0.02, 0.02 |"
    assert lines[5] == "| swae | 0.01, 0.01 | 0.01, 0.5 | 0.01, 0.01 |"
    assert lines[7] == "| flow | 0.25, 0.25 | 0.25, 0.25 | 0.25, 0.25 |"
    assert lines[-1] == "| true samples | 0.5 | 0.5 | 0.5 |"

    study.samples["reconstruction_error"].loc[{"family": "vae", "latent_dim": 8, "seed": 1}] = 3.25
    assert markdown_errors(study).splitlines()[3] == "| vae | 12.0, 12.0 | 12.0, 12.0 | 12.0, 3.2 |"
    study.samples["score"][:] *= 100
    from_prior, fitted = markdown_from_prior(study).splitlines(), markdown_from_fitted(study).splitlines()
    assert from_prior[2] == "| autoencoder | 900, 900 | 900, 900 | 900, 900 |"
    assert fitted[2] == "| autoencoder | 195, 195 | 195, 195 | 195, 195 |"
    assert fitted[7] == "| flow | 195, 195 | 195, 195 | 195, 195 |"
    assert fitted[3] == "| vae | 100, 100 | 100, 100 | 100, 100 |"
