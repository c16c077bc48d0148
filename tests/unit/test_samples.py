"""Classes, the classifier and what it says of images; samples of a network, and the file of a study."""

from itertools import product

import netCDF4
import numpy as np
import pytest
import torch
import xarray as xr
from aespectra.data.images import UnsuitableImagesError, load_images, load_labels
from aespectra.data.labels import read_labels, write_labels
from aespectra.data.pixels import write_dataset
from aespectra.integrity import BrokenFileError
from aespectra.models import classifier
from aespectra.models.checkpoint import save_checkpoint
from aespectra.models.family import family_of
from aespectra.models.train import train
from aespectra.slabs.latents import write_latents
from aespectra.summary import samples as samples_module
from aespectra.summary.image_features import read_image_features, scores, write_image_features
from aespectra.summary.quality import frechet, nearest
from aespectra.summary.samples import SOURCES, write_samples
from aespectra.summary.samples_of_study import POINTS, RADII, write_samples_of_study

pytestmark = pytest.mark.long  # networks are trained

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
TRAINING = {"epochs": 1, "batch_size": 128, "optimizer": "Adam", "learning_rate": 1e-3, "loss": "squared"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Digits, their classes, the classifier and the features of all images."""
    folder = tmp_path_factory.mktemp("samples")
    images = load_images("digits", folder)
    for split, pixels in zip(("training", "test"), np.split(images.pixels, [images.n_training]), strict=True):
        write_dataset(folder / f"{split}.nc", "digits", [pixels], {}, images.full_scale)
    write_labels(folder / "labels.nc", "digits", *load_labels("digits", folder))
    write_image_features(
        folder / "features.nc",
        folder / "classifier.safetensors",
        folder / "training.nc",
        folder / "test.nc",
        folder / "labels.nc",
    )
    return folder


@pytest.mark.parametrize("shape", [(3, 12, 16), (1, 18, 32)])
def test_images_that_are_not_gray_squares_are_refused(folder, tmp_path, shape):
    for split in ("training", "test"):  # 576 pixels are 24 x 24
        write_dataset(tmp_path / f"{split}.nc", "own", [np.zeros((9, 576), np.uint8)], {}, 255, shape)
    with pytest.raises(ValueError, match=r"training\.nc has images of \d x \d+ x \d+ .* must be gray and square\."):
        write_image_features(
            tmp_path / "features.nc",
            tmp_path / "weights.safetensors",
            tmp_path / "training.nc",
            tmp_path / "test.nc",
            folder / "labels.nc",
        )


@pytest.fixture(scope="module")
def networks(folder):
    """Trained networks of three kinds, one with d = 3; their checkpoints and latents, by family."""
    pixels = load_images("digits", folder).pixels[:500].astype(np.float32) / 16
    made = {}
    for name, d in product(("autoencoder", "vae", "flow", "autoencoder-again"), (2, 3)):
        kind = name.removesuffix("-again")
        family = family_of(kind)
        network, _ = train(pixels, d, 1, family, ARCHITECTURE, TRAINING)
        made_by = {"family": name, "kind": kind, "latent_dim": d, "seed": 1, "images": "digits", "pixels": 64}
        made_by |= {"autoencoder": ARCHITECTURE, "training": TRAINING}
        checkpoint, latents = (folder / f"{what}/{name}/d{d}_seed1.nc" for what in ("models", "latents"))
        save_checkpoint(checkpoint, network, made_by, "cpu")
        splits = {split: folder / f"{split}.nc" for split in ("training", "test")}
        write_latents(latents, checkpoint, family, made_by, splits)
        made[name, d] = (network, made_by, checkpoint, latents)
    return made


def draw(folder, networks, family: str, d: int, where: str = "samples") -> xr.Dataset:
    _, made_by, checkpoint, latents = networks[family, d]
    path = folder / f"{where}/{family}/d{d}_seed1.nc"
    images = {split: folder / f"{split}.nc" for split in ("training", "test")}
    found = [folder / "classifier.safetensors", folder / "features.nc"]
    write_samples(path, checkpoint, family_of(made_by["kind"]), made_by, latents, images, *found, "gaussian")
    return xr.load_dataset(path)


def test_classes_of_the_digits():
    from sklearn.datasets import load_digits

    training, test = load_labels("digits", None)
    assert len(training) == load_images("digits", None).n_training
    assert np.concatenate([training, test]).tolist() == load_digits().target.tolist()


def test_images_without_one_class_each(monkeypatch):
    from aespectra.data import images

    monkeypatch.setattr(images, "_torchvision_splits", lambda name, root: ([(None, (1, 2))], [(None, 1)]))
    with pytest.raises(UnsuitableImagesError, match="'boxes' are not labelled with one class each"):
        load_labels("boxes", None)
    monkeypatch.setattr(images, "_torchvision_splits", lambda name, root: ([(None, 0)], [(None, -1)]))
    with pytest.raises(UnsuitableImagesError, match="one class each"):
        load_labels("unknown", None)


def test_classes_are_read_as_written(folder, tmp_path):
    path = tmp_path / "labels.nc"
    write_labels(path, "mine", np.array([3, 0, 9]), np.array([1]))
    assert [each.tolist() for each in read_labels(path)] == [[3, 0, 9], [1]]
    with netCDF4.Dataset(path) as file:
        assert file["label_test"].filters()["fletcher32"]
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(BrokenFileError, match=r"labels\.nc"):
        read_labels(path)


def test_the_classifier_knows_the_digits(folder):
    with xr.open_dataset(folder / "features.nc") as features:
        assert 0.9 < float(features["accuracy"]) < 1
        training, test = read_labels(folder / "labels.nc")
        assert features["feature_training"].shape == (len(training), classifier.FEATURES)
        assert features["feature_test"].shape == (len(test), classifier.FEATURES)
        # true images score as true images do
        score = dict(zip(features["measure"].values, features["score"].values, strict=True))
    assert score["precision"] > 0.7
    assert score["coverage"] > 0.7
    assert score["memorisation"] == pytest.approx(0.5, abs=0.25)  # held out are other writers


def test_the_classifier_is_the_same_under_its_seed():
    x = np.random.default_rng(0).random((200, 16), np.float32)
    y = (x[:, :8].sum(axis=1) > x[:, 8:].sum(axis=1)).astype(np.int64)
    torch.manual_seed(99)
    first = classifier.train_classifier(x, y, 4).state_dict()
    second = classifier.train_classifier(x, y, 4).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = classifier.train_classifier(x, y, 5).state_dict()
    assert not torch.equal(first["1.weight"], other["1.weight"])


@pytest.mark.parametrize("pixels", [9, 15, 48])
def test_images_that_the_classifier_cannot_take(pixels):
    with pytest.raises(ValueError, match=f"square images of at least 4 x 4 pixels, not of {pixels} pixels"):
        classifier.build(pixels, 10)


def test_features_are_those_of_the_kept_classifier(folder):
    images = read_image_features(folder / "features.nc")
    pixels = torch.from_numpy(load_images("digits", folder).pixels[-20:].astype(np.float32) / 16)
    found, _ = classifier.features_and_classes(
        classifier.read_classifier(folder / "classifier.safetensors", 64), pixels
    )
    torch.testing.assert_close(found, images.test[-20:], rtol=1e-5, atol=1e-5)
    assert (found >= 0).all()  # behind the last ReLU
    distances, _ = nearest(images.test[-20:], images.training)
    np.testing.assert_allclose(distances, images.to_training[-20:])


def test_scores_are_of_what_the_decoder_makes(folder, networks):
    network = networks["autoencoder", 2][0]
    found = draw(folder, networks, "autoencoder", 2).isel(family=0, latent_dim=0, seed=0)
    held_out = torch.from_numpy(load_images("digits", folder).pixels[1540:].astype(np.float32) / 16)
    with torch.no_grad():
        y = network(held_out)
    assert float(found["reconstruction_error"]) == pytest.approx(
        (y - held_out).square().sum(dim=1).mean().item(), rel=1e-5
    )
    kept = classifier.read_classifier(folder / "classifier.safetensors", 64)
    features, _ = classifier.features_and_classes(kept, y.clip(0, 1))
    expected = frechet(features.numpy(), read_image_features(folder / "features.nc").test.numpy())
    assert float(found["score"].sel(source="reconstruction", measure="frechet")) == pytest.approx(expected, rel=1e-3)
    shown = found["image"].sel(source="reconstruction").values
    np.testing.assert_allclose(shown, 255 * y[: len(shown)].clip(0, 1), atol=0.51)
    # and beside each the training image that is nearest in pixels
    training = load_images("digits", folder).pixels[:1540] / 16
    for image, neighbour in zip(shown / 255, found["neighbour"].sel(source="reconstruction").values / 255, strict=True):
        distances = ((training - image) ** 2).sum(axis=1)
        assert ((training - neighbour) ** 2).sum(axis=1).argmin() == distances.argmin()


def test_sources_are_those_that_a_network_has(folder, networks):
    plain, flow = (draw(folder, networks, kind, 3) for kind in ("autoencoder", "flow"))
    assert plain["source"].values.tolist() == list(SOURCES)
    assert np.isnan(plain["score"].sel(source="flow")).all()
    assert not plain["image"].sel(source="flow").any()
    assert np.isfinite(plain["score"].sel(source=["prior", "mixture", "reconstruction"])).all()
    assert np.isfinite(flow["score"]).all()
    # the same encoder and decoder under the same seed: what is drawn before the flow is the same
    xr.testing.assert_equal(
        plain["image"].sel(source="prior", family="autoencoder"),
        flow["image"].sel(source="prior", family="flow").assign_coords(family="autoencoder"),
    )


def test_sources_are_drawn_from_what_they_are_named_after(folder, networks, monkeypatch):
    """The mixture from latents of training images, as the decoder sees them; the prior as asked."""
    given, drawn_from = {}, samples_module._drawn
    monkeypatch.setattr(
        samples_module,
        "_drawn",
        lambda network, training, prior, *rest: (
            given.update(training=training, prior=prior) or drawn_from(network, training, prior, *rest)
        ),
    )
    draw(folder, networks, "vae", 2, "again")
    with netCDF4.Dataset(networks["vae", 2][3]) as file:
        np.testing.assert_allclose(given["training"], file["draw_training"][:])
    assert given["prior"] == "gaussian"

    class Moved:
        like = torch.empty(0, dtype=torch.float64)

        @staticmethod
        def from_normal(block):
            return block + 100

    training = np.random.default_rng(0).normal(size=(300, 3))
    found = drawn_from(Moved(), training, "uniform", 400, np.random.default_rng(0))
    assert found["flow"].mean() == pytest.approx(100, abs=0.2)
    assert np.abs(found["prior"]).max() == pytest.approx(3**0.5, abs=0.05)
    assert np.abs(drawn_from(Moved(), training, "gaussian", 400, np.random.default_rng(0))["prior"]).max() > 2.5


def test_scores_tell_samples_from_images(folder):
    """Copies of a few training images: precise, without variety, memorised."""
    images = read_image_features(folder / "features.nc")
    few = images.training[:4].repeat(60, 1)
    found = scores(few, np.zeros((240, 64), np.float32), images)
    assert found["precision"] > 0.7
    assert found["recall"] < 0.1
    assert found["coverage"] < 0.3
    assert found["memorisation"] > 0.95
    far = scores(images.test + 50, np.zeros((len(images.test), 64), np.float32), images)
    assert (far["precision"], far["density"], far["memorisation"]) == (0, 0, 0)


def test_a_mixture_is_drawn_from_all_of_its_components_at_once():
    centres = 10 * np.arange(10).repeat(50)
    training = np.stack([centres, centres], axis=1) + np.random.default_rng(0).normal(size=(500, 2))
    drawn = samples_module._drawn(object(), training, "gaussian", 500, np.random.default_rng(0))
    assert set(drawn) == {"prior", "mixture"}
    assert len(set(np.rint(drawn["mixture"][:30, 0] / 10))) >= 5
    assert abs(drawn["mixture"].mean() - training.mean()) < 5


def test_latents_that_cover_the_prior_and_a_lump_of_them(folder, networks, tmp_path):
    """Held-out ones, and of a posterior the draws."""
    _, made_by, checkpoint, latents = networks["vae", 2]
    found = {}
    for name, scale in (("all", 1.0), ("lump", 0.02)):
        copy = tmp_path / name / "vae" / "d2_seed1.nc"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(latents.read_bytes())
        with netCDF4.Dataset(copy, "a") as file:
            for variable in ("z_training", "z_test", "draw_training"):
                file[variable][:] = 0.1 * np.random.default_rng(6).standard_normal(file[variable].shape)
            file["draw_test"][:] = scale * np.random.default_rng(7).standard_normal(file["draw_test"].shape)
        images = {split: folder / f"{split}.nc" for split in ("training", "test")}
        kept = [folder / "classifier.safetensors", folder / "features.nc"]
        path = tmp_path / f"{name}.nc"
        write_samples(path, checkpoint, family_of("vae"), made_by, copy, images, *kept, "gaussian")
        found[name] = float(xr.load_dataset(path)["latent_coverage"].squeeze())
    assert found["all"] > 0.9
    assert found["lump"] < 0.2


def test_samples_are_the_same_again(folder, networks):
    xr.testing.assert_identical(draw(folder, networks, "vae", 2), draw(folder, networks, "vae", 2, "again"))


def test_the_file_of_a_study(folder, networks):
    parts = {key: draw(folder, networks, *key) for key in networks}
    path = folder / "study.nc"
    names = [f"{kind}/d{d}_seed1.nc" for kind, d in networks]
    write_samples_of_study(
        path,
        [folder / "samples" / name for name in names],
        [folder / "latents" / name for name in names],
        folder / "features.nc",
        folder / "labels.nc",
        {"experiment": "mine"},
    )
    with netCDF4.Dataset(path) as file:
        assert file["image"].filters()["zlib"]
    study = xr.load_dataset(path)
    assert study["family"].values.tolist() == [
        "autoencoder",
        "vae",
        "flow",
        "autoencoder-again",
    ]
    for (kind, d), part in parts.items():
        of_network = study.sel(family=[kind], latent_dim=[d], seed=[1])
        for name in part.data_vars:
            xr.testing.assert_equal(of_network[name], part[name])
            assert of_network[name].dtype == part[name].dtype
        with xr.open_dataset(networks[kind, d][3]) as latents:
            z = latents["z_test"].values
            counts = of_network["radius_count"].sel(view="z").values.ravel()
            np.testing.assert_array_equal(counts, np.histogram(np.linalg.norm(z, axis=1) / d**0.5, RADII)[0])
            if d == 2:
                point = study["point"].sel(family=kind, seed=1)
                np.testing.assert_array_equal(point.sel(view="z"), z[:POINTS])
                assert ("draw_test" in latents) == bool(np.isfinite(point.sel(view="draw")).all())
    assert int(study["held_out"]) == len(z)
    assert study["label"].values.tolist() == read_labels(folder / "labels.nc")[1].tolist()
    with xr.open_dataset(folder / "features.nc") as features:
        np.testing.assert_array_equal(study["score_of_images"], features["score"])
        assert float(study["accuracy"]) == float(features["accuracy"])
