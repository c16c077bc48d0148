"""Attractors of one network: basins, radii, images, their neighbours; the study's table and the figure."""

import csv

import numpy as np
import pandas as pd
import pytest
import torch
from aespectra.data.pixels import write_dataset
from aespectra.figures.attractors import draw
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.train import train
from aespectra.report.attractors import markdown_attractors
from aespectra.slabs.iterates import CONVERGED, CYCLE, OPEN, Iterates
from aespectra.summary import attractors
from aespectra.summary.attractor_tables import open_attractors, summarised, write_attractors_of_study
from aespectra.summary.attractors import write_attractors

from .conftest import SMALL_ARCHITECTURE
from .dense import dense_jacobians

KEYS = [("autoencoder", d, seed) for d in (2, 5) for seed in (0, 1)]
RECIPE = {"epochs": 60, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory, small_digits):
    """Trained for long enough that each has several fixed points."""
    paths = {}
    for key in KEYS:
        _, d, seed = key
        network, _ = train(small_digits, d, seed, plain, SMALL_ARCHITECTURE, RECIPE)
        made_by = {"family": "autoencoder", "kind": "autoencoder", "latent_dim": d, "seed": seed, "images": "digits"}
        made_by |= {"pixels": 64, "autoencoder": SMALL_ARCHITECTURE, "training": RECIPE}
        paths[key] = tmp_path_factory.mktemp("checkpoints") / "network.safetensors"
        save_checkpoint(paths[key], network, made_by, "cpu")
    return paths


@pytest.fixture(scope="module")
def made(tmp_path_factory, small_digits, checkpoints):
    folder = tmp_path_factory.mktemp("attractors")
    rng = np.random.default_rng(0)
    sets = {"digits": small_digits[:90], "uniform": rng.random((70, 64), np.float32)}
    sets |= {"training": small_digits[:200], "test": small_digits[200:260]}
    for name, pixels in sets.items():
        write_dataset(folder / f"{name}.nc", name, [pixels], {})
    paths = []
    for family, d, seed in KEYS:
        paths.append(folder / family / f"d{d}_seed{seed}.nc")
        made_for = {"family": family, "latent_dim": d, "seed": seed, "autoencoder": SMALL_ARCHITECTURE}
        write_attractors(
            paths[-1],
            checkpoints[family, d, seed],
            plain,
            made_for,
            [folder / "digits.nc", folder / "uniform.nc"],
            folder / "training.nc",
            folder / "test.nc",
        )
    return paths, sets


@pytest.fixture(params=range(len(KEYS)), ids=str)
def of_network(request, made, checkpoints):
    _, d, seed = KEYS[request.param]
    made_for = {"latent_dim": d, "seed": seed, "autoencoder": SMALL_ARCHITECTURE, "image_shape": (1, 8, 8)}
    network, _ = load_checkpoint(checkpoints[KEYS[request.param]], plain, made_for)
    return open_attractors(made[0][request.param]), network.double(), made[1]


def test_every_point_ends_somewhere(of_network):
    data, _, sets = of_network
    assert data["ends"].sum("outcome").values.tolist() == [len(sets["digits"]), len(sets["uniform"])]
    assert np.array_equal(data["basin"].sum("attractor"), data["ends"].sel(outcome="converged"))
    sizes = data["basin"].sum("dataset").values
    assert (np.diff(sizes) <= 0).all()
    assert (sizes > 0).all()
    assert len(sizes) > 1
    assert int(data["fixed_points"]) == data.sizes["attractor"]


def test_points_of_a_set_end_in_the_fixed_point_that_says_so(of_network):
    """Followed one by one, without batches, looks or merging."""
    data, network, sets = of_network
    counts = np.zeros(data.sizes["attractor"], int)
    with torch.no_grad():
        z = network.encoder(torch.from_numpy(sets["uniform"]).double())
        for _ in range(4000):
            z = network.encoder(network.decoder(z))
        images = network.decoder(z).numpy()
    for image in images:
        distances = np.abs(data["image"].values - image).max(axis=1)
        if distances.min() < 1e-4:
            counts[distances.argmin()] += 1
    assert np.array_equal(counts, data["basin"].sel(dataset="uniform"))


