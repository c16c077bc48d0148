"""Networks that a function of the user's makes: trained with two objectives, or taken, from config to figures."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
import yaml
from aespectra.models.own import made, on_rows
from aespectra.slabs.cube import open_cube
from safetensors.torch import load_file, save_file

from .conftest import ROOT, TINY, Project, copy_project

FACTORY = "examples.convolutional:autoencoder"
CODE = "examples/convolutional.py"
OWN = {"factory": FACTORY, "arguments": {"channels": 2}, "code": [CODE]}
STUDY = TINY | {
    "families": [
        {"name": "mine"} | OWN,
        {"name": "mine-swae", "kind": "swae", "options": {"training": {"loss": "squared"}}} | OWN,
        {"name": "theirs", "checkpoint": "theirs/{latent_dim}-{seed}.safetensors"} | OWN,
    ],
    "seeds": [0],
}


@pytest.fixture(scope="module")
def own_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("own") / "project", STUDY)
    (project.folder / "theirs").mkdir()
    sys.path.append(str(ROOT))
    for latent_dim in TINY["latent_dims"]:
        torch.manual_seed(latent_dim)
        network = made((1, 8, 8), latent_dim, FACTORY, OWN["arguments"])
        save_file(network.state_dict(), project.folder / "theirs" / f"{latent_dim}-0.safetensors")
    sys.path.remove(str(ROOT))
    project.finish()
    return project


def test_all_three_are_in_the_cube(own_once: Project) -> None:
    cube = open_cube(own_once.results / "cube.nc")
    assert cube.family.values.tolist() == ["mine", "mine-swae", "theirs"]
    assert np.isfinite(cube.eigenvalue_real.sel(latent_dim=3)).all()


@pytest.mark.parametrize("family", ["mine", "theirs"])
def test_its_spectra_are_those_of_the_network(own_once: Project, family: str, monkeypatch) -> None:
    """Against dense Jacobians of the user's own module, its weights read from the file, without the workflow's."""
    monkeypatch.syspath_prepend(ROOT)
    network = made((1, 8, 8), 3, FACTORY, OWN["arguments"]).double().eval()
    if family == "theirs":
        network.load_state_dict(load_file(own_once.folder / "theirs" / "3-0.safetensors"))
    else:
        parts = on_rows(network, (1, 8, 8), 3)
        weights = load_file(own_once.results / "models" / "mine" / "d3_seed0.safetensors")
        for name, part in zip(("encoder.", "decoder."), parts, strict=True):
            part.load_state_dict(
                {key.removeprefix(name): each for key, each in weights.items() if key.startswith(name)}
            )
    with xr.open_dataset(own_once.results / "datasets" / "digits.nc") as images:
        point = torch.from_numpy(images.pixel[5].values.astype("float64")).view(1, 1, 8, 8)
    jacobian = torch.func.jacrev(lambda x: network.decoder(network.encoder(x)).flatten())(point).reshape(64, 64)
    dense = torch.linalg.eigvals(jacobian.detach()).abs().sort(descending=True)[0][:3]
    slab = xr.open_dataset(own_once.results / "spectra" / family / "d3_seed0.nc")
    values = slab.isel(jacobian=0, dataset=0, sample=5)
    found = np.sort(np.hypot(values.eigenvalue_real, values.eigenvalue_imag))[::-1]
    assert np.allclose(found, dense, rtol=1e-5)


def test_a_network_that_was_taken_has_no_loss(own_once: Project) -> None:
    with xr.open_dataset(own_once.results / "summary.nc") as summary:
        assert np.isnan(summary.loss.sel(family="theirs")).all()
        assert np.isfinite(summary.loss.sel(family="mine")).all()
    assert (own_once.results / "figures" / "theirs" / "training_curves.png").exists()
    with (own_once.results / "claims.csv").open() as file:
        assert {row["family"] for row in csv.DictReader(file)} == {"mine", "mine-swae", "theirs"}


def test_editing_the_users_code_makes_its_networks_anew(own_once: Project) -> None:
    assert own_once.planned() == {}
    code = own_once.folder / CODE
    text = code.read_text()
    code.write_text(text + "\nCHANGED = True\n")
    planned = own_once.planned()
    code.write_text(text)
    assert (planned["train"], planned["take"], planned["spectra"]) == (4, 2, 6)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"factory": "examples.convolutional:absent"}, "cannot be imported"),
        ({"arguments": {"depth": 3}}, "does not take what it is given"),
        ({"kind": "vae"}, None),
    ],
)
def test_a_factory_that_does_not_fit_ends_the_job_with_a_sentence(
    own_once: Project, tmp_path: Path, entry: dict, sentence: str | None
) -> None:
    project = Project(own_once.folder, STUDY)
    other = STUDY | {"experiment": tmp_path.name.strip("_"), "families": [{"name": "mine"} | OWN | entry]}
    project.config.write_text(yaml.safe_dump(other))
    done = project.run(f"results/{other['experiment']}/models/mine/d2_seed0.safetensors")
    if sentence is None:  # a stochastic encoder on the same features
        assert done.returncode == 0, done.stdout
    else:
        assert done.returncode != 0
        assert sentence in done.stdout
        assert "Config key families: factory, arguments, code, checkpoint." in done.stdout


def test_networks_of_another_study_are_taken_where_it_has_them(own_once: Project) -> None:
    """Their bytes, without training; one that it has not is trained; one of another training is refused."""
    found = own_once.results / "models"
    other = STUDY | {"experiment": "more", "seeds": [0, 1], "networks_from": str(found.relative_to(own_once.folder))}
    other["families"] = other["families"][:1]
    project = Project(own_once.folder, STUDY)
    project.config.write_text(yaml.safe_dump(other))
    networks = [f"results/more/models/mine/d2_seed{seed}.safetensors" for seed in (0, 1)]
    assert project.planned(*networks) == {"copy_network": 1, "train": 1, "images": 1}
    project.finish(*networks)
    taken = own_once.folder / "results" / "more" / "models" / "mine"
    for name in ("d2_seed0.safetensors", "d2_seed0_loss.csv"):
        assert (taken / name).read_bytes() == (found / "mine" / name).read_bytes()
    assert project.planned(*networks) == {}
    project.config.write_text(yaml.safe_dump(other | {"training": {"epochs": 3}}))
    done = project.run(*networks)
    assert done.returncode != 0
    assert "d2_seed0.safetensors was made with training.epochs 2, 3 is asked for." in done.stdout


def test_networks_taken_from_files_come_from_no_other_study(own_once: Project) -> None:
    """Although the other study has them too: each file has one rule that makes it."""
    other = STUDY | {"experiment": "others", "networks_from": str(Path("results") / STUDY["experiment"] / "models")}
    project = Project(own_once.folder, STUDY)
    project.config.write_text(yaml.safe_dump(other))
    planned = project.planned("provenance", "--until", "take", "copy_network")
    assert (planned["take"], planned["copy_network"]) == (2, 4)


def test_the_study_of_ten_seeds_takes_what_is_kept(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", TINY)
    (project.folder / "results").mkdir()
    (project.folder / "results" / "reference").symlink_to(ROOT / "results" / "reference")
    project.config = project.folder / "config" / "seeds.yaml"
    planned = project.planned("cube")
    d = len(yaml.safe_load(project.config.read_text())["latent_dims"])
    assert (planned["copy_network"], planned["train"], planned["spectra"]) == (2 * d, 8 * d, 10 * d)
