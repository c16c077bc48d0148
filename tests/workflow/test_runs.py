"""Whole and partial runs on a tiny study: what is made, and what is not made again."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from aespectra.slabs.cube import open_cube
from aespectra.slabs.epochs import by_epoch
from aespectra.summary.layout import GEOMETRY

from .conftest import TINY, Project, copy_project

FIGURES = [*(f"figure_{number}" for number in range(1, 7)), "complex_plane", "table_1", "table_2", "training_curves"]


def contents(folder: Path, pattern: str) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob(pattern)}


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text() + f"\n{line}\n")


def test_whole_run_makes_every_figure_the_cube_and_the_summary(finished: Project) -> None:
    figures = {path.name for path in (finished.results / "figures").iterdir() if path.stat().st_size > 2000}
    assert figures == {f"{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png")}
    cube = open_cube(finished.results / "cube.nc")
    assert dict(cube.sizes) == {
        "family": 1,
        "jacobian": 2,
        "dataset": 4,
        "latent_dim": 2,
        "seed": 2,
        "sample": 60,
        "eigenvalue": 3,
    }
    assert float(abs(cube.eigenvalue_real.sel(latent_dim=3)).max()) > 0
    assert set(xr.open_dataset(finished.results / "summary.nc").dataset.values) == {
        "digits",
        "bernoulli-0.13",
        "truncated-normal",
        "beta-5-0.8",
    }


def test_a_training_is_looked_at_after_several_epochs(finished: Project, tmp_path: Path) -> None:
    """Each look is a family; the last has the network of a study without looks, and one training makes them all."""
    epochs = TINY["training"]["epochs"]
    training = TINY["training"] | {"checkpoints": [0, 1, epochs]}
    config = TINY | {"training": training, "latent_dims": [2], "seeds": [0], "figures": {"formats": ["svg"]}}
    project = copy_project(tmp_path / "epochs", config)
    planned = project.planned("all")
    assert planned["train_and_look"] == 1
    assert planned["spectra"] == 3
    project.finish("cube", "epochs")
    cube = open_cube(project.results / "cube.nc")
    assert cube["family"].values.tolist() == [f"autoencoder@{each}" for each in (0, 1, epochs)]
    network = {"latent_dim": 2, "seed": 0, "family": f"autoencoder@{epochs}"}
    plain = open_cube(finished.results / "cube.nc").sel(network | {"family": "autoencoder"}).isel(eigenvalue=slice(2))
    for name in plain.data_vars:
        np.testing.assert_array_equal(cube[name].sel(network).values, plain[name].values)
    summary = xr.open_dataset(project.results / "summary.nc")
    assert by_epoch(summary)["epoch"].values.tolist() == [0, 1, epochs]
    assert {path.name for path in (project.results / "figures" / "autoencoder").iterdir()} == {
        "epochs.svg",
        "initial_and_trained.svg",
    }
    losses = (project.results / "models" / "autoencoder@0" / "d2_seed0_loss.csv").read_text().splitlines()
    assert losses == ["epoch,loss,reconstruction"]
    assert project.planned("cube", "epochs") == {}

    (project.results / "models" / "autoencoder@1" / "d2_seed0.safetensors").unlink()
    again = project.planned("all")  # which asks for networks as well
    assert again["train_and_look"] == 1
    assert again.keys() & {"noise", "images"} == set()


def test_geometry_stands_in_every_file_and_in_figures_of_its_own(finished: Project, tmp_path: Path) -> None:
    """And what was there without it is the same."""
    project = copy_project(tmp_path / "geometry", TINY | {"spectra": {"geometry": True}})
    project.finish("all")
    figures = {path.stem for path in (project.results / "figures").iterdir() if path.stat().st_size > 2000}
    assert figures == {*FIGURES, "singular_values", "local_dimension", "geometry"}
    cube = open_cube(project.results / "cube.nc")
    assert cube.sizes["singular_value"] == cube.sizes["eigenvalue"] == 3
    known = cube.singular_values.sel(latent_dim=2).isel(singular_value=slice(2))
    assert (np.diff(known.transpose(..., "singular_value")) <= 0).all()
    for group in (None, "pooled"):
        with_, without = (xr.open_dataset(each.results / "summary.nc", group=group) for each in (project, finished))
        assert set(GEOMETRY) == set(with_) - set(without)
        assert without.drop_attrs(deep=False).identical(with_[list(without)].drop_attrs(deep=False))


def test_nothing_is_made_twice(finished: Project) -> None:
    assert finished.planned() == {}


def test_a_moved_folder_re_runs_nothing(finished: Project, tmp_path: Path) -> None:
    shutil.move(finished.folder, tmp_path / "elsewhere")
    assert Project(tmp_path / "elsewhere", TINY).planned() == {}


def test_no_part_file_is_left(finished: Project) -> None:
    assert not list(finished.results.glob("**/*.part"))


def test_dry_run_of_the_paper_plans_its_whole_grid(project: Project) -> None:
    shutil.copy(project.folder / "config" / "config.yaml", project.config)
    grid = {"train": 38, "spectra": 38}
    once = dict.fromkeys(("all", "images", "summary", "claims", "cube", "provenance", *FIGURES), 1)
    assert project.planned() == grid | once | {"noise": 10, "statistics": 19}


def test_part_of_the_grid_is_asked_for_on_the_command_line(project: Project) -> None:
    planned = project.planned("cube", "--config", "experiment=part", "latent_dims=[2,8]", "seeds=[1]")
    assert planned["train"] == planned["spectra"] == 2


def test_training_together_is_one_job_with_the_same_networks(finished: Project, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "together", TINY | {"train_together": True})
    assert project.planned("summary")["train_together"] == 1
    project.finish("summary")
    assert "train" not in project.planned()
    one, two = (xr.open_dataset(each.results / "summary.nc") for each in (finished, project))
    np.testing.assert_allclose(two.loss, one.loss, rtol=1e-4)


@pytest.mark.parametrize("name", ["figure_2", "table_1", "complex_plane"])
def test_a_single_figure_is_remade_alone(finished: Project, name: str) -> None:
    before = contents(finished.results, "**/*.nc")
    for suffix in ("pdf", "png"):
        (finished.results / "figures" / f"{name}.{suffix}").unlink()
    assert finished.planned(name) == {name: 1}
    finished.finish(name)
    assert (finished.results / "figures" / f"{name}.pdf").exists()
    assert contents(finished.results, "**/*.nc") == before


def test_one_more_seed_adds_only_its_own_jobs(finished: Project) -> None:
    finished.config.write_text(yaml.safe_dump(TINY | {"seeds": [0, 1, 2]}))
    planned = finished.planned()
    assert planned["train"] == planned["spectra"] == planned["statistics"] == 2
    assert not {"images", "noise"} & set(planned)


def test_one_more_latent_dimension_adds_only_its_own_statistics(finished: Project) -> None:
    finished.config.write_text(yaml.safe_dump(TINY | {"latent_dims": [2, 4, 3]}))
    assert finished.planned("summary", "cube") == {"train": 2, "spectra": 2, "statistics": 1, "summary": 1, "cube": 1}
    before = contents(finished.results, "statistics/**/*.nc")
    finished.finish("summary")
    assert contents(finished.results, "statistics/**/*.nc").items() > before.items()
    with xr.open_dataset(finished.results / "summary.nc") as summary:
        assert summary.latent_dim.values.tolist() == [2, 4, 3]
        assert np.isfinite(summary.mean_abs).all()


@pytest.mark.parametrize(
    ("change", "redrawn"),
    [
        (
            {"representatives": {"bright": "truncated-normal", "moderate": "beta-5-0.8", "dark": "bernoulli-0.13"}},
            {"figure_1", "figure_3", "figure_6", "complex_plane", "table_1", "table_2"},
        ),
        ({"complex_plane_latent_dims": [3]}, {"complex_plane"}),
    ],
)
def test_a_figure_is_redrawn_for_another_setting_only_where_it_shows_it(
    finished: Project, change: dict, redrawn: set
) -> None:
    finished.config.write_text(yaml.safe_dump(TINY | {"figures": change}))
    assert set(finished.planned(*FIGURES)) == redrawn


def test_one_more_format_redraws_the_figures_and_rewrites_the_page_of_provenance(finished: Project) -> None:
    finished.config.write_text(yaml.safe_dump(TINY | {"figures": {"formats": ["pdf", "png", "svg"]}}))
    assert set(finished.planned()) == {"all", "provenance", *FIGURES}


@pytest.mark.parametrize(
    ("module", "re_run", "kept"),
    [
        ("figures/figure_2.py", {"figure_2"}, {"figure_1", "summary"}),
        ("claims/paper.py", {"claims"}, {"figure_1", "summary"}),
        ("summary/statistics.py", {"statistics", "summary", "figure_1"}, {"spectra", "train", "cube"}),
        ("summary/layout.py", {"statistics", "summary", "figure_1"}, {"spectra", "train", "cube"}),
        ("summary/compute.py", {"statistics", "summary", "figure_1"}, {"spectra", "train", "cube"}),
        ("summary/merge.py", {"summary", "figure_1"}, {"statistics", "spectra", "train", "cube"}),
        ("slabs/cube.py", {"cube"}, {"statistics", "summary", "spectra", "train"}),
        ("slabs/reading.py", {"cube", "statistics", "summary"}, {"spectra", "train"}),
        ("report/provenance.py", {"provenance"}, {"cube", "statistics", "summary", "spectra", "train"}),
        ("linalg/jacobian.py", {"spectra", "summary", "cube"}, {"train", "noise", "images"}),
        ("linalg/francis.py", {"spectra", "summary", "cube"}, {"train", "noise", "images"}),
        ("models/train.py", {"train", "spectra"}, {"noise", "images"}),
        ("data/pixels.py", {"images", "noise", "train", "spectra"}, set()),
        ("logs.py", set(), {"train", "spectra", "figure_1"}),
        ("../study/config.py", set(), {"train", "spectra", "figure_1"}),
    ],
)
def test_an_edited_module_re_runs_what_depends_on_it(finished: Project, module: str, re_run: set, kept: set) -> None:
    append(finished.folder / "workflow" / "aespectra" / module, "# edited")
    planned = set(finished.planned())
    assert re_run <= planned
    assert not kept & planned


def test_two_studies_stand_side_by_side(finished: Project) -> None:
    before = contents(finished.results, "**/*.nc")
    other = TINY | {"experiment": "other", "seeds": [5], "latent_dims": [4]}
    finished.config.write_text(yaml.safe_dump(other))
    finished.finish("cube")
    assert (finished.folder / "results" / "other" / "cube.nc").exists()
    assert contents(finished.results, "**/*.nc") == before


def test_same_config_gives_the_same_bits_whatever_the_number_of_jobs(finished: Project, tmp_path: Path) -> None:
    again = copy_project(tmp_path / "again", TINY)
    again.finish("summary", cores=1)
    for pattern in ("datasets/*.nc", "models/**/*.safetensors", "spectra/**/*.nc"):
        first, second = contents(finished.results, pattern), contents(again.results, pattern)
        assert len(first) >= 4
        assert first == second
    xr.testing.assert_identical(
        xr.load_dataset(finished.results / "summary.nc"), xr.load_dataset(again.results / "summary.nc")
    )


def test_self_contained_cube_holds_the_values_of_the_virtual_one(finished: Project, tmp_path: Path) -> None:
    finished.finish("standalone_cube")
    shutil.copy(finished.results / "cube-standalone.nc", tmp_path / "cube.nc")
    alone, virtual = xr.load_dataset(tmp_path / "cube.nc"), open_cube(finished.results / "cube.nc").load()
    for name in virtual:
        xr.testing.assert_equal(alone[name], virtual[name])


def test_a_kept_study_is_drawn_from_its_summary_alone(finished: Project) -> None:
    figure = (finished.results / "figures" / "figure_2.png").read_bytes()
    shutil.move(finished.results, finished.folder / "kept")
    again = Project(finished.folder, TINY | {"experiment": "again", "kept": "kept"})
    assert again.planned("figure_2", "claims") == {"figure_2": 1, "claims": 1}
    again.finish("figure_2", "claims")
    assert (again.results / "figures" / "figure_2.png").read_bytes() == figure
    assert (again.results / "claims.csv").read_bytes() == (finished.folder / "kept" / "claims.csv").read_bytes()


def test_spectra_of_a_kept_study_come_from_its_networks(finished: Project) -> None:
    shutil.move(finished.results, finished.folder / "kept")
    before = contents(finished.folder / "kept", "**/*.*")
    again = Project(finished.folder, TINY | {"experiment": "again", "kept": "kept"})
    assert "train" not in again.planned("summary")
    again.finish("summary")
    xr.testing.assert_identical(
        xr.load_dataset(again.results / "summary.nc"),
        xr.load_dataset(finished.folder / "kept" / "summary.nc").assign_attrs(
            xr.load_dataset(again.results / "summary.nc").attrs
        ),
    )
    again.finish("statistics_table", "manifest")
    manifest = json.loads((again.results / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {"statistics.csv"}  # figures would be of what was kept
    assert not {"device", "solver_failures"} & set(manifest)
    assert contents(finished.folder / "kept", "**/*.*") == before


def test_manifest_says_what_the_study_consists_of(finished: Project) -> None:
    finished.finish("statistics_table", "manifest")
    manifest = json.loads((finished.results / "manifest.json").read_text())
    patterns = ("models/**/*.*", "figures/*", "summary.nc", "claims*.csv", "statistics.csv")
    kept = {name: bits for pattern in patterns for name, bits in contents(finished.results, pattern).items()}
    assert manifest["sha256"] == {name: hashlib.sha256(bits).hexdigest() for name, bits in kept.items()}
    assert {
        f"{kind}/autoencoder/d{d}_seed{seed}" for kind in ("train", "spectra") for d in (2, 3) for seed in (0, 1)
    } < set(manifest["seconds"])
    assert all(0 < each < 600 for each in manifest["seconds"].values())
    assert manifest["config"]["latent_dims"] == [2, 3]
    assert {"torch", "numpy", "python"} <= set(manifest["versions"])
    assert (manifest["device"], manifest["precision"], manifest["solver_failures"]) == ("cpu", "float64", 0)
    zeros = xr.load_dataset(finished.results / "summary.nc").zero_count
    assert sum(manifest["zero_eigenvalues"].values()) == zeros.sum()
    for place, count in manifest["zero_eigenvalues"].items():
        labels = dict(each.split(" ", 1) for each in place.split(", "))
        labels |= {dim: int(labels[dim]) for dim in ("latent_dim", "seed")}
        assert zeros.sel(labels) == count