def test_radii_are_those_of_the_dense_jacobian_and_of_the_way_there(of_network):
    data, network, _ = of_network
    for image, radius, rate in zip(*(data[name].values for name in ("image", "spectral_radius", "rate")), strict=True):
        point = torch.from_numpy(image).double()
        latent = dense_jacobians(network.encoder, network.decoder, point)[1]
        assert radius == pytest.approx(abs(np.linalg.eigvals(latent)).max(), rel=1e-4)
        assert radius < 1
        if radius > 0.3 and np.isfinite(rate):
            assert rate == pytest.approx(radius, abs=0.05)


def test_neighbours_are_the_nearest_training_images(of_network):
    data, _, sets = of_network
    distances = np.linalg.norm(data["image"].values[:, None] - sets["training"], axis=2)
    assert np.array_equal(data["neighbour"], distances.argmin(axis=1))
    np.testing.assert_allclose(data["to_training"], distances.min(axis=1), rtol=1e-5)
    usual = np.linalg.norm(sets["test"][:, None] - sets["training"], axis=2).min(axis=1)
    assert float(data["usual_to_training"]) == pytest.approx(np.median(usual), rel=1e-5)


def test_the_same_network_gives_the_same_bytes_and_few_images_are_kept(made, tmp_path, checkpoints, monkeypatch):
    folder = made[0][0].parents[1]
    monkeypatch.setattr(attractors, "KEPT", 1)
    paths = [tmp_path / name / "autoencoder" / "d5_seed1.nc" for name in "ab"]
    for path in paths:
        made_for = {"family": "autoencoder", "latent_dim": 5, "seed": 1, "autoencoder": SMALL_ARCHITECTURE}
        sources = [folder / f"{name}.nc" for name in ("training", "test")]
        write_attractors(path, checkpoints["autoencoder", 5, 1], plain, made_for, [folder / "digits.nc"], *sources)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert open_attractors(paths[0]).sizes["attractor"] <= 1


