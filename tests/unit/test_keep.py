"""Of a finished study the files that are named are kept, with a manifest of these alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from aespectra.checksums import manifest_checksums, sha256_of
from aespectra.figures import complex_plane, figure_2, reconstructions
from aespectra.summary.alive import for_figures
from aespectra.summary.file import of_family, open_summary
from aespectra.summary.merge import write_summary
from study.leftovers import check_manifest

from .summaries import FAMILIES, Study

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


def test_a_summary_is_kept_without_what_is_large(tmp_path: Path, make_slab) -> None:
    made, folder, kept = Study(tmp_path / "made", make_slab), tmp_path / "study", tmp_path / "kept"
    folder.mkdir()
    whole = folder / "summary.nc"
    write_summary(whole, made.parts.values(), made.datasets, {"seeds": [0, 1]})
    (folder / "manifest.json").write_text(json.dumps({"sha256": {"summary.nc": sha256_of(whole)}}))

    done = keep(folder, kept, "summary.nc", "--without", "plane_density", "colour")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{whole} has no variable 'colour'; it has mean_abs, ")
    assert not any(kept.rglob("*"))

    large = ["plane_density", "reconstruction"]
    done = keep(folder, kept, "summary.nc", "--without", *large)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check_manifest(kept)
    assert manifest_checksums(kept) == {kept / "summary.nc": sha256_of(kept / "summary.nc")}
    for found, expected in zip(open_summary(kept / "summary.nc"), open_summary(whole), strict=True):
        rest = expected.drop_vars(large, errors="ignore")
        xr.testing.assert_identical(found, rest.assign_attrs(left_out="plane_density, reconstruction"))
        assert all(each.encoding["fletcher32"] for each in found.values() if each.dtype.kind == "f")
    with xr.open_dataset(kept / "summary.nc") as file, xr.open_dataset(whole) as before:
        for name, each in file.data_vars.items():
            assert each.encoding["chunksizes"] == before[name].encoding["chunksizes"]

    study = for_figures(of_family(open_summary(kept / "summary.nc"), FAMILIES[0]), dead=0.5, points=1)
    figure_2.draw(study)
    sets = dict.fromkeys(("bright", "moderate", "dark"), study.by_seed["dataset"].values[1])
    for draw, name in (
        (lambda: complex_plane.draw(study, sets, latent_dims=[2]), "plane_density"),
        (lambda: reconstructions.draw(study, sets, seed=1), "reconstruction"),
    ):
        with pytest.raises(ValueError, match=f"^the summary was kept without '{name}': what shows it is drawn from"):
            draw()
