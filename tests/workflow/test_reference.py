"""The kept run of the study, results/reference: whole, converged, drawn and computed again."""

import base64
import csv
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from aespectra.claims.judge import judge_claims, read_claims
from aespectra.claims.reconstructions import FURTHER
from aespectra.claims.terms import Terms
from aespectra.data.images import evenly_spaced_blocks, load_images
from aespectra.data.noise import noise_blocks
from aespectra.data.pixels import write_dataset
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.family import family_of
from aespectra.slabs.compute import write_slab
from aespectra.slabs.grid import NETWORK
from aespectra.slabs.in_memory import spectra
from aespectra.summary.compute import write_statistics
from aespectra.summary.file import Summary, open_reconstructions, open_summary
from aespectra.summary.layout import STEPS
from aespectra.summary.merge import write_summary
from scipy.stats import spearmanr

from .conftest import ROOT, Project, copy_project
from .test_runs import FIGURES

REFERENCE = ROOT / "results" / "reference"
MANIFEST = json.loads((REFERENCE / "manifest.json").read_text())
CONFIG = MANIFEST["config"]
D_TRAIN = CONFIG["images"]["name"]
PRIORS = sorted((REFERENCE / "priors" / "figures" / "priors").iterdir())
GRIDS = [f"samples_d{d}" for d in (2, 4, 16)]
"""Of the study of priors, not kept: half a megabyte each."""
NOISE = {each["name"]: each for each in CONFIG["evaluation"]["sets"]}


@pytest.fixture(scope="module")
def kept() -> Summary:
    return open_summary(REFERENCE / "summary.nc")


def test_it_is_the_study_of_the_config(kept: Summary) -> None:
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    later = (
        "digits",
        "same_class",
        "same_image",
        "groups",
        "equal",
        "projection",
    )  # of claims 19 to 26, not of this run
    for term in later:
        del config["claims"][term]
    assert {key: CONFIG[key] for key in config} == config
    assert kept.by_seed["dataset"].values.tolist() == [D_TRAIN, *NOISE]
    assert kept.by_seed["latent_dim"].values.tolist() == config["latent_dims"]
    assert kept.by_seed["seed"].values.tolist() == config["seeds"]
    assert kept.by_seed.attrs["samples"] == config["evaluation"]["samples"]


def test_every_file_is_that_of_the_manifest() -> None:
    checksums = {name: hashlib.sha256((REFERENCE / name).read_bytes()).hexdigest() for name in MANIFEST["sha256"]}
    assert checksums == MANIFEST["sha256"]
    kept_files = [path for folder in ("models", "figures") for path in (REFERENCE / folder).rglob("*.*")]
    assert {path.relative_to(REFERENCE).as_posix() for path in kept_files} < set(checksums)
    assert len([name for name in checksums if name.endswith(".safetensors")]) == 38


def test_no_eigenvalue_is_missing(kept: Summary) -> None:
    assert MANIFEST["solver_failures"] == 0
    for name in ("mean_abs", "geometric_mean", "log_abs_quantiles"):
        assert np.isfinite(kept.by_seed[name]).all()


def test_every_network_has_converged(kept: Summary) -> None:
    loss = kept.by_seed["loss"].isel(family=0)
    # one that had died would still reconstruct the mean image, as about all do in the first epoch
    assert (loss.isel(epoch=-1) < 0.65 * loss.isel(epoch=0)).all()
    # no more than a twentieth is gained in the last third
    assert (
        loss.isel(epoch=slice(-10, None)).mean("epoch") > 0.95 * loss.isel(epoch=slice(195, 205)).mean("epoch")
    ).all()
    for seed in loss["seed"]:
        assert spearmanr(loss["latent_dim"], loss.sel(seed=seed).isel(epoch=-1)).statistic < -0.95


def with_reference(folder: Path) -> Project:
    """A copy of the project in which nothing has run, with the kept run."""
    project = copy_project(folder, yaml.safe_load((ROOT / "config" / "reference.yaml").read_text()))
    shutil.copytree(REFERENCE, folder / "results" / "reference")
    return project


