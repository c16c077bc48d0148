"""Reconstructions of one network by a classifier, theorems at its points, and the networks of a study side by side."""

import itertools

import numpy as np
import pytest
import torch
import xarray as xr
from aespectra.data.pixels import Pixels, write_dataset
from aespectra.linalg.jacobian import jacobians
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.classifier import read_classifier, train_classifier
from aespectra.models.families import autoencoder as plain
from aespectra.models.family import Network
from aespectra.slabs.grid import NETWORK, Key
from aespectra.summary import characters, reconstructions, theorems
from aespectra.summary.characters import character_statistics
from aespectra.summary.dead_units import dead_units
from aespectra.summary.evenly import evenly
from aespectra.summary.file import open_reconstructions
from aespectra.summary.reconstructions import write_reconstructions
from aespectra.summary.reconstructions_of_study import write_reconstructions_of_study
from aespectra.summary.theorems import fixed_point_statistics, pair_statistics, projection_statistics
from safetensors.torch import save_file
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from torch import nn

from .conftest import SMALL_ARCHITECTURE
from .dense import dense_jacobians


@pytest.fixture(scope="module")
def classifier(small_digits):
    labels = load_digits().target[: len(small_digits)]
    return train_classifier(small_digits, labels, seed=0)


@pytest.fixture(scope="module")
def trained(small_digits):
    from aespectra.models.train import train

    recipe = {"epochs": 60, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}
    return train(small_digits, 3, 0, plain, SMALL_ARCHITECTURE, recipe)[0].double().eval()


def linear(matrix: np.ndarray, back: np.ndarray) -> Network:
    """x -> matrix x -> back matrix x."""
    network = Network()
    network.encoder, network.decoder = (nn.Linear(*each.shape[::-1], bias=False).double() for each in (matrix, back))
    for module, values in ((network.encoder, matrix), (network.decoder, back)):
        module.weight.data.copy_(torch.from_numpy(values))
    return network.eval()


def test_characters_are_what_a_loop_finds(classifier, small_digits):
    rng = np.random.default_rng(0)
    sets = [small_digits[:40], rng.random((30, 64), np.float32), np.repeat(small_digits[7:8], 20, axis=0)]
    training, held_out = small_digits[50:150], small_digits[150:200]
    found = {name: values for name, (_, values) in character_statistics(sets, classifier, training, held_out).items()}
    near = np.quantile(cdist(held_out, training).min(axis=1), characters.NEAR)
    assert found["near_distance"] == pytest.approx(near)
    for i, points in enumerate(sets):
        probabilities = classifier(torch.from_numpy(points)).softmax(dim=1).detach().numpy()
        is_near = cdist(points, training).min(axis=1) <= near * (1 + 1e-9)
        is_sure = probabilities.max(axis=1) >= characters.SURE
        assert found["sure_share"][i] == pytest.approx(is_sure.mean())
        assert found["near_share"][i] == pytest.approx(is_near.mean())
        assert found["digit_share"][i] == pytest.approx((is_near & is_sure).mean())
        assert found["confidence"][i] == pytest.approx(np.median(probabilities.max(axis=1)))
        assert found["to_training"][i] == pytest.approx(np.median(cdist(points, training).min(axis=1)))
        assert found["class_share"][i].tolist() == [(probabilities.argmax(axis=1) == c).mean() for c in range(10)]
        np.testing.assert_allclose(found["mean_image"][i], points.mean(axis=0), atol=1e-6)
        # pairs of all points, each with itself as well: drawn independently
        squared = np.square(cdist(points.astype(float), points.astype(float))).mean()
        assert found["spread"][i] == pytest.approx(np.sqrt(squared), abs=1e-6)
    assert 0 < found["digit_share"][0] <= 1
    assert found["spread"][2] == 0
    assert found["class_share"][2].max() == 1
    assert found["digit_share_of_images"] > 0.5


