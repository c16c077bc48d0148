"""Configuration: one clear sentence for each way in which it can be wrong.

Imported while the Snakefile is parsed, so it needs nothing beyond jsonschema and yaml.
"""

import json
import math
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

from aespectra.data.torchvision_sets import splits_keyword, torchvision_image_sets
from jsonschema.exceptions import best_match

from .families import PLAIN, SECTIONS, declared, kinds, named
from .schema import ConfigError, Validator, sentence

# (training images, test images, pixels) of the sets whose size is known without reading them
KNOWN_IMAGES = {
    "digits": (1_540, 257, 8 * 8),
    "mnist": (60_000, 10_000, 28 * 28),
    "fashionmnist": (60_000, 10_000, 28 * 28),
    "kmnist": (60_000, 10_000, 28 * 28),
    "cifar10": (50_000, 10_000, 32 * 32),
    "cifar100": (50_000, 10_000, 32 * 32),
    "svhn": (73_257, 26_032, 32 * 32),
    "usps": (7_291, 2_007, 16 * 16),
    "stl10": (5_000, 8_000, 96 * 96),
    "pcam": (262_144, 32_768, 96 * 96),
}

GLYPHS = 9_442
"""Letters that aespectra.data.glyphs draws in MNIST's size; of other sizes a few more or less are different."""


IMAGES_ALLOWED = (
    "allowed are mnist, digits (images.name only) and torchvision's image sets with a training and a test split, such "
    "as FashionMNIST, KMNIST, CIFAR10, SVHN"
)

SOURCES = ("torchvision", "folder", "file")
"""Keys that say where images come from, beside a name of one's own."""


def check_config(config: dict[str, Any], schema: dict[str, Any], families: Path) -> None:
    """Raise ConfigError at the first thing wrong with ``config``, first by ``schema``, then across keys.

    Parameters
    ----------
    config : dict
        As the user wrote it, laid over the study's.
    schema : dict
        workflow/schemas/config.schema.yaml
    families : Path
        Folder of the families' modules, which say what kinds there are and what terms their losses have.
    """
    errors = list(Validator(schema).iter_errors(config))
    if errors:
        # a set of no kind, or of two, breaks other rules as well, which would confuse
        error = next(
            (each for each in errors if each.validator == "oneOf" and isinstance(each.instance, dict)),
            best_match(errors),
        )
        raise ConfigError(sentence(error))

    _check_families(config, schema, families)
    names = [config["images"]["name"], *(s["name"] for s in config["evaluation"]["sets"])]
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigError(
                f"config key 'evaluation.sets': the name '{name}' stands for {count} sets "
                "(images.name counts as one); every set needs a name of its own."
            )
    for each in config["evaluation"]["sets"]:
        if each.get("distribution") == "uniform" and not each["low"] < each["high"]:
            raise ConfigError(
                f"config key 'evaluation.sets': '{each['name']}' has low {each['low']} and high {each['high']}; "
                "low must be below high."
            )
    for index, each in enumerate(config["evaluation"]["sets"]):
        before = names[: index + 1]
        if "of" in each and each["of"] not in before:
            raise ConfigError(
                f"config key 'evaluation.sets.{index}.of' is '{each['of']}'; allowed are images.name and the sets that "
                f"stand before it: {', '.join(before)}."
            )
    for role, name in config["figures"]["representatives"].items():
        if name not in names[1:]:
            raise ConfigError(
                f"config key 'figures.representatives.{role}' is '{name}'; allowed are the names in "
                f"evaluation.sets: {', '.join(names[1:])}."
            )
    for larger, smaller in (("holds", "mostly"), ("bright", "dark")):
        terms = schema["properties"]["claims"]["properties"]
        high, low = (config["claims"].get(key, terms[key]["default"]) for key in (larger, smaller))
        if high < low:
            raise ConfigError(
                f"config key 'claims.{larger}' is {high}; it must be at least {low}, the value of claims.{smaller}."
            )
    if config.get("networks_from") and config.get("kept"):
        raise ConfigError(
            "config key 'networks_from' stands beside 'kept', and both say where networks are from; leave one out."
        )
    if config.get("networks_from") and config.get("train_together") and len(config["families"]) > 1:
        raise ConfigError(
            "config key 'train_together' is true, which with 'networks_from' goes for a study of one family alone."
        )
    for key in ("networks_from", "train_together"):
        if config.get(key) and "checkpoints" in config["training"]:
            raise ConfigError(
                f"config key 'training.checkpoints' stands beside '{key}': networks that are looked at after several "
                "numbers of epochs are trained here, one by one; leave one out."
            )
    _check_image_sets(config)


