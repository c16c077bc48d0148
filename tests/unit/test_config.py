"""The studies' configs pass; everything wrong with a config is one sentence that names key, value and remedy."""

import ast
import contextlib
import copy
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sklearn.datasets import load_digits
from snakemake.utils import update_config
from study import config as library
from study.config import KNOWN_IMAGES, check_config
from study.schema import ConfigError

ROOT = Path(__file__).parents[2]
STUDY = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
SCHEMA = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())
KINDS = ROOT / "workflow" / "aespectra" / "models" / "families"
REMOVED = object()


def changed(changes: dict) -> dict:
    """A copy of the study's config with values replaced, added or REMOVED, by path."""
    config = copy.deepcopy(STUDY)
    for path, value in changes.items():
        *parents, last = path
        place = config
        for key in parents:
            place = place[key]
        if value is REMOVED:
            del place[last]
        else:
            place[last] = value
    return config


def complaint(changes: dict) -> str:
    with pytest.raises(ConfigError) as caught:
        check_config(changed(changes), SCHEMA, KINDS)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert ". " not in message  # one sentence
    assert message.startswith(("config key '", "the config "))
    return message


def test_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_paper_passes():
    assert check_config(copy.deepcopy(STUDY), SCHEMA, KINDS) is None


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_every_config_passes_as_snakemake_merges_it(path):
    config = copy.deepcopy(STUDY)
    update_config(config, yaml.safe_load(path.read_text()))
    before = copy.deepcopy(config)
    check_config(config, SCHEMA, KINDS)
    assert config == before


def test_keys_with_a_default_may_be_left_out():
    config = copy.deepcopy(STUDY)
    for section in ("autoencoder", "training", "spectra", "claims"):
        config[section] = {}
    del config["images"]["root"], config["evaluation"]["seed"], config["figures"]["formats"]
    del config["figures"]["complex_plane_latent_dims"]
    check_config(config, SCHEMA, KINDS)


def keys_with_default(schema: dict, path: tuple = ()):
    for key, value in schema.get("properties", {}).items():
        if "default" in value:
            yield pytest.param(value, id=".".join((*path, key)))
        yield from keys_with_default(value, (*path, key))


@pytest.mark.parametrize("key", keys_with_default(SCHEMA))
def test_every_default_is_allowed(key):
    Draft202012Validator(key).validate(key["default"])


def test_sizes_of_the_known_image_sets(mnist):
    digits = load_digits().data
    training, test, pixels = KNOWN_IMAGES["digits"]
    assert (training + test, pixels) == digits.shape
    assert KNOWN_IMAGES["mnist"] == (60_000, len(mnist), mnist.shape[1])


def noise(**keys) -> dict:
    """Add a set, so that the representatives stay."""
    return {("evaluation", "sets"): [*STUDY["evaluation"]["sets"], {"name": "extra", **keys}]}


