"""What is gone or broken of a finished study: the next run makes it again, and `verify` says how."""

import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from .conftest import TINY, Project

EVERY_KIND = [
    "test_images.nc",
    "datasets/beta-5-0.8.nc",
    "models/autoencoder/d2_seed0.safetensors",
    "models/autoencoder/d3_seed1_loss.csv",
    "spectra/autoencoder/d2_seed1.nc",
    "statistics/autoencoder/d3.nc",
    "cube.nc",
    "figures/figure_2.png",
]


def contents(project: Project) -> dict[Path, bytes]:
    """All that the study holds, but for its logs."""
    files = (path for path in project.results.rglob("*") if path.is_file() and path.suffix != ".log")
    return {path.relative_to(project.results): path.read_bytes() for path in files}


def flip(path: Path) -> None:
    """Turn over one bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def do_as_told(project: Project, output: str, before: str) -> None:
    """Run, in a shell, the command that follows these words to the end of their line."""
    command = next(line.partition(before)[2] for line in output.splitlines() if before in line)
    python = f"{shlex.quote(str(project.python))} -m snakemake"
    done = subprocess.run(
        command.replace("snakemake", python, 1), shell=True, cwd=project.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_default_target_makes_again_what_is_gone(finished: Project) -> None:
    before = contents(finished)
    for name in EVERY_KIND:
        (finished.results / name).unlink()
    finished.finish()
    assert contents(finished) == before
    assert finished.planned() == {}


def test_another_target_says_what_makes_it_again(finished: Project) -> None:
    before = contents(finished)
    (finished.results / "spectra/autoencoder/d2_seed1.nc").unlink()
    output = finished.finish("figure_2")
    assert "d2_seed1.nc was made and is missing" in output
    do_as_told(finished, output, "To make again what is missing and what depends on it: ")
    assert contents(finished) == before
    assert "missing" not in finished.finish("figure_2")


def test_what_is_told_to_do_has_the_words_that_would_make_all_anew_if_left_out(finished: Project) -> None:
    (finished.results / "spectra/autoencoder/d2_seed1.nc").unlink()
    output = finished.finish("figure_2", "-n", "--sdm", "env-modules", "--directory", ".")
    assert " depends on it: snakemake --cores all --directory . --sdm env-modules --configfile tiny.yaml -- " in output
    output = finished.finish("figure_2", "-n", "--workflow-profile=profiles/default")
    assert " depends on it: snakemake --workflow-profile=profiles/default --configfile tiny.yaml -- " in output


@pytest.mark.parametrize("changed", [{"device": "cpu"}, {"images": {"name": "digits", "root": "elsewhere"}}])
def test_where_files_lie_and_what_computes_make_nothing_again(finished: Project, changed: dict) -> None:
    finished.config.write_text(yaml.safe_dump(TINY | changed))
    assert finished.planned() == {"provenance": 1, "all": 1}  # a page that shows the config


@pytest.mark.parametrize(
    ("target", "needs"), [("cube", "spectra/autoencoder/d2_seed1.nc"), ("summary", "statistics/autoencoder/d3.nc")]
)
def test_its_files_are_made_again_if_a_target_needs_them(target: str, needs: str, finished: Project) -> None:
    before = contents(finished)
    for name in (needs, f"{target}.nc"):
        (finished.results / name).unlink()
    finished.finish(target)
    assert contents(finished) == before


def test_what_verify_finds_is_mended_by_what_it_says(finished: Project) -> None:
    before = contents(finished)
    for name in EVERY_KIND[::2]:
        flip(finished.results / name)
    for name in EVERY_KIND[1::2]:
        (finished.results / name).unlink()
    done = finished.run("verify")
    assert done.returncode == 1
    for name in EVERY_KIND:
        assert name in done.stdout, name
    do_as_told(finished, done.stdout, "This makes them again: ")
    assert contents(finished) == before
    finished.finish("verify")
    said = (finished.results / "logs/verify.log").read_text(encoding="utf-8")
    assert " MB in " in said
    assert "; 0 without a checksum" in said


def test_a_kept_network_is_held_against_its_manifest(finished: Project) -> None:
    finished.finish("manifest")
    kept = finished.folder / "kept"
    finished.results.rename(kept)
    finished.config.write_text(yaml.safe_dump(TINY | {"kept": "kept"}))
    network = kept / "models/autoencoder/d2_seed0.safetensors"
    whole = network.read_bytes()
    flip(network)
    done = finished.run("verify")
    assert done.returncode == 1
    assert "no run makes them again" in done.stdout
    network.write_bytes(whole)
    finished.finish("verify")
    finished.finish("cube")
    assert not list(finished.results.glob("models"))