def test_at_fixed_points_both_spectra_agree_and_on_the_way_they_draw_near(trained):
    x0 = np.random.default_rng(0).random((50, 64), np.float32)
    found = {name: values for name, (_, values) in fixed_point_statistics(trained, x0).items()}
    assert found["difference_at_fixed"] < 1e-12
    assert 0 < found["fixed_share"] <= 1
    assert len(found["fixed_image"]) == round(50 * found["fixed_share"])
    fixed = torch.from_numpy(found["fixed_image"]).double()
    with torch.no_grad():
        assert (trained.decoder(trained.encoder(fixed)) - fixed).abs().max() < 1e-5
    assert found["distance_on_way"][-1] < 0.1 * found["distance_on_way"][0]
    assert found["difference_on_way"][-1] < 0.1 * found["difference_on_way"][0]
    with torch.no_grad():
        x = torch.from_numpy(x0).double()
        for step in range(3):
            y = trained.decoder(trained.encoder(x))
            error = np.median((y - x).square().mean(dim=1).sqrt())
            assert found["distance_on_way"][theorems.STEPS.index(step)] == pytest.approx(error)
            j_i, j_l = dense_spectra(trained, x)
            apart = np.median([np.square(abs(a - b)).mean() for a, b in zip(j_i, j_l, strict=True)])
            assert found["difference_on_way"][theorems.STEPS.index(step)] == pytest.approx(apart, rel=1e-6, abs=1e-12)
            x = y


def dense_spectra(network, x):
    """Of both Jacobians at every point, d of them, by decreasing norm, positive imaginary part first."""
    found = [], []
    d = network.encoder(x[:1]).shape[1]
    for point in x:
        for values, matrix in zip(found, dense_jacobians(network.encoder, network.decoder, point), strict=True):
            of_point = np.linalg.eigvals(np.asarray(matrix))
            values.append(np.array(sorted(of_point, key=lambda v: (-round(abs(v), 9), -v.imag))[:d]))
    return found


def test_where_nothing_stays_no_fixed_point_is_known():
    """Doubling: every step goes farther away."""
    network = linear(2 * np.eye(2, 3), np.eye(3, 2))
    found = {name: values for name, (_, values) in fixed_point_statistics(network, np.ones((6, 3))).items()}
    assert found["fixed_share"] == 0
    assert np.isnan(found["difference_at_fixed"])


def test_the_second_theorem_is_held_against_every_pair(trained, small_digits):
    rng = np.random.default_rng(1)
    x = rng.random((41, 64)).astype(np.float32)
    found = {name: values for name, (_, values) in pair_statistics(trained, [x, x[:20]]).items()}
    first, second = x[:20].astype(float), x[20:40].astype(float)
    near = first + np.random.default_rng(0).normal(scale=theorems.STEP, size=first.shape)
    for i, other in enumerate((second, near)):
        a, b = (
            jacobians(trained.encoder, trained.decoder, torch.from_numpy(each)).matrices[1].numpy()
            for each in (first, other)
        )
        ratios, departures = [], []
        for one, two in zip(a, b, strict=True):
            values = [
                sorted(np.linalg.eigvals(each), key=lambda v: (-round(abs(v), 12), -v.imag)) for each in (one, two)
            ]
            costs = [
                sum(abs(u - w) ** 2 for u, w in zip(values[0], order, strict=True))
                for order in itertools.permutations(values[1])
            ]
            right = np.square(one - two).sum()
            ratios.append([costs[0] / right, min(costs) / right])
            lost = [
                1 - sum(abs(v) ** 2 for v in of) / np.square(m).sum() for of, m in zip(values, (one, two), strict=True)
            ]
            departures.append(np.mean(lost))
        ratios = np.array(ratios)
        np.testing.assert_allclose(found["fails"][0, i], (ratios > 1).mean(axis=0))
        np.testing.assert_allclose(found["most"][0, i], ratios.max(axis=0), rtol=1e-6)
        fails = ratios[:, 1] > 1
        expected = [
            np.median(np.array(departures)[~fails]),
            np.median(np.array(departures)[fails]) if fails.any() else np.nan,
        ]
        np.testing.assert_allclose(found["departure"][0, i], expected, rtol=1e-6)
    assert (found["fails"][0] >= 0).all()
    assert found["fails"][:, 1].max() > 0


