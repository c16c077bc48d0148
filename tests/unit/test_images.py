"""Image sets as rows of bytes, from scikit-learn and from torchvision (here with invented images)."""

import inspect
import shutil

import numpy as np
import pytest
import torchvision
from aespectra.data import images
from aespectra.data.images import (
    Images,
    ImagesNotFoundError,
    TooFewImagesError,
    TooFewPixelsError,
    UnsuitableImagesError,
    check_pixels,
    evenly_spaced_blocks,
    load_images,
)
from aespectra.data.torchvision_sets import UNUSABLE, splits_keyword, torchvision_image_sets
from aespectra.integrity import BrokenFileError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits


def test_digits_are_those_of_scikit_learn(tmp_path):
    found = load_images("digits", tmp_path)
    assert found.pixels.dtype == np.uint8
    np.testing.assert_array_equal(found.pixels, load_digits().images.reshape(1797, 64))
    assert found.full_scale == found.pixels.max() == 16
    assert found.n_training == 1540  # the share of MNIST, 60,000 of 70,000
    assert found.shape == (1, 8, 8)
    assert list(tmp_path.iterdir()) == []


def test_digits_are_brought_to_another_shape(tmp_path):
    """As floats, which keeps the grays between their seventeen."""
    whole = load_digits().images.astype(np.float32) / 16
    found = load_images("digits", tmp_path, (1, 28, 28))
    assert (found.pixels.shape, found.full_scale, found.shape) == ((1797, 784), 1, (1, 28, 28))
    expected = np.asarray(Image.fromarray(whole[5]).resize((28, 28), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(found.pixels[5].reshape(28, 28), expected)
    in_colour = load_images("digits", tmp_path, (3, 8, 8))
    np.testing.assert_array_equal(in_colour.pixels.reshape(-1, 3, 8, 8), np.stack([whole] * 3, axis=1))
    assert load_images("digits", tmp_path, (1, 8, 8)).full_scale == 16


def picture(value: int, size: tuple[int, int] = (4, 4), mode: str = "L") -> Image.Image:
    rng = np.random.default_rng(value)
    shape = size[::-1] if mode == "L" else (*size[::-1], 3)
    return Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))


def pretend(monkeypatch, by_split: dict[str, list], keyword: str = "train", name: str = "FashionMNIST") -> list:
    """Put a set of invented images in the place of torchvision's; returns the list of the calls made."""
    calls = []

    class WithTrain(list):
        def __init__(self, root, train=True, download=False):
            calls.append((root, train, download))
            super().__init__((image, 7) for image in by_split["train" if train else "test"])

    class WithSplit(list):
        def __init__(self, root, split="train", download=False):
            calls.append((root, split, download))
            super().__init__((image, 7) for image in by_split[split])

    monkeypatch.setattr(torchvision.datasets, name, WithTrain if keyword == "train" else WithSplit)
    return calls


@pytest.mark.parametrize("keyword", ["train", "split"])
@pytest.mark.parametrize("name", ["FashionMNIST", "fashionmnist"])
def test_training_images_come_first(monkeypatch, tmp_path, keyword, name):
    splits = {"train": [picture(1), picture(2), picture(3)], "test": [picture(4)]}
    calls = pretend(monkeypatch, splits, keyword)
    found = load_images(name, tmp_path)
    assert isinstance(found, Images)
    assert found.n_training == 3
    assert found.full_scale == 255
    assert found.pixels.dtype == np.uint8
    expected = [np.asarray(image).ravel() for image in (*splits["train"], *splits["test"])]
    np.testing.assert_array_equal(found.pixels, expected)
    assert [call[0] for call in calls] == [str(tmp_path)] * 2
    assert all(call[2] for call in calls)


