"""Images of one's own in folders: what is read of good ones, and what is said of each bad one."""

import contextlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from aespectra.data import folder, listing
from aespectra.data.listing import BadImagesError, digest, image_files
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from .own_images import byte_images, cut, in_order, one_sentence, pixels_of

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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_that_a_camera_says_are_turned_are_read_upright(tmp_path, orientation):
    pixels = byte_images(5, 7)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for i in range(8):
        Image.fromarray(pixels).save(tmp_path / f"{i}.png", exif=exif)
    # where the first row and column stand: top left, top right, bottom right, bottom left, then transposed
    upright = [pixels, pixels[:, ::-1], pixels[::-1, ::-1], pixels[::-1]]
    upright += [pixels.T, pixels[::-1].T, pixels[::-1, ::-1].T, pixels[:, ::-1].T]
    expected = upright[orientation - 1]
    found = folder.load_images(tmp_path)
    assert found.shape == (1, *expected.shape)
    np.testing.assert_array_equal(in_order(found)[0].reshape(expected.shape), expected)


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