def test_every_figure_and_the_claims_are_drawn_again_byte_for_byte(tmp_path: Path) -> None:
    project = with_reference(tmp_path / "project")
    assert project.planned("claims", *FIGURES) == dict.fromkeys(("claims", *FIGURES), 1)
    project.finish("claims", *FIGURES)
    drawn = [
        *(f"figures/{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png")),
        "claims.csv",
        "claims_by_d.csv",
    ]
    differing = [each for each in drawn if (project.results / each).read_bytes() != (REFERENCE / each).read_bytes()]
    assert not differing


def test_what_was_kept_of_the_study_of_priors_is_drawn_again_byte_for_byte(tmp_path: Path) -> None:
    config, of_kept = (
        yaml.safe_load((ROOT / "config" / name).read_text()) for name in ("priors.yaml", "priors-reference.yaml")
    )
    project = copy_project(tmp_path / "project", config | of_kept)
    kept = project.folder / of_kept["kept"]
    shutil.copytree(REFERENCE / "priors", kept)
    figures = {*(path.stem for path in PRIORS), *GRIDS}
    assert set(project.planned("priors")) == {"priors", "prior_statements", *(f"priors_{name}" for name in figures)}
    project.finish("priors")
    drawn = ["priors.csv", *(f"figures/priors/{path.name}" for path in PRIORS)]
    assert [each for each in drawn if (project.results / each).read_bytes() != (kept / each).read_bytes()] == []


def test_what_was_kept_of_the_course_of_the_training_is_drawn_again_byte_for_byte(tmp_path: Path) -> None:
    config = yaml.safe_load((ROOT / "config" / "epochs.yaml").read_text())
    of_kept = {"kept": "results/reference/epochs", "experiment": "epochs-from-reference"}
    project = copy_project(tmp_path / "project", config | of_kept)
    kept = project.folder / of_kept["kept"]
    shutil.copytree(REFERENCE / "epochs", kept)
    assert project.planned("epochs") == {"epochs_of": 1, "initial_and_trained_of": 1, "epochs": 1}
    project.finish("epochs")
    for name in ("epochs", "initial_and_trained"):
        for suffix in ("pdf", "png"):
            drawn = Path("figures") / "autoencoder" / f"{name}.{suffix}"
            assert (project.results / drawn).read_bytes() == (kept / drawn).read_bytes(), drawn


