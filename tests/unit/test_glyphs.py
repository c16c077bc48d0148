"""Letters as images: how many, how bright, where they lie; against matplotlib's own outlines of them."""

import hashlib
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from aespectra.data import glyphs
from aespectra.data.images import UnsuitableImagesError, evenly_spaced_blocks
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from study.config import GLYPHS

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"


@pytest.fixture(scope="module")
def letters() -> np.ndarray:
    """(n, 28, 28) uint8"""
    found = glyphs.load_images((1, 28, 28))
    assert found.full_scale == 255
    assert found.shape == (1, 28, 28)
    return np.concatenate(list(evenly_spaced_blocks(found.pixels, len(found.pixels)))).reshape(-1, 28, 28)


def test_there_are_about_9400_different_ones_as_bright_as_digits(letters):
    assert letters.dtype == np.uint8
    assert len({image.tobytes() for image in letters}) == len(letters) == GLYPHS == 9_442
    assert letters.mean() / 255 == pytest.approx(0.149, abs=0.001)


def extents(image: np.ndarray) -> tuple[slice, slice]:
    """Where something is seen: resizing leaves edges that hardly are."""
    rows, columns = np.flatnonzero(image.max(axis=1)), np.flatnonzero(image.max(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def test_letters_fill_20_pixels_and_are_centred_by_mass(letters):
    for image in letters:
        rows, columns = extents(image)
        height, width = rows.stop - rows.start, columns.stop - columns.start
        assert 19 <= max(height, width) <= 20
        mass = image.sum(dtype=float)
        for axis, where in enumerate((rows, columns)):
            centre = (image.sum(axis=1 - axis, dtype=float) * np.arange(28)).sum() / mass
            # half a pixel, unless the letter would be cut
            assert abs(centre - 13.5) <= 0.5 + 1e-9 or where.start <= 1 or where.stop >= 27


def area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


@pytest.mark.parametrize("font", ["DejaVuSans-Bold", "DejaVuSerif", "STIXGeneral", "cmr10"])
@pytest.mark.parametrize("letter", "AIWoeΩ")
def test_letters_are_as_bright_as_their_outlines(font, letter):
    """Holes have the other sign; a stroke is as wide as hinting makes it, to an 80th of the letter."""
    path = FONTS / f"{font}.ttf"
    if font == "cmr10" and letter == "Ω":
        letter = "M"
    outline = TextPath((0, 0), letter, size=1000, prop=FontProperties(fname=path), usetex=False)
    box = outline.get_extents()
    expected = abs(sum(map(area, outline.to_polygons()))) * (20 / max(box.width, box.height)) ** 2
    image = glyphs._drawn(str(path), letter, (1, 28, 28))
    assert image.sum() / 255 == pytest.approx(expected, rel=0.12)
    narrow = min(box.width, box.height) / max(box.width, box.height) * 20
    rows, columns = extents(image)
    assert min(rows.stop - rows.start, columns.stop - columns.start) == pytest.approx(narrow, abs=1.5)


def test_which_letters_there_are():
    found = list(glyphs._letters())
    assert found == sorted(set(found))
    by_font = {}
    for font, letter in found:
        by_font.setdefault(Path(font).stem, set()).add(letter)
    ascii_letters = {chr(code) for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}
    assert all(ascii_letters <= letters for letters in by_font.values())
    assert {"DejaVuSans", "DejaVuSansMono-Bold", "DejaVuSerif-Italic", "STIXGeneralBolIta", "cmmi10"} <= set(by_font)
    assert not {"LastResortHE-Regular", "cmsy10", "cmex10", "STIXNonUni", "STIXSizOneSymReg"} & set(by_font)
    assert {"Ω", "ß", "Ǆ"} <= by_font["DejaVuSans"]
    assert not {"Ж", "1", "ª"} & by_font["DejaVuSans"]


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 40, 30), (3, 16, 16)], ids=str)
def test_letters_of_other_sizes_and_colours(shape):
    found = glyphs.load_images(shape)
    assert len(found.pixels) == pytest.approx(GLYPHS, rel=0.01)
    chosen = found.pixels[np.arange(0, len(found.pixels), 50)].reshape(-1, *shape)
    assert (chosen == chosen[:, :1]).all()
    box = round(min(shape[1:]) * 20 / 28)
    for image in chosen[:, 0]:
        rows, columns = extents(image)
        assert box - 1 <= max(rows.stop - rows.start, columns.stop - columns.start) <= box


def test_small_images_have_no_letters():
    with pytest.raises(UnsuitableImagesError, match=r"^letters need images of at least 8 x 8 pixels, not of 9 x 7\.$"):
        glyphs.load_images((1, 7, 9))


def test_letters_are_the_same_in_every_process(letters):
    code = (
        "import hashlib, numpy; from aespectra.data.glyphs import load_images; p = load_images((1, 28, 28)).pixels;"
        "print(hashlib.sha256(p[numpy.arange(len(p))].tobytes()).hexdigest())"
    )
    workflow = Path(glyphs.__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], cwd=workflow, capture_output=True, text=True, check=True).stdout
    assert told.strip() == hashlib.sha256(letters.tobytes()).hexdigest()
