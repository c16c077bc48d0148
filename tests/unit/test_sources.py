"""What is said of images of one's own while the Snakefile is parsed: by headers and listings alone."""

import copy
import json
import sys
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from PIL import Image
from study import kept, sources
from study.config import check_config
from study.schema import ConfigError
from study.sources import arguments, check_sources, made_by, reader, state_of_folder

from .test_config import KINDS, SCHEMA, STUDY


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with images of one's own; it is the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for i in range(20):
        Image.new("L", (4, 4), i).save(tmp_path / "photos" / f"{i}.png")
    np.save(tmp_path / "mine.npy", np.zeros((30, 4, 5)))
    np.savez(tmp_path / "mine.npz", images=np.zeros((40, 3, 4, 5), np.uint8), labels=np.arange(40))
    np.save(tmp_path / "few.npy", np.zeros((6, 4, 5)))
    np.save(tmp_path / "whole.npy", np.zeros((30, 4, 5), int))
    return tmp_path


def config(images: dict, *sets: dict, samples: int = 5, latent_dims: tuple[int, ...] = (2,)) -> dict:
    study = copy.deepcopy(STUDY) | {"images": images, "latent_dims": list(latent_dims)}
    study["evaluation"]["samples"] = samples
    study["evaluation"]["sets"] += [{"name": f"own-{i}"} | each for i, each in enumerate(sets)]
    return study


GOOD = [
    config({"name": "mine", "file": "mine.npy"}, {"folder": "photos"}, {"file": "./mine.npz"}, samples=20),
    config({"name": "mine", "folder": "photos/"}, {"file": "mine.npy"}, {"torchvision": "KMNIST"}, samples=20),
    config({"name": "mine", "file": "mine.npz"}, samples=40, latent_dims=(60,)),
    config({"name": "my-own_1.0", "torchvision": "KMNIST"}, {"file": "few.npy"}, samples=6),
    config({"name": "digits", "file": "mine.npy"}),
    config({"name": "minst", "folder": "photos"}),
]


@pytest.mark.parametrize("study", GOOD, ids=lambda study: str(study["images"]))
def test_images_of_ones_own_pass(here, study):
    check_config(study, SCHEMA, KINDS)
    check_sources(study)


