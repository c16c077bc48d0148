"""Trained networks of the user's: taken from safetensors, converted from .pt, refused."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from aespectra.data.pixels import Pixels, write_dataset
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.convert import convert
from aespectra.models.family import family_of
from aespectra.models.own import OwnNetworkError, made
from aespectra.models.probe import UnfitError
from aespectra.models.take import write_taken
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).parents[2]
FACTORY = "examples.convolutional:autoencoder"
FAMILY = {
    "name": "theirs",
    "kind": "autoencoder",
    "autoencoder": {"factory": FACTORY, "arguments": {"channels": 2}},
}
SHAPE = (1, 8, 8)


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """A trained network and its file, with statistics of batches that are not those of a new one."""
    monkeypatch.syspath_prepend(ROOT)
    torch.manual_seed(3)
    network = made(SHAPE, 2, FACTORY, {"channels": 2})
    network.train()
    network.encoder(torch.rand(50, *SHAPE))
    save_file(network.state_dict(), tmp_path / "theirs.safetensors")
    return network.eval(), tmp_path / "theirs.safetensors"


@pytest.fixture
def images(tmp_path, small_digits):
    write_dataset(tmp_path / "images.nc", "digits", [small_digits], {})
    with Pixels(tmp_path / "images.nc") as pixels:
        yield pixels


def take(folder: Path, weights: Path, images: Pixels) -> tuple[Path, Path]:
    paths = folder / "d2_seed0.safetensors", folder / "d2_seed0_loss.csv"
    write_taken(*paths, weights, images, FAMILY, 2, 0)
    return paths


def test_a_network_that_is_taken_gives_what_it_gave(tmp_path, theirs, images):
    network, weights = theirs
    checkpoint, losses = take(tmp_path, weights, images)
    asked = {"latent_dim": 2, "seed": 0, "autoencoder": FAMILY["autoencoder"], "image_shape": SHAPE}
    found, made_by = load_checkpoint(checkpoint, family_of("autoencoder"), asked)
    x = torch.from_numpy(images[:])
    assert torch.equal(found.encoder(x), network.encoder(x.view(-1, *SHAPE)))
    z = torch.randn(6, 2)
    assert torch.equal(found.decoder(z), network.decoder(z).flatten(1))
    assert made_by["training"]["checkpoint"] == str(weights)
    with losses.open() as file:
        assert [row["loss"] for row in csv.DictReader(file)] == ["nan"]


def test_the_same_file_gives_the_same_bytes(tmp_path, theirs, images):
    first = take(tmp_path / "one", theirs[1], images)[0].read_bytes()
    torch.manual_seed(99)
    assert take(tmp_path / "two", theirs[1], images)[0].read_bytes() == first


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("truncated", r"theirs\.safetensors is no safetensors file, or is truncated"),
        ("missing", r'does not fit what the factory makes: Missing key\(s\) in state_dict: "decoder\.0\.bias"'),
        ("other", r"does not fit what the factory makes: size mismatch for encoder\.0\.weight"),
        ("more", r"does not fit what the factory makes: Unexpected key\(s\)"),
        ("nan", r"theirs\.safetensors has entries of 'decoder\.0\.bias' that are not finite"),
    ],
)
def test_what_is_no_such_network_is_refused(tmp_path, theirs, images, broken, sentence):
    _, weights = theirs
    state = load_file(weights)
    if broken == "missing":
        del state["decoder.0.bias"]
    elif broken == "other":
        state["encoder.0.weight"] = torch.zeros(3, 1, 3, 3)
    elif broken == "more":
        state["critic"] = torch.zeros(3)
    elif broken == "nan":
        state["decoder.0.bias"][1] = torch.nan
    save_file(state, weights)
    if broken == "truncated":
        weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(OwnNetworkError, match=sentence):
        take(tmp_path, weights, images)
    assert not (tmp_path / "d2_seed0.safetensors").exists()


def test_a_network_without_spectra_is_refused_by_its_file(tmp_path, theirs, images):
    state = load_file(theirs[1])
    state["encoder.1.running_var"] = torch.full((2,), -1.0)  # whose root is nan
    save_file(state, theirs[1])
    with pytest.raises(UnfitError, match=r"theirs\.safetensors: "):
        take(tmp_path, theirs[1], images)


@pytest.mark.parametrize("wrapped", [None, "state_dict", "model"])
def test_weights_of_a_pt_file_are_converted(tmp_path, theirs, wrapped):
    network, _ = theirs
    state = network.state_dict()
    torch.save({wrapped: state, "epoch": 3} if wrapped else state, tmp_path / "mine.pt")
    command = [sys.executable, "-m", "aespectra.models.convert", "mine.pt", "mine.safetensors"]
    environment = {"PYTHONPATH": str(ROOT / "workflow"), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    found = load_file(tmp_path / "mine.safetensors")
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)


class Harmful:
    def __reduce__(self):
        return Path.touch, (Path("ran"),)


def test_nothing_in_a_pt_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Harmful()}, "mine.pt")
    with pytest.raises(ValueError, match=r"mine\.pt has more in it than weights"):
        convert(Path("mine.pt"), Path("mine.safetensors"))
    assert not Path("ran").exists()
    assert not Path("mine.safetensors").exists()


@pytest.mark.parametrize("content", [{}, {"a": 3}, [torch.zeros(2)], {"state_dict": {"a": "b"}}])
def test_a_pt_file_without_weights_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "mine.pt")
    with pytest.raises(ValueError, match="holds no weights by their names"):
        convert(tmp_path / "mine.pt", tmp_path / "mine.safetensors")


def test_a_broken_pt_file_is_refused(tmp_path):
    torch.save({"a": torch.zeros(3)}, tmp_path / "mine.pt")
    (tmp_path / "mine.pt").write_bytes((tmp_path / "mine.pt").read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"mine\.pt has more in it than weights, or is broken"):
        convert(tmp_path / "mine.pt", tmp_path / "mine.safetensors")


def test_tied_weights_are_kept_twice(tmp_path):
    weight = torch.rand(3, 4)
    torch.save({"encoder": weight, "decoder": weight}, tmp_path / "mine.pt")
    convert(tmp_path / "mine.pt", tmp_path / "mine.safetensors")
    assert all(np.array_equal(found, weight) for found in load_file(tmp_path / "mine.safetensors").values())