def test_colour_becomes_gray(monkeypatch, tmp_path):
    colour = picture(1, mode="RGB")
    pretend(monkeypatch, {"train": [colour], "test": [colour]})
    (first, _) = load_images("FashionMNIST", tmp_path).pixels
    red, green, blue = np.asarray(colour).reshape(-1, 3).T.astype(float)
    # ITU-R 601 luma
    np.testing.assert_allclose(first, 0.299 * red + 0.587 * green + 0.114 * blue, atol=1)


def test_images_are_resized_where_asked(monkeypatch, tmp_path):
    constant = Image.fromarray(np.full((32, 32), 77, np.uint8))
    half = Image.fromarray(np.repeat(np.array([[0, 200]], np.uint8), 16, axis=1).repeat(32, axis=0))
    pretend(monkeypatch, {"train": [constant, half], "test": [picture(1, (8, 8))]})
    found = load_images("FashionMNIST", tmp_path, (1, 8, 8)).pixels
    assert found.shape == (3, 64)
    assert (found[0] == 77).all()
    image = found[1].reshape(8, 8)
    assert (image[:, :3] == 0).all()
    assert (image[:, 5:] == 200).all()
    assert image.mean() == pytest.approx(100, abs=2)
    np.testing.assert_array_equal(found[2], np.asarray(picture(1, (8, 8))).ravel())