def test_what_was_kept_of_ten_seeds_is_drawn_again_byte_for_byte(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", yaml.safe_load((ROOT / "config" / "seeds-reference.yaml").read_text()))
    kept = project.folder / "results" / "reference" / "seeds"
    shutil.copytree(REFERENCE / "seeds", kept)
    figures = [path.relative_to(kept).as_posix() for path in sorted((kept / "figures").iterdir())]
    project.finish("seeds", "claims", *{Path(name).stem for name in figures} - {"seeds"})
    drawn = ["seeds.csv", "claims.csv", "claims_by_d.csv", *figures]
    assert [each for each in drawn if (project.results / each).read_bytes() != (kept / each).read_bytes()] == []


def test_of_ten_seeds_the_first_two_are_the_kept_ones(kept: Summary) -> None:
    ten = open_summary(REFERENCE / "seeds" / "summary.nc").by_seed
    assert ten.sizes["seed"] == 10
    two = kept.by_seed.sel(latent_dim=ten["latent_dim"].values)
    beside = [name for name in ten.data_vars if name in two and name != "loss"]
    assert len(beside) > 20
    for name in beside:
        of_two = ten[name].sel(seed=two["seed"].values) if "seed" in ten[name].dims else ten[name]
        np.testing.assert_allclose(of_two, two[name].transpose(*of_two.dims), rtol=1e-9, atol=1e-12, err_msg=name)
    # others differ: no seed is counted twice
    loss = ten["loss"].isel(family=0, epoch=-1)
    assert all(len(np.unique(loss.sel(latent_dim=d))) == 10 for d in loss["latent_dim"].values)


def test_the_results_have_the_verdict_on_every_claim() -> None:
    rows: list[dict] = []
    for name in ("claims.csv", "reconstructions/reconstruction_claims.csv"):
        with (REFERENCE / name).open(newline="") as file:
            rows += csv.DictReader(file)
    results = (ROOT / "docs" / "results.md").read_text().replace("\\|", "¦")
    cells = [[cell.replace("¦", "|") for cell in line[2:-2].split(" | ")] for line in results.splitlines()]
    told = {(line[0], line[2]): line for line in cells if len(line) == 10}
    names = {"input": "J_I", "latent": "J_L", "": ""}
    for row in rows:
        found = told[row["claim"], names[row["jacobian"]]]
        assert [found[1], found[3], found[4], found[7]] == [
            row[name] for name in ("says", "statistic", "bound", "grade")
        ]
        numbers = [f"{float(row[f'seed_{seed}']):.3g}".replace("nan", "–") for seed in CONFIG["seeds"]]
        assert [cell.split(" (")[0] for cell in found[5:7]] == numbers
    assert len(told) == len(rows) + 3  # two heads, and the rule below them


def test_its_spectra_are_planned_from_the_kept_networks(tmp_path: Path) -> None:
    planned = with_reference(tmp_path / "project").planned("cube", "summary")
    assert planned == {"images": 1, "noise": 10, "spectra": 38, "cube": 1, "statistics": 19, "summary": 1}


def compute_again(folder: Path, dataset: Path, latent_dim: int, seed: int) -> xr.Dataset:
    """Statistics of one network at all points of one set, from the network."""
    family = CONFIG["families"][0]
    name = NETWORK.format(family=family, latent_dim=latent_dim, seed=seed)
    network, slab = REFERENCE / "models" / f"{name}.safetensors", folder / "spectra" / f"{name}.nc"
    made_for = {"latent_dim": latent_dim, "seed": seed, "autoencoder": CONFIG["autoencoder"]}
    samples = CONFIG["evaluation"]["samples"]
    write_slab(slab, network, family_of(family), made_for, [dataset], samples, CONFIG["spectra"])
    write_statistics(folder / "part.nc", [slab], [REFERENCE / "models" / f"{name}_loss.csv"])
    write_summary(folder / "summary.nc", [folder / "part.nc"], [dataset], CONFIG)
    return open_summary(folder / "summary.nc").by_seed


@pytest.mark.parametrize("what", ["D_train", "noise"])
def test_a_random_part_of_its_spectra_computed_again_gives_the_kept_statistics(
    what: str, kept: Summary, tmp_path: Path
) -> None:
    rng = np.random.default_rng()  # another network and set at every run: in time, all of them
    latent_dim, seed, name = (rng.choice(each).item() for each in (CONFIG["latent_dims"], CONFIG["seeds"], [*NOISE]))
    dataset, samples = tmp_path / "dataset.nc", CONFIG["evaluation"]["samples"]
    if what == "noise":
        blocks = noise_blocks(NOISE[name], CONFIG["evaluation"]["seed"], 784, samples)
        write_dataset(dataset, name, blocks, NOISE[name])
    else:
        if not os.environ.get("AESPECTRA_MNIST"):
            pytest.skip("needs MNIST: set AESPECTRA_MNIST to the folder that torchvision takes as root")
        name = D_TRAIN
        images = load_images(name, Path(os.environ["AESPECTRA_MNIST"]))
        write_dataset(dataset, name, evenly_spaced_blocks(images.pixels, samples), {}, images.full_scale)
    again = compute_again(tmp_path, dataset, latent_dim, seed)
    expected = kept.by_seed.sel(dataset=[name], latent_dim=[latent_dim], seed=[seed])
    for variable in kept.by_seed:
        where = f"{variable} of {name}, latent_dim {latent_dim}, seed {seed}"
        found, wanted = again[variable].values, expected[variable].values
        if variable == "log_abs_quantiles":
            # rounding errors are of the size of the largest eigenvalues, tens at most: the smallest of a million, 1e-7,
            # keeps fewer digits. All 38 networks by two orders of summation: its norm changed by 4e-11 at most.
            smallest = np.exp(found[..., 0]), np.exp(wanted[..., 0])
            np.testing.assert_allclose(*smallest, rtol=1e-6, atol=1e-9, err_msg=where)
            found, wanted = found[..., 1:], wanted[..., 1:]
        # pictures are rounded since: errors of reconstruction, a number a point, are held to all digits
        rounded = 0.5 / STEPS if variable == "reconstruction" else 0
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6 + rounded, err_msg=where)