# what is changed; then what the sentence must say: the key, what was found, what is allowed
BAD = {
    "unknown-key": ({("epoch",): 3}, ["'epoch'", "unknown", "experiment", "training"]),
    "unknown-nested-key": (
        {("training", "epoch"): 3},
        ["'training.epoch'", "unknown", "epochs", "batch_size", "optimizer", "learning_rate", "loss"],
    ),
    "unknown-key-of-noise": (noise(distribution="bernoulli", p=0.5, q=1), ["evaluation.sets", "q", "unknown", "p"]),
    "key-of-another-noise": (noise(distribution="beta", alpha=1, beta=1, p=1), ["sets", "p", "unknown", "alpha"]),
    "missing-key": ({("training",): REMOVED}, ["lacks 'training'"]),
    "missing-nested-key": ({("evaluation", "samples"): REMOVED}, ["'evaluation'", "lacks 'samples'"]),
    "missing-parameter": (noise(distribution="beta", alpha=1), ["evaluation.sets", "lacks 'beta'"]),
    "missing-role": ({("figures", "representatives", "dark"): REMOVED}, ["representatives", "lacks 'dark'"]),
    "text-for-integer": ({("training", "epochs"): "many"}, ["training.epochs", "'many'", "integer|whole number"]),
    "fraction-for-integer": ({("training", "epochs"): 2.5}, ["training.epochs", "2.5", "integer|whole number"]),
    "truth-for-integer": ({("latent_dims",): [2, True]}, ["latent_dims", "True", "integer|whole number"]),
    "text-for-list": ({("seeds",): "0"}, ["seeds", "'0'", "array|list"]),
    "number-for-mapping": ({("training",): 3}, ["training", "3", "object|mapping|keys"]),
    "nothing-for-mapping": ({("training",): None}, ["training", "None", "object|mapping|keys"]),
    "d-is-0": ({("latent_dims",): [2, 0]}, ["latent_dims", "is 0|has 0", "at least 1"]),
    "d-above-pixels": ({("latent_dims",): [2, 785]}, ["latent_dims", "785", "784", "pixels of mnist"]),
    "d-above-pixels-of-digits": (
        {("images", "name"): "digits", ("evaluation", "samples"): 9, ("latent_dims",): [65]},
        ["latent_dims", "65", "64", "pixels of digits"],
    ),
    "no-d": ({("latent_dims",): []}, ["latent_dims", "empty", "at least 1"]),
    "same-d-twice": ({("latent_dims",): [2, 3, 2]}, ["latent_dims", "2", "more than once"]),
    "same-seed-twice": ({("seeds",): [4, 7, 7]}, ["seeds", "7", "more than once"]),
    "no-seed": ({("seeds",): []}, ["seeds", "empty", "at least 1"]),
    "seed-below-0": ({("seeds",): [-1]}, ["seeds", "-1", "at least 0"]),
    "seed-too-large": ({("seeds",): [2**32]}, ["seeds", str(2**32), f"at most {2**32 - 1}"]),
    "no-family": ({("families",): []}, ["families", "empty", "at least 1"]),
    "unknown-family": ({("families",): ["gan"]}, ["families", "'gan'", "autoencoder"]),
    "no-sets": ({("evaluation", "sets"): []}, ["evaluation.sets", "empty", "at least 1"]),
    "alpha-is-0": (noise(distribution="beta", alpha=0, beta=1), ["evaluation.sets", "alpha", "is 0|has 0", "above 0"]),
    "beta-below-0": (noise(distribution="beta", alpha=1, beta=-2), ["evaluation.sets", "beta", "-2", "above 0"]),
    "p-above-1": (noise(distribution="bernoulli", p=1.2), ["evaluation.sets", "p", "1.2", "at most 1"]),
    "p-below-0": (noise(distribution="bernoulli", p=-0.1), ["evaluation.sets", "p", "-0.1", "at least 0"]),
    "std-is-0": (
        noise(distribution="truncated_normal", mean=0, std=0),
        ["evaluation.sets", "std", "is 0|has 0", "above 0"],
    ),
    "low-is-high": (noise(distribution="uniform", low=0.5, high=0.5), ["evaluation.sets", "extra", "low", "below"]),
    "low-above-high": (
        noise(distribution="uniform", low=0.75, high=0.25),
        ["evaluation.sets", "'extra'", "0.75", "0.25", "low must be below high"],
    ),
    "low-below-0": (noise(distribution="uniform", low=-1, high=0.25), ["evaluation.sets", "low", "-1", "at least 0"]),
    "unknown-distribution": (
        noise(distribution="cauchy"),
        ["evaluation.sets", "'cauchy'", "truncated_normal", "uniform", "bernoulli", "beta"],
    ),
    "neither-noise-nor-images": (noise(), ["evaluation.sets", "distribution", "torchvision"]),
    "noise-and-images": (
        noise(distribution="bernoulli", p=0.5, torchvision="KMNIST"),
        ["evaluation.sets", "either distribution", "torchvision", "no two of them"],
    ),
    "unknown-image-set": ({("images", "name"): "nmist"}, ["images.name", "'nmist'", "mnist", "digits", "FashionMNIST"]),
    "unknown-evaluation-images": (noise(torchvision="nmist"), ["evaluation.sets", "extra", "'nmist'", "FashionMNIST"]),
    "digits-are-for-training-only": (noise(torchvision="digits"), ["evaluation.sets", "extra", "'digits'"]),
    "same-name-twice": (
        {("evaluation", "sets", 1, "name"): "bernoulli-0.13"},
        ["evaluation.sets", "'bernoulli-0.13'", "a name of its own"],
    ),
    "name-of-the-images": (
        {("evaluation", "sets", 1, "name"): "mnist"},
        ["evaluation.sets", "'mnist'", "images.name", "a name of its own"],
    ),
    "name-with-slash": ({("evaluation", "sets", 1, "name"): "a/b"}, ["evaluation.sets", "name", "'a/b'"]),
    "experiment-with-blank": ({("experiment",): "my study"}, ["experiment", "'my study'"]),
    "experiment-outside": ({("experiment",): "../x"}, ["experiment", "'../x'"]),
    "representative-unknown": (
        {("figures", "representatives", "dark"): "night"},
        ["figures.representatives.dark", "'night'", "bernoulli-0.13", "truncated-normal"],
    ),
    "representative-is-training": (
        {("figures", "representatives", "bright"): "mnist"},
        ["figures.representatives.bright", "'mnist'", "beta-5-0.8"],
    ),
    "samples-above-images": (
        {("evaluation", "samples"): 70_001},
        ["evaluation.samples", "70001", "70000", "images of mnist"],
    ),
    "samples-above-images-held-out": (
        {("evaluation", "samples"): 10_001, **noise(held_out=True)},
        ["evaluation.samples", "10001", "at most 10000", "images of mnist held out of the training"],
    ),
    "samples-above-images-in-any-case": (
        {("images", "name"): "MNIST", ("evaluation", "samples"): 70_001},
        ["evaluation.samples", "70001", "70000"],
    ),
    "samples-is-0": ({("evaluation", "samples"): 0}, ["evaluation.samples", "is 0|has 0", "at least 1"]),
    "yaml-text-number": (
        {("training", "learning_rate"): yaml.safe_load("1e-3")},
        ["training.learning_rate", "'1e-3'", "number", "0.001"],
    ),
    "learning-rate-is-0": ({("training", "learning_rate"): 0}, ["training.learning_rate", "is 0|has 0", "above 0"]),
    "batch-is-0": ({("training", "batch_size"): 0}, ["training.batch_size", "is 0|has 0", "at least 1"]),
    "unknown-optimizer": ({("training", "optimizer"): "adam"}, ["training.optimizer", "'adam'", "Adam, AdamW"]),
    "unknown-loss": ({("training", "loss"): "mae"}, ["training.loss", "'mae'", "mse", "euclidean"]),
    "unknown-activation": ({("autoencoder", "activation"): "relu"}, ["autoencoder.activation", "'relu'", "ReLU"]),
    "softmax-output": ({("autoencoder", "output_activation"): "Softmax"}, ["output_activation", "'Softmax'", "Tanh"]),
    "no-hidden": ({("autoencoder", "hidden"): []}, ["autoencoder.hidden", "empty", "at least 1"]),
    "hidden-is-0": ({("autoencoder", "hidden"): [8, 0]}, ["autoencoder.hidden", "is 0|has 0", "at least 1"]),
    "unknown-precision": ({("spectra", "precision"): "float16"}, ["spectra.precision", "'float16'", "float64"]),
    "unknown-device": ({("device",): "gpu"}, ["device", "'gpu'", "auto", "cpu", "cuda"]),
    "unknown-format": ({("figures", "formats"): ["eps"]}, ["figures.formats", "'eps'", "pdf", "png", "svg"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_one_sentence(name):
    changes, parts = BAD[name]
    message = complaint(changes)
    for part in parts:
        words = "|".join(map(re.escape, part.split("|")))
        assert re.search(rf"(?<!\w)({words})s?(?!\w)", message), f"{part!r} is not in: {message}"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    "path", [("training", "learning_rate"), ("evaluation", "sets", 0, "p"), ("evaluation", "sets", 3, "mean")]
)
def test_numbers_are_finite(path, value):
    """YAML knows .nan and .inf."""
    assert path[-1] in complaint({path: value})


@pytest.mark.parametrize("path", [("training", "epochs"), ("evaluation", "samples"), ("latent_dims", 0)])
def test_a_float_is_no_integer(path):
    """JSON Schema takes 2.0 for an integer; range() and file names do not."""
    assert str(path[0]) in complaint({path: 2.0})


def test_names_end_where_the_line_ends():
    complaint({("experiment",): "paper\n"})


@pytest.mark.parametrize("config", [None, [], "text", 3, {}])
def test_a_config_that_is_no_mapping_of_keys(config):
    with pytest.raises(ConfigError, match=r"^the config "):
        check_config(config, SCHEMA, KINDS)


@pytest.mark.parametrize("place", [(), ("training",), ("evaluation", "sets", 0)])
def test_keys_that_are_no_text(place):
    """YAML makes numbers and truth values of some keys; a good key beside them must not confuse the check."""
    assert "unknown" in complaint({(*place, 1): 2, (*place, "zzz"): 3})


def test_images_pass_where_torchvision_is_not_installed(monkeypatch):
    monkeypatch.setattr(library, "torchvision_image_sets", lambda: None)
    check_config(changed({("images", "name"): "SomethingElse"}), SCHEMA, KINDS)


@pytest.mark.parametrize("name", ["mnist", "MNIST", "KMNIST", "fashionmnist"])
def test_torchvision_sets_are_known_in_any_case(name):
    check_config(changed({("images", "name"): name} | noise(torchvision="SVHN")), SCHEMA, KINDS)


def paths(node, path=()):
    """Every place in a config."""
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from paths(value, (*path, key))


numbers = st.one_of(st.integers(-3, 10**6), st.floats())
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=4), st.sampled_from(["mnist", "1e-3"]))
keys = st.one_of(st.text(max_size=3), st.integers(0, 3), st.none(), st.booleans(), st.sampled_from(["name", "p"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)


@pytest.mark.long
@settings(max_examples=200)
@given(st.data())
def test_nothing_but_a_sentence_comes_of_any_config(data):
    config = copy.deepcopy(STUDY)
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from(list(paths(config))))
        place = config
        for key in parents:
            place = place[key]
        match data.draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                place[last] = data.draw(values)
            case "remove":
                del place[last]
            case "add" if isinstance(place[last], dict):
                place[last][data.draw(keys)] = data.draw(values)
            case "add" if isinstance(place[last], list):
                place[last].append(data.draw(values))
    with contextlib.suppress(ConfigError):
        check_config(config, SCHEMA, KINDS)


@pytest.mark.parametrize(
    "module",
    sorted(
        {
            node.module
            for rules in (ROOT / "workflow" / "rules").glob("*.smk")
            for line in rules.read_text().splitlines()
            if line.startswith("from ")
            for node in ast.parse(line).body
            if node.module.partition(".")[0] in ("aespectra", "study")
        }
        | {"aespectra.data.torchvision_sets"}
    ),
)
def test_what_the_snakefile_imports_is_light(module):
    """Parsing the Snakefile must not wait for numpy, torch or torchvision."""
    heavy = "{'numpy', 'torch', 'torchvision', 'xarray', 'netCDF4', 'h5py', 'scipy'}"
    use = "getattr(module, 'torchvision_image_sets', int)()"
    code = f"import sys, {module} as module; {use}; assert not {heavy} & set(sys.modules)"
    folder = Path(library.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.mark.parametrize(("larger", "smaller"), [("holds", "mostly"), ("bright", "dark")])
def test_thresholds_of_claims_are_in_their_order(larger, smaller):
    config = copy.deepcopy(STUDY)
    config["claims"][larger] = config["claims"][smaller]
    check_config(config, SCHEMA, KINDS)
    config["claims"][larger] -= 0.01
    sentence = f"config key 'claims.{larger}' is .*; it must be at least {config['claims'][smaller]}, the value of"
    with pytest.raises(ConfigError, match=sentence):
        check_config(config, SCHEMA, KINDS)
    del config["claims"][smaller]  # the schema's default, as config.yaml's
    with pytest.raises(ConfigError, match=sentence):
        check_config(config, SCHEMA, KINDS)