def test_gray_images_become_coloured_where_the_training_images_are(monkeypatch, tmp_path):
    pretend(monkeypatch, {"train": [picture(1)], "test": [picture(2), picture(3, (8, 6), "RGB")]})
    found = load_images("FashionMNIST", tmp_path, (3, 4, 4))
    assert found.shape == (3, 4, 4)
    np.testing.assert_array_equal(found.pixels[0].reshape(3, 4, 4), [np.asarray(picture(1))] * 3)
    small = picture(3, (8, 6), "RGB").resize((4, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found.pixels[2].reshape(3, 4, 4), np.asarray(small).transpose(2, 0, 1))


def test_images_may_be_wider_than_high(monkeypatch, tmp_path):
    pretend(monkeypatch, {"train": [picture(1, (5, 3))], "test": [picture(2, (5, 3))]})
    assert load_images("FashionMNIST", tmp_path).shape == (1, 3, 5)


@pytest.mark.parametrize(
    "splits",
    [
        {"train": [picture(1, (4, 5))], "test": [picture(2, (4, 4))]},
        {"train": [picture(1, (4, 4)), picture(1, (5, 5))], "test": [picture(2, (4, 4))]},
        {"train": [picture(1, (4, 4))], "test": [picture(2, (5, 5))]},
    ],
    ids=["a-width-differs", "two-sizes", "splits-differ"],
)
def test_images_without_a_common_size_are_refused(monkeypatch, tmp_path, splits):
    pretend(monkeypatch, splits)
    with pytest.raises(UnsuitableImagesError, match=r"^the images of 'FashionMNIST' have no common size\.$"):
        load_images("FashionMNIST", tmp_path)


@pytest.mark.parametrize("name", ["EMNIST", "CocoCaptions", "VisionDataset", "FakeData"])
def test_sets_without_two_splits_are_refused(tmp_path, name):
    with pytest.raises(UnsuitableImagesError, match=f"^the torchvision set '{name}' has no train and test split"):
        load_images(name, tmp_path)


def test_an_unknown_set_is_named(tmp_path):
    with pytest.raises(UnsuitableImagesError, match=r"^'MINST' is not a data set of torchvision; allowed are"):
        load_images("MINST", tmp_path)


@pytest.mark.parametrize("error", [RuntimeError("Error downloading\nmore"), OSError("no route to host"), OSError()])
@pytest.mark.parametrize("name", ["MNIST", "KMNIST"])
def test_a_failed_download_says_where_to_put_the_files(monkeypatch, tmp_path, name, error):
    def fail(root, train=True, download=False):
        raise error

    monkeypatch.setattr(torchvision.datasets, name, fail)
    with pytest.raises(ImagesNotFoundError, match="could not be downloaded") as caught:
        load_images(name, tmp_path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert "config" not in message
    assert "\n" not in message
    reason = str(error).split("\n")[0] or "OSError"
    assert f"({reason})" in message
    if name == "MNIST":
        assert "train-images-idx3-ubyte" in message
        assert str(tmp_path / "MNIST" / "raw") in message


@pytest.mark.long
def test_mnist_is_the_published_one(mnist_root, mnist):
    found = load_images("mnist", mnist_root)
    assert found.pixels.shape == (70_000, 784)
    assert found.n_training == 60_000
    assert found.full_scale == 255
    np.testing.assert_array_equal(found.pixels[60_000:], np.round(mnist * 255))
    assert found.pixels.mean() / 255 == pytest.approx(0.131, abs=0.001)


def test_a_spoiled_mnist_is_refused_before_it_is_read(mnist_root, tmp_path):
    shutil.copytree(mnist_root / "MNIST" / "raw", tmp_path / "MNIST" / "raw", copy_function=shutil.copy)
    path = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.chmod(0o644)
    spoiled = bytearray(path.read_bytes())
    spoiled[1_000_000] ^= 1
    path.write_bytes(spoiled)
    with pytest.raises(BrokenFileError, match="train-images-idx3-ubyte"):
        load_images("mnist", tmp_path)


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_chosen_images_are_evenly_spaced(n, samples):
    samples = min(n, samples)
    blocks = list(evenly_spaced_blocks(np.arange(n)[:, None], samples))
    chosen = np.concatenate(blocks)[:, 0]
    assert len(chosen) == samples
    assert chosen[0] == 0
    assert chosen[-1] < n
    gaps = np.diff(np.append(chosen, n))
    assert (gaps >= n // samples).all()
    assert (gaps <= -(-n // samples)).all()
    assert all(len(block) <= images.BLOCK for block in blocks)


def test_chosen_images_keep_the_share_of_training_images():
    chosen = np.concatenate(list(evenly_spaced_blocks(np.arange(70_000)[:, None], 7_000)))
    assert (chosen < 60_000).sum() == 6_000
    np.testing.assert_array_equal(np.concatenate(list(evenly_spaced_blocks(np.arange(50), 50))), np.arange(50))


def test_names_of_torchvision_sets_are_those_it_has():
    found = torchvision_image_sets()
    assert set(found.values()) == set(torchvision.datasets.__all__)
    assert all(key == value.lower() for key, value in found.items())


def test_no_image_comes_twice():
    with pytest.raises(TooFewImagesError, match=r"^51 samples are asked for, there are 50 images\.$"):
        list(evenly_spaced_blocks(np.arange(50), 51))


def test_no_more_latent_dimensions_than_pixels(tmp_path):
    found = load_images("digits", tmp_path)
    check_pixels(found, 64)
    with pytest.raises(
        TooFewPixelsError, match=r"^a latent dimension of 65 is asked for, the images have 64 pixels\.$"
    ):
        check_pixels(found, 65)


@pytest.mark.parametrize("name", torchvision.datasets.__all__)
def test_splits_are_found_without_an_import(name):
    """Against the signature of the class itself."""
    parameters = inspect.signature(getattr(torchvision.datasets, name)).parameters.values()
    required = [each.name for each in parameters if each.default is each.empty]
    names = [each.name for each in parameters]
    keyword = splits_keyword(name)
    if keyword is None:
        words = inspect.getsource(inspect.getmodule(getattr(torchvision.datasets, name)))
        assert (
            name in UNUSABLE
            or required != ["root"]
            or "download" not in names
            or not ({"train", "split"} & set(names))
            or not ('"train"' in words and '"test"' in words)
        )
    else:
        assert name not in UNUSABLE
        assert keyword in names
        assert "download" in names
        assert required == ["root"]


@pytest.mark.parametrize("name", ["EMNIST", "ImageNet", "FakeData", "Kinetics", "QMNIST", "NoSuchSet"])
def test_sets_without_usable_splits(name):
    assert splits_keyword(name) is None