def test_the_table_has_a_row_a_network(made, tmp_path):
    write_attractors_of_study(tmp_path / "attractors.csv", made[0])
    with (tmp_path / "attractors.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["family"], int(row["latent_dim"]), int(row["seed"])) for row in rows] == KEYS
    for row, path in zip(rows, made[0], strict=True):
        data, expected = open_attractors(path), summarised(open_attractors(path))
        assert float(row["converged"]) == pytest.approx(expected["converged"])
        assert int(row["uniform_fixed_points"]) == int((data["basin"].sel(dataset="uniform") > 0).sum())
        assert float(row["largest_basin"]) == pytest.approx(
            float(data["basin"].sum("dataset").max() / data["basin"].sum())
        )


def test_outcomes_are_told_apart(made, checkpoints, tmp_path, monkeypatch):
    """Of made-up ends: some at rest, some in cycles, some on their way."""

    def ends(_encoder, _decoder, z, _usual):
        outcome = np.array([CONVERGED] * 10 + [CYCLE] * 4 + [OPEN] * (len(z) - 14))
        z = np.where(np.arange(len(z))[:, None] < 7, 0.5, 2.0) * np.ones_like(z)
        period = np.array([1] * 10 + [2, 3, 3, 2] + [0] * (len(z) - 14))
        return Iterates(z, outcome, np.arange(len(z)), period, np.full(len(z), 0.25))

    monkeypatch.setattr(attractors, "iterate", ends)
    key = KEYS[0]
    made_for = {"latent_dim": key[1], "seed": key[2], "autoencoder": SMALL_ARCHITECTURE}
    digits, uniform, training, test = (made[0][0].parents[1] / f"{name}.nc" for name in made[1])
    write_attractors(tmp_path / "part.nc", checkpoints[key], plain, made_for, [digits, uniform], training, test)
    data = open_attractors(tmp_path / "part.nc")
    assert data["ends"].sel(dataset="digits").values.tolist() == [10, 4, 76]
    assert data["longest_period"].values.tolist() == [3, 3]
    assert data["iterations"].values.tolist() == [4.5, 4.5]
    assert data["basin"].values.tolist() == [[7, 3], [7, 3]]
    found = summarised(data)
    assert found["converged"] == pytest.approx((10 / 90 + 10 / 70) / 2)
    assert found["cycles"] == pytest.approx((4 / 90 + 4 / 70) / 2)
    assert found["largest_basin"] == pytest.approx(0.7)
    radii, distances = data["spectral_radius"].values, data["to_training"].values
    assert found["spectral_radius_median"] == pytest.approx(np.median(radii))
    assert found["spectral_radius_max"] == pytest.approx(max(radii))
    assert found["rate_off_radius"] == pytest.approx(np.median(abs(0.25 - radii)))
    assert found["to_training"] == pytest.approx(np.median(distances))


def test_the_table_is_of_all_fixed_points_not_of_those_that_are_kept(made, checkpoints, tmp_path, monkeypatch):
    path, key = made[0][-1], KEYS[-1]
    whole = summarised(open_attractors(path))
    assert whole["fixed_points"] > 1
    monkeypatch.setattr(attractors, "KEPT", 1)
    made_for = {"latent_dim": key[1], "seed": key[2], "autoencoder": SMALL_ARCHITECTURE}
    digits, uniform, training, test = (path.parents[1] / f"{name}.nc" for name in made[1])
    write_attractors(tmp_path / "part.nc", checkpoints[key], plain, made_for, [digits, uniform], training, test)
    found = summarised(open_attractors(tmp_path / "part.nc"))
    of_all = ["fixed_points", "largest_basin", "digits_fixed_points", "uniform_fixed_points", "digits_converged"]
    assert {name: found[name] for name in of_all} == {name: whole[name] for name in of_all}


def test_the_figure_shows_shares_that_add_up(made):
    for path in made[0]:
        data = open_attractors(path)
        axes = draw(data).axes
        numbers = np.array([float(text.get_text()) for text in axes[-1].texts]).reshape(2, -1)
        assert (abs(numbers.sum(axis=1) - 100) <= numbers.shape[1] / 2).all()
        labels = [label.get_text() for label in axes[-1].get_xticklabels()]
        assert labels[-3:] == ["others", "cycles", "open"]


def test_the_table_of_networks_has_a_line_a_latent_dimension_and_seeds_in_order():
    rows = [
        {"latent_dim": d, "seed": seed, "fixed_points": 10 * d + seed, "converged": 0.5, "cycles": 0.0625}
        | {
            "largest_basin": 1 / d,
            "spectral_radius_median": 0.8,
            "spectral_radius_max": 0.9994,
            "to_training": 4 + seed,
        }
        for d, seed in ((10, 1), (2, 0), (10, 0), (2, 1))
    ]
    head, rule, *lines = markdown_attractors(pd.DataFrame(rows)).splitlines()
    assert head.startswith("| d | fixed points | come to rest | cycle | largest basin | ")
    assert rule == "| --- | --- | --- | --- | --- | --- | --- | --- |"
    assert lines == [
        "| 2 | 20, 21 | 50.0%, 50.0% | 6.2%, 6.2% | 50%, 50% | 0.80, 0.80 | 0.999, 0.999 | 4.0, 5.0 |",
        "| 10 | 100, 101 | 50.0%, 50.0% | 6.2%, 6.2% | 10%, 10% | 0.80, 0.80 | 0.999, 0.999 | 4.0, 5.0 |",
    ]
