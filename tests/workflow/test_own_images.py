"""Images of one's own: learned from and evaluated on, with values that numpy gives; broken ones end the run early."""

import shutil
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import yaml
from PIL import Image

from .conftest import TINY, Project, copy_project

pytestmark = pytest.mark.long

SAMPLES = 40
OWN = TINY | {
    "experiment": "own",
    "images": {"name": "my-own", "file": "my data/mine.npy"},
    "latent_dims": [2],
    "seeds": [0],
    "training": {"epochs": 1},
    "evaluation": {
        "samples": SAMPLES,
        "sets": [
            {"name": "photos", "folder": "photos {a}/"},
            {"name": "turned", "of": "my-own", "corruption": "rotate", "strength": 90},
            {"name": "darker", "of": "photos", "corruption": "dim", "strength": 0.5},
            {"name": "letters", "glyphs": True},
        ],
    },
    "figures": {"representatives": {"bright": "photos", "moderate": "turned", "dark": "letters"}, "formats": ["png"]},
}
RNG = np.random.default_rng(0)
MINE = RNG.random((50, 3, 9, 9))
PHOTOS = RNG.integers(0, 256, (SAMPLES, 9, 9, 3), dtype=np.uint8)
HELD_OUT = np.arange(6, 50, 7)


def with_images(project: Project) -> Project:
    (project.folder / "my data").mkdir()
    np.save(project.folder / "my data" / "mine.npy", MINE)
    (project.folder / "photos {a}").mkdir()
    for i, photo in enumerate(PHOTOS):
        Image.fromarray(photo).save(project.folder / "photos {a}" / f"{i:02}.png")
    return project


@pytest.fixture
def own(tmp_path: Path) -> Project:
    """A project with images of one's own in which nothing has run."""
    return with_images(copy_project(tmp_path / "project", OWN))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One in which figure 2 is drawn."""
    project = with_images(copy_project(tmp_path_factory.mktemp("own") / "project", OWN))
    project.finish("figure_2")
    return project


def pixels(path: Path) -> np.ndarray:
    """As (n, 3, 9, 9), read without the library."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        assert file.image_shape.tolist() == [3, 9, 9]
        scale = getattr(file["pixel"], "scale_factor", 1)
        return (np.asarray(file["pixel"][:]) * scale).reshape(-1, 3, 9, 9)


def test_data_sets_have_the_pixels_that_numpy_gives(drawn: Project) -> None:
    mine, training = MINE.astype(np.float32), np.delete(np.arange(50), HELD_OUT)
    np.testing.assert_array_equal(pixels(drawn.results / "training_images.nc"), mine[training])
    np.testing.assert_array_equal(pixels(drawn.results / "test_images.nc"), mine[HELD_OUT])
    evenly = np.concatenate([training, HELD_OUT])[np.arange(SAMPLES) * 50 // SAMPLES]
    np.testing.assert_array_equal(pixels(drawn.results / "datasets" / "my-own.nc"), mine[evenly])
    photos = PHOTOS.transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(pixels(drawn.results / "datasets" / "photos.nc"), photos, rtol=1e-6)
    turned = np.rot90(mine[evenly], axes=(2, 3))
    np.testing.assert_array_equal(pixels(drawn.results / "datasets" / "turned.nc"), turned)
    np.testing.assert_allclose(pixels(drawn.results / "datasets" / "darker.nc"), photos / 2, rtol=1e-6)
    letters = pixels(drawn.results / "datasets" / "letters.nc")
    assert (letters == letters[:, :1]).all()
    assert len({letter.tobytes() for letter in letters}) == SAMPLES
    assert (drawn.results / "figures" / "figure_2.png").stat().st_size > 2000


def test_files_that_changed_make_their_sets_anew(drawn: Project) -> None:
    assert drawn.planned("figure_2") == {}
    photo = drawn.folder / "photos {a}" / "07.png"
    before = photo.read_bytes()
    photo.write_bytes(before + b"\0")
    planned = drawn.planned("figure_2")
    assert planned["image_set"] == 1
    assert planned["corruption"] == 1  # of the photos
    assert not {"images", "train", "glyphs"} & set(planned)
    shutil.move(photo, drawn.folder / "away.png")
    shutil.copy(drawn.folder / "away.png", photo.with_name("40.png"))
    assert drawn.planned("figure_2")["image_set"] == 1
    np.save(drawn.folder / "my data" / "mine.npy", MINE / 2)
    assert {"images", "train", "image_set", "glyphs"} <= set(drawn.planned("figure_2"))


def test_broken_images_end_the_run_before_anything_is_trained(own: Project) -> None:
    for i in (3, 5):
        path = own.folder / "photos {a}" / f"{i:02}.png"
        path.write_bytes(path.read_bytes()[:100])
    done = own.run("figure_2", cores=1)
    assert done.returncode == 1
    for i in (3, 5):
        assert f"photos {{a}}/{i:02}.png cannot be read" in done.stdout
    assert "Config keys images and evaluation.sets say which files are read." in done.stdout
    assert not (own.results / "models").exists()
    assert not (own.results / "datasets" / "photos.nc").exists()


def test_values_out_of_range_end_the_run_before_anything_is_trained(own: Project) -> None:
    np.save(own.folder / "my data" / "mine.npy", MINE * 255)
    done = own.run("figure_2", cores=1)
    assert done.returncode == 1
    assert "my data/mine.npy has the value " in done.stdout
    assert "in image 0, counted from 0; allowed are floats from 0 to 1." in done.stdout
    assert not list(own.results.glob("**/*.nc"))


@pytest.mark.parametrize(
    ("images", "says"),
    [
        ({"name": "a", "file": "gone.npy"}, "config key 'images.file': gone.npy does not exist"),
        ({"name": "a", "folder": "my data"}, "config key 'images.folder': my data has no images"),
        ({"name": "a", "file": "whole.npy"}, "config key 'images.file': whole.npy has values of type int64"),
    ],
)
def test_what_a_header_or_a_listing_tells_ends_it_before_any_job(own: Project, images: dict, says: str) -> None:
    np.save(own.folder / "whole.npy", np.zeros((50, 9), int))
    own.config.write_text(yaml.safe_dump(TINY | {"experiment": "own", "images": images}))
    done = own.run("--dry-run")
    assert done.returncode == 1
    assert says in done.stdout
    assert "Traceback" not in done.stdout
    assert not own.results.exists()