def _check_families(config: dict[str, Any], schema: dict[str, Any], folder: Path) -> None:
    """Names are unique, kinds exist, options are such as the sections allow that they lie over."""
    entries = [named(entry) for entry in config["families"]]
    for name, count in Counter(entry["name"] for entry in entries).items():
        if count > 1:
            raise ConfigError(f"config key 'families': the name '{name}' stands for {count} families.")
    known = kinds(folder)
    terms: set[str] = set()
    for index, (entry, written) in enumerate(zip(entries, config["families"], strict=True)):
        kind, key = entry["kind"], f"families.{index}"
        if isinstance(written, dict):
            _check_own(config, written, key)
        if kind not in known:
            raise ConfigError(f"config key '{key}' is of kind '{kind}'; allowed are {', '.join(known)}.")
        for section in SECTIONS:
            part = schema["properties"][section]
            for error in Validator(part).iter_errors(entry["options"].get(section, {})):
                raise ConfigError(sentence(error, f"{key}.options.{section}"))
        of_kind = declared(kind, folder)
        terms |= set(of_kind["TERMS"])
        weights = entry["options"].get("training", {}).get("weights", {})
        _check_terms(weights, of_kind["TERMS"], f"{key}.options.training.weights")
        _check_prior(config, entry, of_kind.get("PRIORS", ("gaussian",)), key)
        default = schema["properties"]["training"]["properties"]["epochs"]["default"]
        _check_epochs({"epochs": default} | config["training"], entry, f"{key}.options.training")
        if config.get("train_together") and not of_kind.get("TOGETHER", False):
            raise ConfigError(
                f"config key 'train_together' is true, but networks of '{entry['name']}' (kind {kind}) can only be "
                "trained one by one."
            )
    _check_terms(config["training"].get("weights", {}), terms, "training.weights")


def _check_own(config: dict[str, Any], entry: dict[str, Any], key: str) -> None:
    """A family of the user's: what goes together, and that its files are there. Its code is not run here."""
    if not {"kind", "factory"} & set(entry):
        raise ConfigError(f"config key '{key}' lacks 'kind', or 'factory'; one of them is required.")
    if "factory" not in entry:
        for name in ("arguments", "code", "checkpoint"):
            if name in entry:
                raise ConfigError(f"config key '{key}.{name}' stands without '{key}.factory', which it is for.")
        return
    if "autoencoder" in entry.get("options", {}):
        raise ConfigError(f"config key '{key}.options.autoencoder' is for networks that no factory makes.")
    if config.get("train_together"):
        raise ConfigError(
            f"config key 'train_together' is true, but networks of '{entry['name']}' (a factory's) can only be trained "
            "one by one."
        )
    for path in entry.get("code", []):
        if not Path(path).is_file():
            raise ConfigError(f"config key '{key}.code' has '{path}', where no file is.")
    _check_arguments(entry.get("arguments", {}), f"{key}.arguments")
    if "checkpoint" in entry:
        _check_checkpoints(config, entry, f"{key}.checkpoint")


def _check_arguments(arguments: dict[str, Any], key: str) -> None:
    """Checkpoints record them as JSON, and later runs compare: what comes back as something else would never agree."""
    for name, value in arguments.items():
        try:
            same = json.loads(json.dumps({name: value})) == {name: value}
        except TypeError:  # a date, for instance
            same = False
        if not same:
            raise ConfigError(
                f"config key '{key}.{name}' is {value!r}; allowed are text, finite numbers, true, false, null, lists "
                "and mappings of these, whose keys are text."
            )


def _check_checkpoints(config: dict[str, Any], entry: dict[str, Any], key: str) -> None:
    """Trained networks of a factory: one file each, and all there."""
    if entry.get("kind", PLAIN) != PLAIN:
        raise ConfigError(
            f"config key '{key}' is of networks that are not trained: they can be of no kind but {PLAIN}."
        )
    if "training" in entry.get("options", {}):
        raise ConfigError(f"config key '{key}' is of networks that are not trained: options.training has no use.")
    files: dict[str, tuple[int, int]] = {}
    for d, seed in product(config["latent_dims"], config["seeds"]):
        try:
            path = entry["checkpoint"].format(latent_dim=d, seed=seed)
        except (AttributeError, LookupError, TypeError, ValueError):
            raise ConfigError(
                f"config key '{key}' is '{entry['checkpoint']}'; in braces it may have latent_dim and seed alone."
            ) from None
        if path in files:
            raise ConfigError(
                f"config key '{key}' is '{entry['checkpoint']}', the same file for latent_dim {d}, seed {seed} and for "
                f"latent_dim {files[path][0]}, seed {files[path][1]}; let {{latent_dim}} and {{seed}} stand in it, or "
                "ask for one of each."
            )
        files[path] = (d, seed)
        if not path.endswith(".safetensors") or not Path(path).is_file():
            raise ConfigError(
                f"config key '{key}' asks for {path}, where no safetensors file is; docs/recipes.md says how to "
                "convert others."
            )


