"""Of a finished study the files that are named are kept, with a manifest of these alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aespectra.checksums import manifest_checksums, sha256_of
from study.leftovers import check_manifest

ROOT = Path(__file__).parents[2]
NAMES = ("summary.nc", "figures/figure_1.pdf", "figures/autoencoder/figure_1.pdf", "models/d2.safetensors")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"content of {name}")
    manifest = {"config": {"seeds": [0]}, "sha256": {name: sha256_of(folder / name) for name in NAMES}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def keep(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "workflow" / "keep.py", *arguments], capture_output=True, text=True, check=False
    )


def test_files_and_folders_that_are_named_are_kept_and_no_others(study: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    done = keep(study, kept, "summary.nc", "figures/autoencoder")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    files = {path.relative_to(kept).as_posix() for path in kept.rglob("*.*") if path.is_file()}
    assert files == {"summary.nc", "figures/autoencoder/figure_1.pdf", "manifest.json"}
    assert {path.relative_to(kept).as_posix() for path in manifest_checksums(kept)} == files - {"manifest.json"}
    assert json.loads((kept / "manifest.json").read_text())["config"] == {"seeds": [0]}
    check_manifest(kept)


@pytest.mark.parametrize("name", ["claims.csv", "fig", "figures/figure_1", ".."])
def test_a_name_without_a_file_is_a_sentence(study: Path, tmp_path: Path, name: str) -> None:
    done = keep(study, tmp_path / "kept", "summary.nc", name)
    assert done.returncode == 1
    assert done.stderr == f"{study}/manifest.json names no file '{name}', and none in a folder of that name.\n"
    assert not (tmp_path / "kept").exists()


def test_what_changed_since_is_not_kept(study: Path, tmp_path: Path) -> None:
    (study / "summary.nc").write_text("other")
    done = keep(study, tmp_path / "kept", "summary.nc")
    assert done.returncode == 1
    assert "summary.nc is not the file that was kept" in done.stderr
    assert not (tmp_path / "kept" / "manifest.json").exists()


def test_a_study_without_a_manifest_is_a_sentence(study: Path, tmp_path: Path) -> None:
    (study / "manifest.json").unlink()
    done = keep(study, tmp_path / "kept", "summary.nc")
    assert (done.returncode, done.stderr) == (
        1,
        f"{study} has no manifest.json that names files: make it with `snakemake manifest`.\n",
    )
    assert "STUDY KEPT NAME" in keep(study).stderr
