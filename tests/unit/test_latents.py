"""Latents of all images of a network, against the network itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from aespectra.data.pixels import Pixels, write_dataset
from aespectra.integrity import BrokenFileError
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.family import Network, family_of
from aespectra.slabs import latents
from aespectra.slabs.latents import write_latents

from .conftest import SMALL_ARCHITECTURE

KEY = ("autoencoder", 5, 1)
MADE_FOR = {"latent_dim": 5, "seed": 1, "autoencoder": SMALL_ARCHITECTURE}


@pytest.fixture
def splits(tmp_path, small_digits):
    """1,000 training and 97 test images, as bytes of 16."""
    parts = {"training": small_digits[:1000], "test": small_digits[1000:1097]}
    for name, images in parts.items():
        write_dataset(tmp_path / f"{name}.nc", name, [(images * 16).astype(np.uint8)], {}, 16)
    return {name: tmp_path / f"{name}.nc" for name in parts}


@pytest.mark.parametrize("block", [4096, 100, 1])
def test_every_image_is_encoded_in_its_place(monkeypatch, tmp_path, small_checkpoints, small_digits, splits, block):
    monkeypatch.setattr(latents, "BLOCK", block)
    if block == 1:
        splits = {"training": splits["test"], "test": splits["test"]}
    write_latents(tmp_path / "z.nc", small_checkpoints[KEY], plain, MADE_FOR, splits)
    network, _ = load_checkpoint(small_checkpoints[KEY], plain, MADE_FOR | {"image_shape": (64,)})
    parts = {"training": small_digits[:1000], "test": small_digits[1000:1097]}
    with xr.open_dataset(tmp_path / "z.nc") as file:
        for name in splits:
            images = parts["test"] if block == 1 else parts[name]
            with torch.no_grad():
                expected = network.double().encoder(torch.from_numpy(images).double()).numpy()
            found = file[f"z_{name}"]
            assert found.dims == (f"sample_{name}", "latent")
            assert found.dtype == np.float32
            np.testing.assert_allclose(found.values, expected, rtol=1e-6, atol=1e-6)
        assert (file.attrs["family"], file.attrs["latent_dim"], file.attrs["seed"]) == KEY
        assert file.attrs["precision"] == "float64"


def with_latents(kind: str, folder: Path, splits: dict[str, Path]) -> Network:
    """An untrained network of d = 3, seed 4, and its latents in z.nc."""
    family = family_of(kind)
    torch.manual_seed(0)
    network = family.build((64,), 3, SMALL_ARCHITECTURE)
    made_by = {"family": kind, "latent_dim": 3, "seed": 4, "pixels": 64, "autoencoder": SMALL_ARCHITECTURE}
    save_checkpoint(folder / "checkpoint.safetensors", network, made_by | {"kind": kind}, "cpu")
    write_latents(folder / "z.nc", folder / "checkpoint.safetensors", family, made_by, splits)
    return network


@pytest.mark.parametrize("block", [4096, 100])
def test_of_a_stochastic_encoder_one_draw_of_each_image_stands_beside_the_mean(monkeypatch, tmp_path, splits, block):
    monkeypatch.setattr(latents, "BLOCK", block)
    network = with_latents("vae", tmp_path, splits)
    with xr.open_dataset(tmp_path / "z.nc") as file, Pixels(splits["test"]) as images:
        with torch.no_grad():
            mean, log_variance = network.double().posterior(torch.from_numpy(images[:]).double())
        np.testing.assert_allclose(file.z_test, mean, atol=1e-6)
        noise = np.random.default_rng([4, *b"test"]).standard_normal((97, 3))
        np.testing.assert_allclose(file.draw_test, mean.numpy() + np.exp(log_variance.numpy() / 2) * noise, atol=1e-6)
        assert file.draw_training.shape == (1000, 3)
        assert "normal_test" not in file


def test_a_flow_says_where_it_puts_the_latents(tmp_path, splits):
    network = with_latents("flow", tmp_path, splits)
    with xr.open_dataset(tmp_path / "z.nc") as file:
        with torch.no_grad():
            u = network.double().to_normal(torch.from_numpy(file.z_test.values).double())
        np.testing.assert_allclose(file.normal_test, u, atol=1e-5)
        assert "draw_test" not in file


def test_a_network_made_for_something_else_is_refused(tmp_path, small_checkpoints, splits):
    with pytest.raises(BrokenFileError, match="was made with seed 1, 2 is asked for"):
        write_latents(tmp_path / "z.nc", small_checkpoints[KEY], plain, MADE_FOR | {"seed": 2}, splits)
    assert not (tmp_path / "z.nc").exists()


def test_splits_of_other_pixels_are_refused(tmp_path, small_checkpoints, splits):
    write_dataset(tmp_path / "odd.nc", "odd", [np.zeros((3, 9), np.float32)], {})
    with pytest.raises(ValueError, match=r"odd\.nc has 9 pixels a sample, the first split 64\."):
        write_latents(
            tmp_path / "z.nc", small_checkpoints[KEY], plain, MADE_FOR, splits | {"test": tmp_path / "odd.nc"}
        )
    assert not (tmp_path / "z.nc").exists()
