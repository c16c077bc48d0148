"""Images of one's own, arrays and folders: what is read of good ones, and what is said of each bad one."""

import contextlib
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from aespectra.data import arrays, folder, listing
from aespectra.data.images import Images, TooFewImagesError, evenly_spaced_blocks, training_first
from aespectra.data.listing import BadImagesError, digest, image_files
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

RNG = np.random.default_rng(0)


def pixels_of(images: Images) -> np.ndarray:
    return np.concatenate(list(evenly_spaced_blocks(images.pixels, len(images.pixels))))


def in_order(images: Images) -> np.ndarray:
    """Pixels of training images in the order of the file, whatever comes first."""
    order, n_training = training_first(len(images.pixels))
    assert images.n_training == n_training
    return pixels_of(images)[np.argsort(order)]


def byte_images(*shape: int) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


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


def cut(path: Path, keep: int) -> Path:
    path.write_bytes(path.read_bytes()[:keep])
    return path


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


def one_sentence(error: BadImagesError, path: Path) -> str:
    said = str(error)
    assert str(path) in said
    assert said.endswith(".")
    assert "\n" not in said
    assert ". " not in said
    return said


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


# folders

SUFFIXES = {".png": {}, ".bmp": {}, ".PNG": {}, ".tif": {}, ".webp": {"lossless": True}}


def photos(at: Path, names: list[str], size: tuple[int, int] = (7, 5), mode: str = "L") -> dict[str, np.ndarray]:
    """Write images of random pixels; these by name."""
    written = {}
    for name in names:
        pixels = byte_images(*size[::-1], *(() if mode == "L" else (3,)))
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, **SUFFIXES.get(path.suffix, {}))
        written[name] = pixels
    return written


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".PNG", ".tif"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_is_read_by_name_channel_by_channel(tmp_path, mode, suffix):
    names = [f"{name}{suffix}" for name in ("b", "a", "é c", "z/1", "z/0", "{x}", "10", "9", "y/y/y")]
    written = photos(tmp_path, names, mode=mode)
    (tmp_path / "notes.txt").write_text("left alone")
    found = folder.load_images(tmp_path)
    assert found.shape == ((1, 5, 7) if mode == "L" else (3, 5, 7))
    assert found.full_scale == 255
    by_name = sorted(written, key=lambda name: Path(name).parts)
    expected = [written[name].reshape(5, 7, -1).transpose(2, 0, 1).ravel() for name in by_name]
    np.testing.assert_array_equal(in_order(found), expected)
    np.testing.assert_array_equal(pixels_of(folder.load_images(tmp_path, found.shape)), expected)


def test_a_folder_of_jpegs_is_what_pillow_decodes(tmp_path):
    photos(tmp_path, [f"{i}.jpg" for i in range(8)], mode="RGB")
    expected = [np.asarray(Image.open(path)).transpose(2, 0, 1).ravel() for path in sorted(tmp_path.glob("*.jpg"))]
    np.testing.assert_array_equal(in_order(folder.load_images(tmp_path)), expected)


@pytest.mark.parametrize("target", [(1, 5, 7), (3, 5, 7), (1, 4, 9), (3, 11, 2)], ids=str)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_is_fitted_to_the_training_images(tmp_path, mode, target):
    (pixels,) = photos(tmp_path, ["a.png"], mode=mode).values()
    picture = Image.fromarray(pixels).convert("L" if target[0] == 1 else "RGB")
    expected = np.asarray(picture.resize((target[2], target[1]), Image.Resampling.BILINEAR))
    found = folder.load_images(tmp_path, target)
    assert found.shape == target
    np.testing.assert_array_equal(
        pixels_of(found)[0].reshape(target), expected.reshape(*target[1:], -1).transpose(2, 0, 1)
    )


def test_folders_in_a_folder_are_classes(tmp_path):
    photos(tmp_path, [f"{name}/{i}.png" for name in ("cats", "ants", "dogs/young") for i in range(5)])
    training, test = folder.load_labels(tmp_path)
    assert test.tolist() == [1, 2]
    assert training.tolist() == [0] * 5 + [1] * 4 + [2] * 4
    photos(tmp_path, ["loose.png"])
    with pytest.raises(BadImagesError, match="has images without a class"):
        folder.load_labels(tmp_path)


