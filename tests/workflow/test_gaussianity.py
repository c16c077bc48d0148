"""Target priors: latents beside true samples of their prior, samples, pictures, and files that verify knows."""

import csv
from collections import Counter

import xarray as xr
import yaml

from .conftest import TINY, Project

UNIFORM = {"name": "square", "kind": "swae", "options": {"training": {"prior": "uniform"}}}
FAMILIES = TINY | {"latent_dims": [2], "seeds": [0], "families": ["autoencoder", "vae", "flow", UNIFORM]}
FAMILIES["training"] = TINY["training"] | {"loss": "squared"}

PICTURES = ["latent_planes", "latent_radii", "latent_agreement", "latent_price", "sample_quality", "samples_d2"]
PICTURES += [f"families_figure_{number}" for number in (2, 4, 5)]


def test_all_of_a_study_of_priors(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(FAMILIES))
    project.finish("priors")
    with (project.results / "gaussianity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    views = Counter((row["family"], row["seed"], row["points"]) for row in rows)
    expected = {("autoencoder", "z"), ("vae", "z"), ("vae", "draw"), ("flow", "z"), ("flow", "normal"), ("square", "z")}
    assert set(views) == {(family, "0", view) for family, view in expected}
    assert len(set(views.values())) == 1  # as many measures of each
    assert {row["prior"] for row in rows if row["family"] == "square"} == {"uniform"}
    assert {row["prior"] for row in rows if row["family"] != "square"} == {"gaussian"}
    for row in rows:
        low, high = float(row["prior_low"]), float(row["prior_high"])
        assert low <= high or row["prior"] == "uniform"  # some measures have no value there

    with (project.results / "priors.csv").open(newline="") as file:
        verdicts = {row["statement"]: row["grade"] for row in csv.DictReader(file)}
    assert verdicts["E2"] != "not testable"
    assert verdicts["B"] == "not testable"  # without VAEs of more layers
    assert "A1" in (project.results / "priors.html").read_text()
    figures = sorted(path.stem for path in (project.results / "figures/priors").glob("*.png"))
    assert figures == sorted(PICTURES)
    with xr.open_dataset(project.results / "samples.nc") as samples:
        assert samples["family"].values.tolist() == ["autoencoder", "vae", "flow", "square"]
        assert float(samples["accuracy"]) > 0.9

    (project.results / "gaussianity/true_samples/uniform_d2.csv").unlink()
    done = project.run("verify")
    assert done.returncode == 1
    assert "true_samples/uniform_d2.csv was made and is missing" in done.stdout
    project.finish("gaussianity", "--forcerun", "agreement_of_prior")
    project.finish("verify")