def test_of_a_linear_network_no_pair_differs():
    """J_L is the same everywhere: there is nothing to hold the theorem against."""
    found = pair_statistics(linear(np.eye(2, 3), np.eye(3, 2)), [np.random.default_rng(0).random((10, 3))])
    assert np.isnan(found["fails"][1]).all()


def test_normal_jacobians_never_fail():
    """Symmetric J_L with the best matching: what Hoffman and Wielandt proved."""
    rng = np.random.default_rng(0)
    a, b = (each + each.swapaxes(1, 2) for each in rng.normal(size=(2, 50, 4, 4)))
    fails, most, departure = theorems._of_pairs(a, b)
    assert fails[1] == 0
    assert most[1] <= 1 + 1e-12
    assert abs(departure[0]) < 1e-12
    assert np.isnan(departure[1])
    one, other = np.array([[[0, 1.0], [0, 0]]]), np.array([[[0, 1.0], [1e-4, 0]]])
    fails, most, departure = theorems._of_pairs(one, other)  # eigenvalues 0, 0 and ±.01, matrices 1e-4 apart
    assert fails.tolist() == [1, 1]
    assert most[1] == pytest.approx(2 * 1e-4 / 1e-8)
    assert departure[1] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("scale", "expected"), [(1, 0), (0.5, 0.5)])
def test_a_projection_moves_nothing_twice(scale, expected):
    """x -> (s x1, s x2, 0): of what is left, a step moves s (1 - s), the step before (1 - s) where x3 = 0."""
    network = linear(scale * np.eye(2, 3), np.eye(3, 2))
    x = np.random.default_rng(0).random((9, 3)) * [1, 1, 1 if scale == 1 else 0]
    _, found = projection_statistics(network, [x])["idempotence"]
    assert found == pytest.approx(expected)


def test_how_nearly_it_is_a_projection_is_that_of_the_point_in_the_middle():
    """One point that hardly moves at first, and then as the others do, is no more than one point."""
    x = np.array([[1, 1, 0.0], [1, 1, 1.0], [1, 1, 2.0], [1, 1, 3.0], [1, 1, 4.0]])
    network = linear(0.5 * np.eye(2, 3), np.eye(3, 2))
    moved = [0.5 * np.hypot(0.5, 0.5) / np.linalg.norm([0.5, 0.5, x3]) for x3 in x[:, 2]]
    _, found = projection_statistics(network, [x])["idempotence"]
    assert found == pytest.approx(np.median(moved))
    assert abs(np.median(moved) - np.mean(moved)) > 0.01


@pytest.fixture(scope="module")
def study(tmp_path_factory, small_digits, small_checkpoints, small_datasets, classifier):
    """Files of all small networks, and that of their study."""
    folder = tmp_path_factory.mktemp("reconstructions")
    for name, pixels in (("training", small_digits[:200]), ("test", small_digits[200:])):
        write_dataset(folder / f"{name}.nc", name, [pixels], {})
    save_file({name: each.contiguous() for name, each in classifier.state_dict().items()}, folder / "weights")
    parts = {}
    for key, checkpoint in small_checkpoints.items():
        family, d, seed = key
        parts[Key(*key)] = folder / f"{NETWORK.format(family=family, latent_dim=d, seed=seed)}.nc"
        made_for = {"latent_dim": d, "seed": seed, "kind": "autoencoder", "autoencoder": SMALL_ARCHITECTURE}
        more = (small_datasets, folder / "training.nc", folder / "test.nc", folder / "weights")
        write_reconstructions(parts[Key(*key)], checkpoint, plain, made_for, *more)
    write_reconstructions_of_study(folder / "all.nc", parts.values(), {"experiment": "test"})
    return parts, open_reconstructions(folder / "all.nc"), folder


