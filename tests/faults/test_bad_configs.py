"""Bad configs, each with what its one sentence must say; by the checks that run before any job."""

import copy
import math
from pathlib import Path

import pytest
import yaml
from study.config import check_config
from study.schema import ConfigError, Validator

ROOT = Path(__file__).parents[2]
STUDY = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())
KINDS = ROOT / "workflow" / "aespectra" / "models" / "families"

Place = tuple[str | int, ...]
SETS = len(STUDY["evaluation"]["sets"])


def with_set(**entry: object) -> dict[Place, object]:
    return {("evaluation", "sets"): [*STUDY["evaluation"]["sets"], {"name": "extra"} | entry]}


def at(path: Place) -> str:
    return ".".join(map(str, path))


# path of a number: (whole numbers only, smallest, largest), the values themselves being allowed
NUMBERS: dict[Place, tuple[bool, float, float]] = {
    ("latent_dims", 0): (True, 1, 32767),
    ("seeds", 0): (True, 0, 2**32 - 1),
    ("autoencoder", "hidden", 0): (True, 1, 65536),
    ("training", "epochs"): (True, 1, 10**6),
    ("training", "batch_size"): (True, 1, 10**6),
    ("training", "learning_rate"): (False, 5e-324, 1e38),
    ("evaluation", "samples"): (True, 1, 10**7),
    ("evaluation", "seed"): (True, 0, 2**32 - 1),
    ("evaluation", "sets", 0, "p"): (False, 0, 1),
    ("evaluation", "sets", 1, "alpha"): (False, 5e-324, 10**6),
    ("evaluation", "sets", 1, "beta"): (False, 5e-324, 10**6),
    ("evaluation", "sets", 3, "mean"): (False, -1000, 1000),
    ("evaluation", "sets", 3, "std"): (False, 1e-9, 10**6),
    ("evaluation", "sets", 4, "low"): (False, 0, 1),
    ("evaluation", "sets", 4, "high"): (False, 0, 1),
    ("figures", "complex_plane_latent_dims", 0): (True, 1, 32767),
}

NO_NUMBERS = ["many", "1e-3", "", None, True, [1], {"of": 1}, math.nan, math.inf, -math.inf]

TEXTS: list[Place] = [
    ("experiment",),
    ("evaluation", "sets", 0, "name"),
    ("images", "name"),
]
NO_TEXTS = [3, 2.5, True, None, ["a"], {"of": "a"}]

SECTIONS: list[Place] = [
    ("images",),
    ("autoencoder",),
    ("training",),
    ("evaluation",),
    ("spectra",),
    ("figures",),
    ("figures", "representatives"),
    ("evaluation", "sets", 0),
]

LISTS: list[Place] = [
    ("families",),
    ("latent_dims",),
    ("seeds",),
    ("autoencoder", "hidden"),
    ("evaluation", "sets"),
    ("figures", "formats"),
    ("figures", "complex_plane_latent_dims"),
]

CHOICES: list[Place] = [
    ("autoencoder", "activation"),
    ("autoencoder", "output_activation"),
    ("training", "optimizer"),
    ("training", "loss"),
    ("spectra", "precision"),
    ("device",),
    ("figures", "formats", 0),
    ("evaluation", "sets", 0, "distribution"),
]

NO_IMAGES = [
    "ImageNet",
    "FakeData",
    "Kinetics",
    "EMNIST",
    "Places365",
    "MovingMNIST",
    "LSUN",
    "Omniglot",
    "StanfordCars",
]