def _check_epochs(training: dict[str, Any], entry: dict[str, Any], key: str) -> None:
    """Networks are looked at during a training of their own, and before its end."""
    options = entry["options"].get("training", {})
    if "checkpoints" in options:
        raise ConfigError(f"config key '{key}.checkpoints' is not allowed: all families have those of 'training'.")
    epochs = options.get("epochs", training["epochs"])
    last = max(training.get("checkpoints", [0]))
    if last > epochs and "checkpoint" not in entry:
        raise ConfigError(
            f"config key 'training.checkpoints' has {last}; allowed are 0 to {epochs}, the epochs of '{entry['name']}'."
        )


def _check_prior(config: dict[str, Any], entry: dict[str, Any], known: tuple[str, ...], key: str) -> None:
    keys = {f"{key}.options.training.prior": entry["options"].get("training", {}), "training.prior": config["training"]}
    where, prior = next(((key, section["prior"]) for key, section in keys.items() if "prior" in section), ("", None))
    if prior is not None and prior not in known:
        raise ConfigError(
            f"config key '{where}' is '{prior}'; allowed for '{entry['name']}' (kind {entry['kind']}) is "
            f"{' or '.join(known)}."
        )


def _check_terms(weights: dict[str, Any], terms: set[str] | dict[str, float], key: str) -> None:
    for term in weights:
        if term not in terms:
            raise ConfigError(
                f"config key '{key}.{term}' is unknown; allowed here are the loss terms {', '.join(sorted(terms))}."
            )


def _check_image_sets(config: dict[str, Any]) -> None:
    """Image sets of torchvision exist, and the grid and the sample fit those whose size is known."""
    sources = [key for key in SOURCES if key in config["images"]]
    if len(sources) > 1:
        raise ConfigError(
            f"config key 'images' has {' and '.join(sources)}; at most one of {', '.join(SOURCES)} is allowed beside "
            "the name."
        )
    image_sets = {"images.name": config["images"]["name"]} if not sources else {}
    if "torchvision" in sources:
        image_sets["images.torchvision"] = config["images"]["torchvision"]
    image_sets |= {
        f"evaluation.sets ({s['name']}).torchvision": s["torchvision"]
        for s in config["evaluation"]["sets"]
        if "torchvision" in s
    }
    known = torchvision_image_sets()
    for key, name in image_sets.items():
        bundled = key == "images.name" and name == "digits"
        if known is not None and not bundled:
            if name.lower() not in known:
                raise ConfigError(
                    f"config key '{key}' is '{name}', which is not a data set of torchvision; {IMAGES_ALLOWED}."
                )
            if splits_keyword(known[name.lower()]) is None:
                raise ConfigError(
                    f"config key '{key}' is '{name}', of which torchvision has no training and test images to "
                    f"download; {IMAGES_ALLOWED}."
                )
        training, test, pixels = KNOWN_IMAGES.get(name.lower(), (math.inf, math.inf, math.inf))
        if key.startswith("images."):
            check_latent_dims(config, pixels, name)
            if any("held_out" in each for each in config["evaluation"]["sets"]):
                check_samples(config, test, f"{name} held out of the training")
        check_samples(config, training + test, name)
    if any("glyphs" in each for each in config["evaluation"]["sets"]):
        check_samples(config, GLYPHS, "glyphs")


def check_latent_dims(config: dict[str, Any], pixels: float, name: str) -> None:
    """Raise ConfigError if a latent dimension exceeds the pixels of the images to learn from, called ``name``."""
    if max(config["latent_dims"]) > pixels:
        raise ConfigError(
            f"config key 'latent_dims' has {max(config['latent_dims'])}; allowed are 1 to {pixels}, "
            f"the number of pixels of {name}."
        )


def check_samples(config: dict[str, Any], images: float, name: str) -> None:
    """Raise ConfigError if more points are asked for than there are images in the set called ``name``."""
    samples = config["evaluation"]["samples"]
    if samples > images:
        raise ConfigError(
            f"config key 'evaluation.samples' is {samples}; at most {images} are allowed, the number of images of "
            f"{name}."
        )