def test_the_file_of_a_network_is_the_same_twice(study, small_checkpoints, small_datasets, tmp_path):
    parts, _, folder = study
    key, part = next(iter(parts.items()))
    made_for = {"latent_dim": key[1], "seed": key[2], "kind": "autoencoder", "autoencoder": SMALL_ARCHITECTURE}
    more = (small_datasets, folder / "training.nc", folder / "test.nc", folder / "weights")
    write_reconstructions(tmp_path / part.name, small_checkpoints[key], plain, made_for, *more)
    with xr.open_dataset(tmp_path / part.name) as one, xr.open_dataset(part) as two:
        assert one.identical(two)
        assert one["dataset"].values.tolist() == ["digits", "bernoulli-0.3", "beta-5-0.8"]
        assert one["mean_image"].shape == (3, 64)


def test_what_a_file_says_is_of_the_reconstructions_and_of_either_jacobian(
    study, small_checkpoints, small_datasets, small_digits, classifier
):
    parts, _, _ = study
    for key, part in parts.items():
        made_for = {"latent_dim": key[1], "seed": key[2], "kind": "autoencoder", "autoencoder": SMALL_ARCHITECTURE}
        network, _ = load_checkpoint(small_checkpoints[key], plain, made_for | {"image_shape": (1, 8, 8)})
        training, held_out = small_digits[:200], small_digits[200:]
        held_out = held_out[evenly(len(held_out), reconstructions.POINTS)]
        near = np.quantile(cdist(held_out, training).min(axis=1), characters.NEAR)
        with xr.open_dataset(part) as found:
            assert float(found["near_distance"]) == pytest.approx(near, rel=1e-5)
            assert dict(found.sizes)["dataset"] == len(small_datasets) > 1
            for i, dataset in enumerate(small_datasets):
                with Pixels(dataset) as pixels, torch.no_grad():
                    x = torch.from_numpy(pixels[:])
                    y = network(x)
                np.testing.assert_allclose(found["mean_image"][i], y.mean(dim=0), atol=1e-5)
                classes = classifier(y).argmax(dim=1).detach().numpy()
                assert found["class_share"][i].values.tolist() == [(classes == c).mean() for c in range(10)]
                both = jacobians(network.encoder.double(), network.decoder.double(), x.double()).matrices
                network.float()
                whole = torch.linalg.matrix_rank(both) == key[1]  # else there is no orientation
                reversed_share = ((torch.linalg.det(both) < 0) & whole).sum(dim=1) / whole.sum(dim=1)
                np.testing.assert_allclose(found["reversed_share"][:, i], reversed_share, rtol=1e-6)
            assert (
                np.nanmax(np.abs(np.diff(found["reversed_share"].values, axis=0))) > 0
            )  # else they might be exchanged
            with torch.no_grad():
                h, dead = torch.from_numpy(training), 0
                for layer in (*network.encoder, *network.decoder):
                    h = layer(h)
                    dead += int((h <= 0).all(dim=0).sum()) if isinstance(layer, nn.ReLU) else 0
            names = [name for name in found if name.startswith("dead")]
            assert sum(float(found[name].sum()) for name in names) == dead


def test_the_difference_at_fixed_points_is_the_largest(trained, monkeypatch):
    monkeypatch.setattr(theorems, "_difference", lambda values: np.arange(values.shape[1], dtype=float))
    x0 = np.random.default_rng(0).random((50, 64), np.float32)
    found = {name: values for name, (_, values) in fixed_point_statistics(trained, x0).items()}
    assert found["difference_at_fixed"] == len(found["fixed_image"]) - 1 > 0