def truncated(path: Path) -> None:
    cut(path, path.stat().st_size * 2 // 3)


def convert(mode: str):
    def write(path: Path) -> None:
        Image.new(mode, (7, 5)).save(path)

    return write


def link(target: str):
    def write(path: Path) -> None:
        path.unlink()
        path.symlink_to(path.parent / target)

    return write


def two_frames(path: Path) -> None:
    Image.new("L", (7, 5)).save(path, format="TIFF", save_all=True, append_images=[Image.new("L", (7, 5), 9)])


# what is done to one image of a folder; what the sentence says beside its name
BAD_IMAGES = {
    "truncated": (truncated, "cannot be read"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read .*; allowed are whole images in BMP, JPEG, PNG"),
    "no image": (lambda path: path.write_text("hello"), "cannot be read"),
    "other format": (lambda path: Image.new("L", (7, 5)).save(path, format="GIF"), "cannot be read"),
    "size": (
        lambda path: Image.new("L", (5, 7)).save(path),
        "is 5 x 7 in gray, most others are 7 x 5 in gray; all must",
    ),
    "mode": (convert("RGB"), "is 7 x 5 in colour, most others are 7 x 5 in gray"),
    "opacity": (convert("RGBA"), r"is of mode RGBA; allowed are .* mode L \(gray\) and RGB"),
    "palette": (convert("P"), "is of mode P;"),
    "two levels": (convert("1"), "is of mode 1;"),
    "16 bits": (convert("I;16"), "is of mode I;16;"),
    "frames": (two_frames, "has 2 frames"),
    "folder": (lambda path: None, None),
    "link to nothing": (link("nowhere.png"), "is a link that leads to nothing in .*; allowed are files that lie there"),
    "link outside": (link("../other.png"), "is a link that leads to nothing in"),
    "link to the root": (link("/"), "is a link that leads to nothing in"),
    "circle": (link("03.png"), "is a link that leads to nothing in"),
}


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_a_bad_image_in_a_folder_is_named(tmp_path, case):
    spoil, says = BAD_IMAGES[case]
    photos(tmp_path, ["other.png", *(f"photos/{i:02}.png" for i in range(9))])
    bad = tmp_path / "photos" / "03.png"
    spoil(bad)
    if says is None:
        assert len(folder.load_images(tmp_path / "photos").pixels) == 9
        return
    with pytest.raises(BadImagesError, match=says) as caught:
        folder.load_images(tmp_path / "photos")
    one_sentence(caught.value, bad)


@pytest.mark.parametrize("count", [2, 10, 11, 25])
def test_several_bad_images_are_named_one_by_one(tmp_path, count):
    photos(tmp_path, [f"{i:02}.png" for i in range(60)])
    for i in range(count):
        (truncated if i % 2 else lambda path: Image.new("L", (3, 3)).save(path))(tmp_path / f"{i:02}.png")
    with pytest.raises(BadImagesError) as caught:
        folder.load_images(tmp_path)
    lines = str(caught.value).splitlines()
    assert len(lines) == min(count, 11)
    for i, line in enumerate(lines[:10]):
        assert line.startswith(f"{tmp_path / f'{i:02}.png'} ")
        assert ("cannot be read" if i % 2 else "is 3 x 3 in gray") in line
        assert line.endswith(".")
    if count > 10:
        assert lines[10] == f"{count - 10} more files cannot be used either."


def test_if_all_are_broken_all_are_named(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes(b"\x89PNG")
    with pytest.raises(BadImagesError) as caught:
        folder.load_images(tmp_path)
    assert len(str(caught.value).splitlines()) == 3


def png(at: Path) -> Path:
    photos(at, ["a.png"], size=(20, 20))
    return at / "a.png"


@settings(max_examples=150)
@given(st.data())
def test_no_cut_or_flipped_png_passes_for_another(tmp_path_factory, data):
    path = png(tmp_path_factory.mktemp("png"))
    whole = pixels_of(folder.load_images(path.parent, (1, 20, 20)))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(content[:place])
    else:
        flip = bytes([content[place] ^ (1 << data.draw(st.integers(0, 7)))])
        path.write_bytes(content[:place] + flip + content[place + 1 :])
    if place >= len(content) - 12:  # the mark of the end, after all pixels and their checksums
        with contextlib.suppress(BadImagesError):
            np.testing.assert_array_equal(pixels_of(folder.load_images(path.parent, (1, 20, 20))), whole)
        return
    with pytest.raises(BadImagesError):
        folder.load_images(path.parent, (1, 20, 20))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("suffix", listing.SUFFIXES)
def test_a_cut_image_of_any_format_is_named(tmp_path, suffix, share):
    mode = "L" if suffix == ".pgm" else "RGB"
    photos(tmp_path, [f"{i}{suffix}" for i in range(3)], size=(40, 30), mode=mode)
    assert len(folder.load_images(tmp_path, (1, 4, 4)).pixels) == 3
    path = tmp_path / f"1{suffix}"
    cut(path, int(path.stat().st_size * share))
    with pytest.raises(BadImagesError, match="cannot be read") as caught:
        folder.load_images(tmp_path, (1, 4, 4))
    one_sentence(caught.value, path)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 8, 0, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(BadImagesError, match=r"bomb\.png cannot be read"):
        folder.load_images(tmp_path)


@pytest.mark.parametrize("name", ["nothing", "a.png", "empty"])
def test_a_folder_without_images_is_named(tmp_path, name):
    photos(tmp_path, ["a.png"])
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    (tmp_path / "empty" / "a.txt").write_text("")
    (tmp_path / "empty" / "b.png").mkdir()
    says = {"nothing": "does not exist", "a.png": "is no folder", "empty": r"has no images; .*\.png"}[name]
    with pytest.raises(BadImagesError, match=says) as caught:
        image_files(tmp_path / name)
    one_sentence(caught.value, tmp_path / name)


def test_links_within_a_folder_are_files_and_a_folder_may_be_a_link(tmp_path):
    photos(tmp_path / "real", ["a.png", "b.png"])
    (tmp_path / "real" / "c.png").symlink_to("a.png")
    (tmp_path / "real" / "again").symlink_to(".")
    (tmp_path / "photos").symlink_to("real")
    assert [path.name for path in image_files(tmp_path / "photos")] == ["a.png", "b.png", "c.png"]


def test_the_digest_changes_with_any_image_and_with_nothing_else(tmp_path):
    photos(tmp_path, ["a.png", "x/b.png"])
    digests = [digest(tmp_path)]
    assert digest(tmp_path) == digests[0]
    (tmp_path / "notes.txt").write_text("no image")
    assert digest(tmp_path) == digests[0]
    path = tmp_path / "x" / "b.png"
    times = path.stat().st_mtime_ns
    os.utime(path, ns=(times, times + 1))
    digests.append(digest(tmp_path))
    path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, ns=(times, times))
    digests.append(digest(tmp_path))
    path.rename(tmp_path / "x" / "c.png")
    digests.append(digest(tmp_path))
    photos(tmp_path, ["d.png"])
    digests.append(digest(tmp_path))
    assert len(set(digests)) == 5


def test_a_listing_needs_the_standard_library_alone():
    assert not {"numpy", "PIL"} & set(vars(listing))