def test_the_explorer_shows_eigenvalues_of_the_kept_networks() -> None:
    page = (REFERENCE / "explorer.html").read_text()
    assert len(page.encode()) < 6e6
    contents = json.loads(
        re.search(r'<script type="application/json" id="contents">(.*?)</script>', page, re.DOTALL)[1]
    )
    assert contents["latent_dims"] == CONFIG["latent_dims"]
    assert contents["sets"] == [D_TRAIN, *NOISE]
    rng = np.random.default_rng()  # another network and set at every run
    latent_dim, seed, name = (rng.choice(each).item() for each in (CONFIG["latent_dims"], CONFIG["seeds"], [*NOISE]))
    where = f"{name}, latent_dim {latent_dim}, seed {seed}"
    blocks = noise_blocks(NOISE[name], CONFIG["evaluation"]["seed"], 784, contents["samples"])
    points = np.concatenate([*blocks])[contents["shown"]].astype(np.float32)
    family = CONFIG["families"][0]
    path = REFERENCE / "models" / f"{NETWORK.format(family=family, latent_dim=latent_dim, seed=seed)}.safetensors"
    made_for = {"image_shape": (784,), "latent_dim": latent_dim, "autoencoder": CONFIG["autoencoder"]}
    network, _ = load_checkpoint(path, family_of(family), made_for)
    again = spectra(network.encoder.double(), network.decoder.double(), points).eigenvalues
    again = again.transpose("jacobian", "sample", "eigenvalue").values
    coded = base64.b64decode(contents["eigenvalues"][f"{family}/{latent_dim}/{seed}"])
    shape = (2, len(contents["sets"]), len(points), latent_dim, 2)
    shown = np.frombuffer(coded, "<f2").reshape(shape)[:, contents["sets"].index(name)].astype(float)
    np.testing.assert_allclose(shown[..., 0] + 1j * shown[..., 1], again, rtol=2e-3, atol=1e-3, err_msg=where)


def test_what_was_kept_of_reconstructions_is_judged_again_the_same() -> None:
    found = open_reconstructions(REFERENCE / "reconstructions" / "reconstructions.nc")
    rows = judge_claims(found, Terms(), FURTHER)
    kept = read_claims(REFERENCE / "reconstructions" / "reconstruction_claims.csv")
    assert [{name: str(value) for name, value in row.items()} for row in rows] == [
        {name: str(value) for name, value in row.items()} for row in kept
    ]
    assert found["latent_dim"].values.tolist() == list(range(2, 21))


def test_what_was_kept_of_detection_and_attractors_is_drawn_again_byte_for_byte(tmp_path: Path) -> None:
    """Without MNIST. The documents' tables are checked with the claims."""
    config = yaml.safe_load((ROOT / "config" / "detection-reference.yaml").read_text())
    project = copy_project(tmp_path / "project", config)
    shutil.copytree(REFERENCE / "uses", project.folder / "results" / "reference" / "uses")
    assert project.planned("detection") == {"detection_figure": 1, "detection": 1}
    attractors = sorted(
        path.relative_to(REFERENCE / "uses") for path in (REFERENCE / "uses").glob("attractors/**/*.nc")
    )
    assert attractors
    drawn = [f"figures/detection.{suffix}" for suffix in ("pdf", "png")]
    drawn += [f"figures/{path.with_suffix(suffix)}" for path in attractors for suffix in (".pdf", ".png")]
    project.finish("detection", *(f"results/{config['experiment']}/{each}" for each in drawn))
    for each in drawn:
        assert (project.results / each).read_bytes() == (REFERENCE / "uses" / each).read_bytes(), each
