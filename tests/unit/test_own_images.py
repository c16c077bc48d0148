"""Images of one's own in arrays: what is read of good ones, and what is said of each bad one."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from aespectra.data import arrays
from aespectra.data.images import TooFewImagesError, training_first
from aespectra.data.listing import BadImagesError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from .own_images import RNG, byte_images, cut, in_order, one_sentence, pixels_of


def saved(path: Path, **arrays_by_name: np.ndarray) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **arrays_by_name)
    else:
        np.save(path, *arrays_by_name.values())
    return path


# shape of the array: shape of an image, and what makes its channels the first axis
SHAPES = {
    (9, 16): ((1, 4, 4), None),
    (9, 15): ((1, 1, 15), None),
    (9, 5, 7): ((1, 5, 7), None),
    (9, 5, 7, 3): ((3, 5, 7), (0, 3, 1, 2)),
    (9, 5, 7, 1): ((1, 5, 7), (0, 3, 1, 2)),
    (9, 3, 5, 7): ((3, 5, 7), None),
    (9, 1, 5, 7): ((1, 5, 7), None),
    (9, 3, 5, 3): ((3, 3, 5), (0, 3, 1, 2)),  # channels are last where they can be
    (9, 3, 3, 3): ((3, 3, 3), (0, 3, 1, 2)),
    (9, 1, 1, 1): ((1, 1, 1), (0, 3, 1, 2)),
}


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize("kind", ["bytes", "float16", "float32", "float64", ">f4", "fortran"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_arrays_are_read_channel_by_channel(tmp_path, shape, kind, suffix):
    image_shape, axes = SHAPES[shape]
    array = byte_images(*shape) if kind == "bytes" else RNG.random(shape).astype("f4" if kind == "fortran" else kind)
    file = saved(tmp_path / f"mine{suffix}", images=np.asfortranarray(array) if kind == "fortran" else array)
    assert arrays.images_header(file) == (9, image_shape)
    found = arrays.load_images(file)
    assert found.shape == image_shape
    assert found.full_scale == (255 if kind == "bytes" else 1)
    rows = in_order(found)
    assert rows.dtype == (np.uint8 if kind == "bytes" else np.float32)
    expected = array if axes is None else array.transpose(axes)
    np.testing.assert_array_equal(rows, expected.reshape(9, -1).astype(rows.dtype))
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@given(st.integers(7, 300))
def test_every_seventh_image_is_held_out(n):
    order, n_training = training_first(n)
    assert sorted(order) == list(range(n))
    assert list(order[n_training:]) == list(range(6, n, 7))
    assert list(order[:n_training]) == [i for i in range(n) if i % 7 != 6]


def test_six_images_are_too_few_to_learn_from(tmp_path):
    with pytest.raises(TooFewImagesError, match=r"^there are 6 images to learn from; at least 7 are needed"):
        arrays.load_images(saved(tmp_path / "a.npy", images=byte_images(6, 4)))
    assert len(arrays.load_images(tmp_path / "a.npy", (1, 2, 2)).pixels) == 6  # to evaluate any number will do


def test_an_evaluation_set_keeps_the_order_of_its_file(tmp_path):
    array = byte_images(30, 4, 4)
    np.testing.assert_array_equal(
        pixels_of(arrays.load_images(saved(tmp_path / "a.npy", images=array), (1, 4, 4))), array.reshape(30, 16)
    )


def test_rows_of_as_many_pixels_as_the_training_images_have_are_theirs(tmp_path):
    array = byte_images(8, 48)
    found = arrays.load_images(saved(tmp_path / "a.npy", images=array), (3, 4, 4))
    np.testing.assert_array_equal(pixels_of(found), array)


@pytest.mark.parametrize("target", [(1, 6, 8), (3, 6, 8), (1, 5, 5), (3, 13, 9)], ids=str)
@pytest.mark.parametrize("shape", [(4, 6, 8), (4, 6, 8, 3)], ids=str)
def test_bytes_and_floats_are_fitted_alike_and_as_pillow_does(tmp_path, shape, target):
    array = byte_images(*shape)
    channels, height, width = target
    expected = []
    for image in array:
        picture = Image.fromarray(image).convert("L" if channels == 1 else "RGB")
        picture = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
        expected.append(picture.reshape(height, width, -1).transpose(2, 0, 1).ravel())
    found = arrays.load_images(saved(tmp_path / "bytes.npy", images=array), target)
    assert found.shape == target
    np.testing.assert_array_equal(pixels_of(found), expected)
    floats = arrays.load_images(saved(tmp_path / "floats.npy", images=(array / 255).astype(np.float32)), target)
    # gray and each direction of the resizing are rounded to bytes
    np.testing.assert_allclose(pixels_of(floats) * 255, expected, atol=2)


def test_white_stays_white_however_it_is_fitted(tmp_path):
    file = saved(tmp_path / "white.npy", images=np.ones((3, 7, 9, 3)))
    rows = pixels_of(arrays.load_images(file, (1, 4, 5)))
    assert rows.max() <= 1
    np.testing.assert_allclose(rows, 1, rtol=1e-6)


def test_labels_are_split_as_the_images_are(tmp_path):
    labels = np.arange(20) % 4
    training, test = arrays.load_labels(saved(tmp_path / "a.npz", images=byte_images(20, 9), labels=labels))
    assert test.tolist() == labels[[6, 13]].tolist()
    assert training.tolist() == np.delete(labels, [6, 13]).tolist()
    assert training.dtype == np.int64


class Pickled:
    def __reduce__(self):
        return os.mkdir, ("harm",)


def longer(path: Path) -> Path:
    path.write_bytes(path.read_bytes() + b"\0")
    return path


def flipped_in_zip(path: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("images.npy")
    content = bytearray(path.read_bytes())
    content[info.header_offset + 300] ^= 1
    path.write_bytes(content)
    return path


FLOATS = RNG.random((9, 4))


def with_value(value: float) -> np.ndarray:
    array = FLOATS.copy()
    array[5, 2] = value
    return array


# a function of a folder that makes the file; what the sentence says beside its name
BAD_ARRAYS = {
    "missing": (lambda at: at / "a.npy", "does not exist"),
    "folder": (lambda at: (at / "a.npy").mkdir() or at / "a.npy", "is no file"),
    "suffix": (lambda at: saved(at / "a.npy", a=FLOATS).rename(at / "a.txt"), "of another format; allowed are.*.npy"),
    "empty": (lambda at: cut(saved(at / "a.npy", a=FLOATS), 0), "cannot be read"),
    "text": (lambda at: (at / "a.npy").write_text("1 2 3\n" * 99) and at / "a.npy", "cannot be read"),
    "header": (lambda at: cut(saved(at / "a.npy", a=FLOATS), 40), "cannot be read"),
    "cut": (lambda at: cut(saved(at / "a.npy", a=FLOATS), 300), r"has 300 bytes, of 416 that"),
    "longer": (lambda at: longer(saved(at / "a.npy", a=FLOATS)), "has 417 bytes, of 416"),
    "pickled": (lambda at: saved(at / "a.npy", a=np.array([Pickled()] * 9)), "holds Python objects; allowed are bytes"),
    "int64": (lambda at: saved(at / "a.npy", a=np.ones((9, 4), int)), "values of type int64; allowed are bytes"),
    "bool": (lambda at: saved(at / "a.npy", a=np.ones((9, 4), bool)), "values of type bool"),
    "complex": (lambda at: saved(at / "a.npy", a=FLOATS + 0j), "values of type complex128"),
    "text values": (lambda at: saved(at / "a.npy", a=np.full((9, 4), "x")), "values of type <U1"),
    "records": (lambda at: saved(at / "a.npy", a=np.zeros(9, [("a", "f4")])), "values of type"),
    "one axis": (lambda at: saved(at / "a.npy", a=np.ones(9)), r"the shape \(9,\); allowed are \(n, pixels\)"),
    "five axes": (lambda at: saved(at / "a.npy", a=np.ones((9, 1, 2, 2, 1))), r"shape \(9, 1, 2, 2, 1\)"),
    "two channels": (lambda at: saved(at / "a.npy", a=np.ones((9, 2, 4, 4))), r"shape \(9, 2, 4, 4\); .* 1 or 3"),
    "no images": (lambda at: saved(at / "a.npy", a=np.ones((0, 4))), r"shape \(0, 4\)"),
    "no pixels": (lambda at: saved(at / "a.npy", a=np.ones((9, 4, 0))), r"shape \(9, 4, 0\)"),
    "no zip": (lambda at: saved(at / "a.npy", a=FLOATS).rename(at / "a.npz"), "cannot be read"),
    "no member": (lambda at: saved(at / "a.npz", x=FLOATS, y=FLOATS), "no array 'images'.* has: x, y"),
    "zip cut": (lambda at: cut(saved(at / "a.npz", images=FLOATS), 300), "cannot be read"),
    "pickled in zip": (lambda at: saved(at / "a.npz", images=np.array([Pickled()] * 9)), "holds Python objects"),
    "labels": (lambda at: saved(at / "a.npz", images=FLOATS, labels=np.arange(8)), r"of shape \(8,\).* shape \(9,\)"),
    "float labels": (lambda at: saved(at / "a.npz", images=FLOATS, labels=np.ones(9)), "float64 of shape"),
    "pickled labels": (lambda at: saved(at / "a.npz", images=FLOATS, labels=np.array([Pickled()] * 9)), "objects"),
}
BAD_VALUES = {
    "nan": (lambda at: saved(at / "a.npy", a=with_value(np.nan)), r"value nan in image 5, counted from 0; .*0 to 1"),
    "infinity": (lambda at: saved(at / "a.npy", a=with_value(np.inf)), "value inf in image 5"),
    "negative": (lambda at: saved(at / "a.npy", a=with_value(-1e-9)), "value -1e-09 in image 5"),
    "above 1": (lambda at: saved(at / "a.npz", images=with_value(np.nextafter(1, 2))), "value 1.0000000000000002"),
    "bytes as floats": (lambda at: saved(at / "a.npy", a=byte_images(9, 4).astype(float)), "allowed are floats"),
    "flipped": (lambda at: flipped_in_zip(saved(at / "a.npz", images=byte_images(9, 9999))), "cannot be read .*CRC"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_a_bad_array_is_named_by_its_header(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    make, says = BAD_ARRAYS[case]
    path = make(tmp_path)
    for read in (arrays.images_header, arrays.load_images):
        with pytest.raises(BadImagesError, match=says) as caught:
            read(path)
        one_sentence(caught.value, path)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("case", BAD_VALUES)
def test_bad_values_are_found_before_any_image_is_used(tmp_path, case):
    make, says = BAD_VALUES[case]
    path = make(tmp_path)
    assert arrays.images_header(path)[0] == 9
    with pytest.raises(BadImagesError, match=says) as caught:
        arrays.load_images(path)
    one_sentence(caught.value, path)


@pytest.mark.parametrize("start", [0, 998, 999, 1000, 1001, 2047])
def test_a_bad_value_in_any_block_is_found(tmp_path, start):
    array = np.zeros((2048, 2), np.float32)
    array[start, 1] = 2
    with pytest.raises(BadImagesError, match=f"value 2.0 in image {start},"):
        arrays.load_images(saved(tmp_path / "a.npy", images=array))


@pytest.mark.parametrize("keep", range(0, 416, 13))
def test_no_cut_array_passes(tmp_path, keep):
    path = cut(saved(tmp_path / "a.npy", images=FLOATS), keep)
    with pytest.raises(BadImagesError):
        arrays.images_header(path)


BAD_LABELS = {
    "none": ({}, "has no array 'labels'"),
    "negative": ({"labels": np.arange(9) - 1}, r"from -1 to 7; allowed are 0 to 8"),
    "more classes than images": ({"labels": np.arange(9) + 1}, r"from 1 to 9; allowed are 0 to 8"),
}


@pytest.mark.parametrize("case", BAD_LABELS)
def test_labels_that_are_no_classes_are_refused(tmp_path, case):
    labels, says = BAD_LABELS[case]
    path = saved(tmp_path / "a.npz", images=FLOATS, **labels)
    assert arrays.images_header(path)[0] == 9
    with pytest.raises(BadImagesError, match=says) as caught:
        arrays.load_labels(path)
    one_sentence(caught.value, path)


def test_an_array_alone_has_no_labels(tmp_path):
    with pytest.raises(BadImagesError, match="has no labels; they may be an array 'labels'"):
        arrays.load_labels(saved(tmp_path / "a.npy", a=FLOATS))
