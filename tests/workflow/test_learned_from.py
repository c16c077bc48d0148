"""What networks learn from, and what they are shown, is what the config says: files of a run against the library."""

import json
from pathlib import Path

import numpy as np
from aespectra.data.noise import noise_blocks
from aespectra.data.pixels import Pixels
from aespectra.models.families import autoencoder
from aespectra.models.train import train
from safetensors import safe_open
from safetensors.numpy import load_file
from sklearn.datasets import load_digits

from .conftest import TINY, Project, copy_project

DIGITS = (load_digits().data / 16).astype(np.float32)
LEARNED_FROM = 1540  # the share of MNIST


def test_networks_are_of_a_training_on_all_training_images(finished: Project) -> None:
    for latent_dim, seed in ((2, 1), (3, 0)):
        path = finished.results / "models" / "autoencoder" / f"d{latent_dim}_seed{seed}.safetensors"
        with safe_open(path, "pt") as file:
            recipe = json.loads(json.loads(file.metadata()["provenance"])["config"])
        kept = load_file(path)
        images = DIGITS[:LEARNED_FROM].reshape(-1, 1, 8, 8)
        network, _ = train(images, latent_dim, seed, autoencoder, recipe["autoencoder"], recipe["training"])
        for name, weight in network.state_dict().items():
            np.testing.assert_allclose(kept[name], weight, rtol=1e-4, atol=1e-6, err_msg=name)


def test_held_out_images_are_the_others_and_noise_is_of_its_seed(tmp_path: Path) -> None:
    sets = TINY["evaluation"]["sets"]
    evaluation = {"samples": 50, "seed": 7, "sets": [{"name": "new", "held_out": True}, *sets]}
    project = copy_project(tmp_path / "project", TINY | {"evaluation": evaluation})
    names = ["new", "digits", *(each["name"] for each in sets)]
    project.finish(*(f"results/tiny/datasets/{name}.nc" for name in names))
    found = {}
    for name in names:
        with Pixels(project.results / "datasets" / f"{name}.nc") as pixels:
            found[name] = pixels[:]
    places = np.arange(50)
    held_out = DIGITS[LEARNED_FROM:]
    np.testing.assert_array_equal(found["new"], held_out[places * len(held_out) // 50])
    np.testing.assert_array_equal(found["digits"], DIGITS[places * len(DIGITS) // 50])
    for each in sets:
        np.testing.assert_array_equal(found[each["name"]], np.concatenate(list(noise_blocks(each, 7, 64, 50))))
