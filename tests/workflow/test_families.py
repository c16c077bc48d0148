"""The seam for families: a second one of a few lines beside the plain autoencoder, from training to the report."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from aespectra.slabs.cube import open_cube
from safetensors import safe_open

from .conftest import TINY, Project, copy_project
from .test_runs import FIGURES, append, contents

SMALL = '''"""Latents that are pulled to 0: reconstruction, and the mean square of z."""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION

TERMS = {"reconstruction": 1.0, "size": 0.01}


def build(image_shape: tuple[int, ...], latent_dim: int, architecture: dict[str, Any]) -> Autoencoder:
    return Autoencoder(image_shape, latent_dim, **architecture)


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    z = network.encoder(x)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        "size": z.square().mean(),
    }
'''

OPTIONS = {"autoencoder": {"hidden": [12]}, "training": {"epochs": 3, "weights": {"size": 0.5}}}
TWO = TINY | {"families": ["autoencoder", {"name": "pulled", "kind": "small", "options": OPTIONS}]}
MODULE = "models/families/small.py"
OF_A_FAMILY = ("Training", "Spectra", "Statistics")
"""First words of the jobs of one network, or of one latent dimension."""


def with_family(project: Project) -> Project:
    (project.folder / "workflow" / "aespectra" / MODULE).write_text(SMALL)
    project.config.write_text(yaml.safe_dump(TWO))
    return project


@pytest.fixture(scope="module")
def two_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = with_family(copy_project(tmp_path_factory.mktemp("families") / "project", TWO))
    project.finish("all", "latents")
    return project


def test_both_families_are_in_cube_and_summary(two_once: Project) -> None:
    cube = open_cube(two_once.results / "cube.nc")
    assert cube.family.values.tolist() == ["autoencoder", "pulled"]
    assert float(abs(cube.eigenvalue_real.sel(family="pulled", latent_dim=3)).max()) > 0
    with xr.open_dataset(two_once.results / "summary.nc") as summary:
        assert summary.family.values.tolist() == ["autoencoder", "pulled"]
        assert np.isfinite(summary.mean_abs).all()
        # trained for two epochs and for three
        assert np.isnan(summary.loss.sel(family="autoencoder")).sum("epoch").values.tolist() == [[1, 1], [1, 1]]
        assert np.isfinite(summary.loss.sel(family="pulled")).all()


def test_options_lie_over_the_sections_for_their_family(two_once: Project) -> None:
    for family, hidden, epochs in (("autoencoder", [16, 8], 2), ("pulled", [12], 3)):
        with safe_open(two_once.results / "models" / family / "d2_seed0.safetensors", framework="np") as file:
            made_by = json.loads(json.loads(file.metadata()["provenance"])["config"])
            assert file.get_tensor("encoder.0.weight").shape == (hidden[0], 64)
        assert made_by["autoencoder"]["hidden"] == hidden
        assert made_by["training"]["epochs"] == epochs
        assert made_by["training"]["batch_size"] == 128
    assert (made_by["family"], made_by["kind"]) == ("pulled", "small")
    assert made_by["training"]["weights"] == {"reconstruction": 1.0, "size": 0.5}


def test_the_loss_curve_has_a_column_for_every_term(two_once: Project) -> None:
    with (two_once.results / "models" / "pulled" / "d3_seed1_loss.csv").open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert [list(row) for row in rows] == [["epoch", "loss", "reconstruction", "size"]] * 3
    for row in rows:
        assert row["loss"] == pytest.approx(row["reconstruction"] + 0.5 * row["size"], rel=1e-6)


def test_every_family_has_its_figures_and_its_claims(two_once: Project) -> None:
    folder = two_once.results / "figures"
    figures = {path.relative_to(folder).as_posix() for path in folder.glob("**/*.*")}
    names = [f"{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png")]
    assert figures == {f"{family}/{name}" for family in ("autoencoder", "pulled") for name in names}
    with (two_once.results / "claims.csv").open(newline="") as file:
        families = [row["family"] for row in csv.DictReader(file)]
    assert set(families) == {"autoencoder", "pulled"}
    assert families.count("autoencoder") == families.count("pulled")


def test_latents_are_those_of_training_and_test_images(two_once: Project) -> None:
    for family in ("autoencoder", "pulled"):
        with xr.open_dataset(two_once.results / "latents" / family / "d3_seed0.nc") as file:
            assert dict(file.sizes) == {"sample_training": 1540, "sample_test": 257, "latent": 3}
            assert np.isfinite(file.z_training).all()


def announced(project: Project, *targets: str) -> dict[str, set[str]]:
    """Families of the jobs of one network or latent dimension that a dry run announces, by the first word they say."""
    found: dict[str, set[str]] = {}
    said = re.compile(r"^Job \d+: (\w+) (?:of )?([\w.-]+), latent_dim", re.MULTILINE)
    for what, family in said.findall(project.finish(*targets, "--dry-run")):
        found.setdefault(what, set()).add(family)
    return found


@pytest.fixture
def two(two_once: Project, tmp_path: Path) -> Project:
    """A project of one's own in which both families have run."""
    shutil.copytree(two_once.folder, tmp_path / "project")
    return Project(tmp_path / "project", TWO)


def test_an_edited_family_re_trains_that_family_alone(two: Project) -> None:
    assert two.planned() == {}
    append(two.folder / "workflow" / "aespectra" / MODULE, "# edited")
    assert announced(two, "summary", "latents") == {word: {"pulled"} for word in (*OF_A_FAMILY, "Latents")}
    assert not {"images", "noise"} & set(two.planned("summary", "latents"))


def test_changed_options_re_train_that_family_alone(two: Project) -> None:
    options = {"autoencoder": {"hidden": [12]}, "training": {"epochs": 4}}
    families = ["autoencoder", {"name": "pulled", "kind": "small", "options": options}]
    two.config.write_text(yaml.safe_dump(TWO | {"families": families}))
    assert announced(two, "summary") == {word: {"pulled"} for word in OF_A_FAMILY}


def test_one_more_family_leaves_the_others_alone(two: Project) -> None:
    before = contents(two.results, "models/**/*.*") | contents(two.results, "spectra/**/*.nc")
    families = [*TWO["families"], {"name": "third", "kind": "autoencoder", "options": {"training": {"epochs": 1}}}]
    two.config.write_text(yaml.safe_dump(TWO | {"families": families}))
    assert announced(two, "summary") == {word: {"third"} for word in OF_A_FAMILY}
    two.finish("summary")
    after = contents(two.results, "models/**/*.*") | contents(two.results, "spectra/**/*.nc")
    assert {name: after[name] for name in before} == before
    with xr.open_dataset(two.results / "summary.nc") as summary:
        assert summary.family.values.tolist() == ["autoencoder", "pulled", "third"]


def test_a_network_of_another_kind_under_this_name_is_refused(two: Project) -> None:
    families = ["autoencoder", {"name": "pulled", "kind": "autoencoder", "options": OPTIONS | {"training": {}}}]
    two.config.write_text(yaml.safe_dump(TWO | {"families": families}))
    done = two.run("summary")
    assert done.returncode == 1
    assert "was made with kind small, autoencoder is asked for" in done.stdout
    assert "rule " not in done.stdout


def test_a_family_that_draws_cannot_be_trained_together(project: Project) -> None:
    with_family(project)
    project.config.write_text(yaml.safe_dump(TWO | {"train_together": True}))
    done = project.run("summary")
    assert done.returncode == 1
    assert "networks of 'pulled' (kind small) can only be trained one by one." in done.stdout