# a config; what the sentence says
BAD = {
    "no file": (config({"name": "a", "file": "gone.npy"}), "'images.file': gone.npy does not exist"),
    "no folder": (config({"name": "a", "folder": "gone"}), "'images.folder': gone does not exist"),
    "a file as folder": (config({"name": "a", "folder": "mine.npy"}), "'images.folder': mine.npy is no folder"),
    "a folder as file": (config({"name": "a", "file": "photos"}), "'images.file': photos does not exist"),
    "a set": (config({"name": "mnist"}, {"file": "gone.npz"}), "'evaluation.sets.10.file': gone.npz does not exist"),
    "type": (config({"name": "mnist"}, {"file": "whole.npy"}), "sets.10.file': whole.npy has values of type int64"),
    "samples of a file": (
        config({"name": "a", "file": "mine.npy"}, samples=31),
        "'evaluation.samples' is 31; at most 30 are allowed, the number of images of mine.npy",
    ),
    "samples of a folder": (
        config({"name": "a", "file": "mine.npy"}, {"folder": "photos"}, samples=21),
        "'evaluation.samples' is 21; at most 20 are allowed, the number of images of photos",
    ),
    "too deep": (
        config({"name": "a", "file": "mine.npz"}, latent_dims=(2, 61)),
        "'latent_dims' has 61; allowed are 1 to 60, the number of pixels of mine.npz",
    ),
    "few to learn from": (
        config({"name": "a", "file": "few.npy"}),
        "'images.file' is 'few.npy', which has 6 images; at least 7 are needed to learn from",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_said_in_one_sentence(here, case):
    study, says = BAD[case]
    check_config(study, SCHEMA, KINDS)
    with pytest.raises(ConfigError) as caught:
        check_sources(study)
    said = str(caught.value)
    assert said.startswith("config key '")
    assert says in said
    assert said.endswith(".")
    assert "\n" not in said
    assert ". " not in said


# section images, or a set; what the sentence says
BAD_KEYS = [
    (
        {"images": {"name": "a", "folder": "b", "file": "c"}},
        "'images' has folder and file; at most one of torchvision, ",
    ),
    ({"images": {"name": "a", "folder": ""}}, "'images.folder' is empty"),
    ({"images": {"name": "a", "file": 3}}, "'images.file' is 3; allowed is one of type string"),
    ({"images": {"file": "a.npy"}}, "'images' lacks 'name'"),
    ({"images": {"name": "a/b", "file": "a.npy"}}, "'images.name' is 'a/b'"),
    ({"images": {"name": "a" * 101, "file": "a.npy"}}, "'images.name' has 101 characters"),
    ({"images": {"name": "a-b"}}, "'images.name' is 'a-b', which is not a data set of torchvision"),
    ({"images": {"name": "a", "torchvision": "digits"}}, "'images.torchvision' is 'digits', which is not a data set"),
    ({"images": {"name": "a", "path": "digits"}}, "'images.path' is unknown"),
    (
        {"set": {"folder": "a", "file": "b"}},
        "must say either distribution (pixel noise), or torchvision, folder or file",
    ),
    ({"set": {"folder": "a", "p": 0.5}}, "'evaluation.sets.10.p' is unknown; allowed here are folder, name"),
    ({"set": {"file": ""}}, "'evaluation.sets.10.file' is empty"),
    ({"set": {"file": ["a"]}}, "'evaluation.sets.10.file' is ['a']"),
    ({"set": {"glyphs": False}}, "'evaluation.sets.10.glyphs' is False; allowed are True"),
    (
        {"set": {"glyphs": True, "strength": 1}},
        "'evaluation.sets.10.strength' is unknown; allowed here are glyphs, name",
    ),
    ({"set": {"of": "mnist"}}, "or corruption (of another set), and no two of them"),
    (
        {"set": {"of": "mnist", "corruption": "dim"}},
        "'evaluation.sets.10' lacks 'strength'; required here are of, stren",
    ),
    ({"set": {"corruption": "mirror"}}, "'evaluation.sets.10' lacks 'of'"),
    ({"set": {"of": "mnist", "corruption": "mirror", "strength": 1}}, "'evaluation.sets.10.strength' is unknown"),
    ({"set": {"of": "mnist", "corruption": "melt", "strength": 1}}, "'melt'; allowed are rotate, translate, mirror,"),
    ({"set": {"of": "mnist", "corruption": "dim", "strength": 1.5}}, "sets.10.strength' is 1.5; it must be at most 1"),
    ({"set": {"of": "mnist", "corruption": "gaussian_blur", "strength": -1}}, "is -1; it must be at least 0"),
    ({"set": {"of": "mnist", "corruption": "rotate", "strength": "30"}}, "is '30'; allowed is one of type number"),
    (
        {"set": {"of": "own-0", "corruption": "inverse"}},
        "'evaluation.sets.10.of' is 'own-0'; allowed are images.name and",
    ),
    (
        {"set": {"of": "digits", "corruption": "inverse"}},
        "is 'digits'; allowed are images.name and the sets that stand",
    ),
]


@pytest.mark.parametrize(("keys", "says"), BAD_KEYS, ids=lambda case: str(case)[:60])
def test_a_wrong_key_is_said_in_one_sentence(keys, says):
    study = config(keys.get("images", {"name": "mnist"}), *([keys["set"]] if "set" in keys else []))
    with pytest.raises(ConfigError) as caught:
        check_config(study, SCHEMA, KINDS)
    assert says in str(caught.value)
    assert ". " not in str(caught.value)


def test_corruptions_and_glyphs_pass():
    chain = [
        {"of": "mnist", "corruption": "rotate", "strength": -30},
        {"of": "own-0", "corruption": "mirror"},
        {"of": "bernoulli-0.5", "corruption": "gaussian_noise", "strength": 0.2},
        {"glyphs": True},
    ]
    check_config(config({"name": "mnist"}, *chain, samples=9_442), SCHEMA, KINDS)
    with pytest.raises(ConfigError, match=r"'evaluation\.samples' is 9443; at most 9442 are .* of images of glyphs"):
        check_config(config({"name": "mnist"}, *chain, samples=9_443), SCHEMA, KINDS)


def test_every_bad_link_of_a_folder_is_named(here):
    for i in (3, 5):
        (here / "photos" / f"{i}.png").unlink()
        (here / "photos" / f"{i}.png").symlink_to("/")
    with pytest.raises(ConfigError) as caught:
        check_sources(config({"name": "a", "folder": "photos"}))
    first, second = str(caught.value).splitlines()
    assert first.startswith("config key 'images.folder': photos/3.png is a link")
    assert second.startswith("photos/5.png is a link")


def test_a_folder_that_may_not_be_read_is_named(here, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(sources.listing, "image_files", refuse)
    with pytest.raises(ConfigError, match=r"^config key 'images.folder': .*Permission denied.*photos"):
        check_sources(config({"name": "a", "folder": "photos"}))


def test_without_numpy_headers_are_left_to_the_jobs(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "aespectra.data.arrays", None)
    check_sources(config({"name": "a", "file": "few.npy"}, samples=100))
    with pytest.raises(ConfigError, match=r"gone\.npy does not exist"):
        check_sources(config({"name": "a", "file": "gone.npy"}))


@pytest.mark.parametrize(
    ("entry", "module", "source"),
    [
        ({"name": "mnist"}, "images", {"name": "mnist"}),
        ({"name": "a", "torchvision": "KMNIST"}, "images", {"name": "KMNIST"}),
        ({"name": "a", "folder": "b"}, "folder", {"folder": "b"}),
        ({"name": "a", "file": "b.npy"}, "arrays", {"file": "b.npy"}),
    ],
)
def test_the_module_that_reads_an_entry(entry, module, source):
    assert reader(entry) == (module, source)
    root = {"root": "r"} if module == "images" else {}
    assert arguments(module, source, {"images": {"root": "r"}}) == source | root


def test_what_files_record_of_the_images():
    assert made_by({"name": "mnist", "root": "resources"}) == {"images": "mnist"}  # as before
    assert made_by({"name": "a", "root": "r", "file": "b.npy"}) == {"images": "a", "file": "b.npy"}


def test_the_state_of_no_folder_is_nothing(here):
    assert state_of_folder(None) == ""
    assert len(state_of_folder("photos")) == 64


def test_a_kept_study_of_other_images_is_refused(tmp_path):
    study = config({"name": "a", "file": "b.npy"})
    with netCDF4.Dataset(tmp_path / "summary.nc", "w") as file:
        file.config = json.dumps(study)
        for dim, values in (
            ("family", study["families"]),
            ("latent_dim", study["latent_dims"]),
            ("seed", study["seeds"]),
            ("dataset", ["a", *(each["name"] for each in study["evaluation"]["sets"])]),
        ):
            file.createDimension(dim, len(values))
            text = isinstance(values[0], str)
            file.createVariable(dim, str if text else "i8", (dim,))[:] = np.array(values, object if text else "i8")
    kept.check_summary(tmp_path, study, study["families"])
    with pytest.raises(ConfigError, match=r"'images.file' asks for c.npy, and .* has b.npy;"):
        kept.check_summary(tmp_path, config({"name": "a", "file": "c.npy"}), study["families"])
