"""The workflow as a module of another one, which lies around it, has its own config and puts results elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from .conftest import TINY, copy_project

SMALL = TINY | {"latent_dims": [2], "seeds": [3]}
OTHER = """
configfile: "other.yaml"

rule mine:
    input:
        "spectra/results/tiny/figures/figure_2.pdf",
        "spectra/results/tiny/cube.nc",

module aespectra:
    snakefile: "modules/aespectra/Snakefile"
    config: config["spectra"]
    prefix: "spectra"

use rule * from aespectra as aespectra_*
"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The folder of the other workflow."""
    copy_project(tmp_path / "modules" / "aespectra", SMALL)
    (tmp_path / "Snakefile").write_text(OTHER)
    (tmp_path / "other.yaml").write_text(yaml.safe_dump({"seeds": "mine", "spectra": SMALL}))
    return tmp_path


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500, check=False
    )


def test_images_of_ones_own_lie_where_the_other_workflow_runs(other: Path) -> None:
    np.save(other / "mine.npy", np.zeros((60, 64), np.uint8))
    study = SMALL | {"images": {"name": "mine", "file": "mine.npy"}}
    (other / "other.yaml").write_text(yaml.safe_dump({"spectra": study}))
    done = snakemake(other, "--dry-run", "spectra/results/tiny/datasets/mine.nc")
    assert done.returncode == 0, done.stdout  # below the prefix the file would be missing
    assert "Reading mine" in done.stdout


def test_a_module_runs_with_the_config_it_is_given(other: Path) -> None:
    done = snakemake(other)
    assert done.returncode == 0, done.stdout
    assert "aespectra_figure_2" in done.stdout
    assert "aespectra_figure_1" not in done.stdout  # the other workflow's first rule is still its default target
    assert not (other / "results").exists()
    results = other / "spectra" / "results" / "tiny"
    assert (results / "figures" / "figure_2.pdf").stat().st_size > 2000
    assert "training begins" in (results / "logs" / "train" / "autoencoder" / "d2_seed3.log").read_text()
    with xr.open_dataset(results / "summary.nc") as summary:
        config = json.loads(summary.attrs["config"])
        assert dict(summary.sizes)["dataset"] == 4
    study = yaml.safe_load((other / "modules" / "aespectra" / "config" / "config.yaml").read_text())
    assert (config["experiment"], config["seeds"]) == ("tiny", [3])
    assert config["evaluation"] == study["evaluation"] | SMALL["evaluation"]
    assert config["training"] == study["training"] | {"epochs": 2, "weights": {}}  # what the module's config leaves out

    assert "Nothing to be done" in snakemake(other, "--dry-run").stdout
    report = snakemake(other, "--report", "report.zip")
    assert report.returncode == 0, report.stdout

    slab = results / "spectra" / "autoencoder" / "d2_seed3.nc"
    os.truncate(slab, slab.stat().st_size // 2)
    assert f"{slab.relative_to(other)} is truncated" in snakemake(other).stdout


def test_a_bad_config_of_a_module_is_one_sentence(other: Path) -> None:
    (other / "other.yaml").write_text(yaml.safe_dump({"spectra": SMALL | {"epochs": 3}}))
    done = snakemake(other)
    assert done.returncode == 1
    assert "config key 'epochs' is unknown; allowed here are autoencoder, claims, device," in done.stdout
    assert "Traceback" not in done.stdout
    assert not (other / "spectra").exists()


def test_two_studies_in_one_workflow(other: Path) -> None:
    (other / "Snakefile").write_text(
        """
module one:
    snakefile: "modules/aespectra/Snakefile"
    config: config["one"]

module two:
    snakefile: "modules/aespectra/Snakefile"
    config: config["two"]

use rule * from one

use rule * from two as two_*

rule both:
    default_target: True
    input: rules.all.input, rules.two_all.input
"""
    )
    one, two = SMALL | {"experiment": "one"}, SMALL | {"experiment": "two", "seeds": [0, 1, 2]}
    (other / "other.yaml").write_text(yaml.safe_dump({"one": one, "two": two}))
    done = snakemake(other, "--dry-run", "--configfile", "other.yaml")
    assert done.returncode == 0, done.stdout
    counts = dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)
    assert (counts["train"], counts["two_train"]) == ("1", "3")
    assert (counts["noise"], counts["two_noise"]) == ("3", "3")
    assert ("table_3" in counts, "two_table_3" in counts) == (False, True)
    for experiment in ("one", "two"):
        assert f"results/{experiment}/figures/figure_1.pdf" in done.stdout