def table() -> dict[str, tuple[dict[Place, object], list[str]]]:
    """What is changed in the study's config, and parts of the sentence that it must be answered by."""
    cases: dict[str, tuple[dict[Place, object], list[str]]] = {}

    def add(what: str, changes: dict[Place, object], *says: str) -> None:
        assert what not in cases
        cases[what] = (changes, list(says))

    for path, (whole, low, high) in NUMBERS.items():
        key = at(path)
        below = low - 1 if whole else math.nextafter(low, -math.inf)
        add(f"{key} too small", {path: below}, f"'{key}' is {below!r}", "it must be")
        for large in (high + 1 if whole else math.nextafter(high, math.inf), 10**30 if whole else 1e300):
            add(f"{key} of {large}", {path: large}, f"'{key}' is {large!r}", "it must be at most")
        for value in NO_NUMBERS + ([2.5] if whole else []):
            add(f"{key} of {value!r}", {path: value}, f"'{key}' is {value!r}", "integer" if whole else "number")
    for path in TEXTS:
        for value in NO_TEXTS:
            add(f"{at(path)} of {value!r}", {path: value}, f"'{at(path)}' is {value!r}", "string")
    for path in SECTIONS:
        for value in (3, "text", [], None):
            add(f"{at(path)} of {value!r}", {path: value}, f"'{at(path)}' is {value!r}", "object")
    for path in LISTS:
        for value in (3, "text", {"a": 1}, None):
            add(f"{at(path)} of {value!r}", {path: value}, f"'{at(path)}' is {value!r}", "array")
        add(f"{at(path)} empty", {path: []}, f"'{at(path)}' is empty")
    for path in CHOICES:
        for value in ("none", 3, None):
            add(f"{at(path)} of {value!r}", {path: value}, f"'{at(path)}' is {value!r}", "allowed are")
    for path in [("experiment",), ("evaluation", "sets", 0, "name")]:
        for name in ("", ".", "..", "../x", "a/b", "a b", "a\n", "-a", "ü", "$(x)"):
            add(f"{at(path)} of {name!r}", {path: name}, f"'{at(path)}' is {name!r}", "names that match")
        add(f"{at(path)} too long", {path: "x" * 101}, f"'{at(path)}' has 101 characters; at most 100 are allowed")
    for path in [(), *(path for path in SECTIONS if path)]:
        add(f"another key in {at(path)}", {(*path, "nokey"): 1}, f"'{at((*path, 'nokey'))}' is unknown")
    for name in NO_IMAGES:
        add(f"images of {name}", {("images", "name"): name}, "'images.name'", f"'{name}'", "SVHN")
        add(f"set of {name}", with_set(torchvision=name), "evaluation.sets (extra)", f"'{name}'", "SVHN")
    for name, images, pixels in (("FashionMNIST", 70000, 784), ("cifar10", 60000, 1024), ("USPS", 9298, 256)):
        few = {("images", "name"): name, ("evaluation", "samples"): images + 1}
        add(f"too many of {name}", few, "evaluation.samples", f"at most {images}", name)
        deep = {("images", "name"): name, ("evaluation", "samples"): 9, ("latent_dims",): [pixels + 1]}
        add(f"too deep for {name}", deep, "latent_dims", f"1 to {pixels}", name)
    add("too many of a set", with_set(torchvision="CIFAR10"), "evaluation.samples", "60000", "CIFAR10")
    add("too many layers", {("autoencoder", "hidden"): [2] * 33}, "'autoencoder.hidden' lists 33; at most 32")
    sets = [{"name": f"s{i}", "distribution": "bernoulli", "p": 0.5} for i in range(1001)]
    add("too many sets", {("evaluation", "sets"): sets}, "'evaluation.sets' lists 1001; at most 1000")
    return cases


TABLE = table()


def sentence(changes: dict[Place, object]) -> str:
    config = copy.deepcopy(STUDY)
    for (*parents, last), value in changes.items():
        place = config
        for key in parents:
            place = place[key]
        place[last] = value
    with pytest.raises(ConfigError) as caught:
        check_config(config, SCHEMA, KINDS)
    return str(caught.value)


def test_there_are_hundreds() -> None:
    assert len(TABLE) > 200


@pytest.mark.parametrize("case", TABLE)
def test_a_bad_config_is_one_sentence(case: str) -> None:
    changes, says = TABLE[case]
    said = sentence(changes)
    for part in says:
        assert part in said
    assert said.startswith(("config key '", "the config "))
    assert said.endswith(".")
    assert "\n" not in said
    assert ". " not in said


@pytest.mark.parametrize("path", NUMBERS, ids=at)
def test_the_ends_of_every_range_are_allowed(path: Place) -> None:
    schema = SCHEMA
    for key in path:
        schema = schema["items"] if isinstance(key, int) else {**parameters(schema), **schema["properties"]}[key]
    for end in NUMBERS[path][1:]:
        assert list(Validator(schema).iter_errors(end)) == []


def parameters(schema: dict) -> dict:
    """What goes with one distribution or another."""
    return {key: each for case in schema.get("allOf", []) for key, each in case["then"]["properties"].items() if each}