def test_networks_are_compared_with_each_other(study):
    parts, merged, _ = study
    files = {key: xr.open_dataset(part).load() for key, part in parts.items()}
    families, dims, seeds = ({key[i] for key in files} for i in range(3))
    assert merged["latent_dim"].values.tolist() == list(dict.fromkeys(key[1] for key in files))
    for key, mine in files.items():
        where = dict(zip(("family", "latent_dim", "seed"), key, strict=True))
        cell, unit = merged.sel(where), float(mine["spread"][0])
        for name in ("digit_share", "fails", "idempotence", "reversed_share", "difference_on_way"):
            np.testing.assert_array_equal(cell[name].transpose(*mine[name].dims), mine[name])
        for i in range(3):
            image, label = mine["mean_image"].values, mine["class_share"].values.argmax(axis=1)
            others = [j for j in (1, 2) if j != i]
            apart = [np.linalg.norm(image[i] - image[j]) / unit for j in others]
            assert float(cell["distance_across_sets"][i]) == pytest.approx(np.mean(apart))
            assert float(cell["same_class_across_sets"][i]) == np.mean([label[i] == label[j] for j in others])
            assert float(cell["same_class_in_set"][i]) == mine["class_share"].values[i].max()
            for name, axis in (("distance_across_seeds", 2), ("distance_across_d", 1)):
                apart = []
                for other, theirs in files.items():
                    if all((a == b) == (place != axis) for place, (a, b) in enumerate(zip(key, other, strict=True))):
                        between = np.linalg.norm(image[i] - theirs["mean_image"].values[i])
                        apart.append(between / ((unit + float(theirs["spread"][0])) / 2))
                assert float(cell[name][i]) == pytest.approx(np.mean(apart))
            same = [
                files[Key(key[0], key[1], seed)]["class_share"].values[i].argmax() == label[i]
                for seed in seeds
                if seed != key[2]
            ]
            assert float(cell["same_class_across_seeds"][i]) == np.mean(same)
    assert len(families) == 1
    assert len(dims) > 1
    assert np.isnan(merged["groups"]).all()  # with two sets of noise there are no clusters


def test_dead_units_are_those_that_no_image_switches_on(small_digits, monkeypatch):
    torch.manual_seed(0)
    network = Network()
    network.encoder = nn.Sequential(nn.Linear(64, 9), nn.ReLU(), nn.Linear(9, 2))
    network.decoder = nn.Sequential(nn.Linear(2, 7), nn.ReLU(), nn.Linear(7, 64), nn.Tanh())
    network.encoder[0].bias.data[[1, 4]] = -100
    network.decoder[0].weight.data[3] = 0
    network.decoder[0].bias.data[3] = 0  # never above 0
    monkeypatch.setattr("aespectra.summary.dead_units.BLOCK", 7)
    found = dead_units(network, small_digits[:50])
    with torch.no_grad():
        h = network.encoder[:2](torch.from_numpy(small_digits[:50]))
        g = network.decoder[:2](network.encoder[2](h))
    expected = int((h == 0).all(dim=0).sum() + (g == 0).all(dim=0).sum())
    assert found == {"dead_units": ((), expected), "relu_units": ((), 16)}
    assert expected >= 3
    assert not any(layer._forward_hooks for layer in network.modules())
    one = [dead_units(network, small_digits[i : i + 1])["dead_units"][1] for i in range(3)]
    assert min(one) >= expected


def test_two_clusters_are_held_against_the_halves(tmp_path, study):
    """Invented images: five dark sets lie together, and five bright ones; then one on the wrong side."""
    parts, _, _ = study
    key, part = next(iter(parts.items()))
    names = [f"set-{i}" for i in range(11)]
    for wrong, low, high in ((0, 1, 1), (1, 0.5, 0.8), (5, -0.2, 0.1)):
        with xr.open_dataset(part) as data:
            mine = data.isel(dataset=[0] * 11).assign_coords(dataset=names).load()
        mine["mean_pixel"] = ("dataset", [0.13, *[0.2] * 4, 0.2, 0.4999, *[0.7] * 4])
        side = np.array([0, *[0] * 5, *[1] * 5])
        side[1 : 1 + wrong : 2] = 1
        rng = np.random.default_rng(0)
        mine["mean_image"] = (("dataset", "pixel"), side[:, None] + 0.01 * rng.random((11, 64)))
        path = tmp_path / str(wrong) / f"{NETWORK.format(**key._asdict())}.nc"
        path.parent.mkdir(parents=True)
        mine.to_netcdf(path)
        write_reconstructions_of_study(tmp_path / f"{wrong}.nc", [path], {})
        assert low <= open_reconstructions(tmp_path / f"{wrong}.nc")["groups"].item() <= high


def test_a_classifier_is_read_as_it_was(study, classifier, small_digits):
    read = read_classifier(study[2] / "weights", 64)
    x = torch.from_numpy(small_digits[:5])
    assert torch.equal(read(x), classifier(x))
