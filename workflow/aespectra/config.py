"""Configuration: one clear sentence for each way in which it can be wrong.

Imported while the Snakefile is parsed, so it needs nothing beyond jsonschema.
"""

import math
from collections import Counter

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from .torchvision_sets import torchvision_image_sets

# (images, pixels) of the sets whose size is known without reading them
KNOWN_IMAGES = {"mnist": (70_000, 28 * 28), "digits": (1_797, 8 * 8)}


# stricter than JSON: 2.0 is no integer, nan and inf are no numbers
Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: (
                isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            ),
        }
    ),
)


class ConfigError(ValueError):
    """The configuration, or a file it names, cannot be used; the message is one sentence for the user."""


def check_config(config: dict, schema: dict) -> None:
    """Raise ConfigError at the first thing wrong with ``config``, first by ``schema``, then across keys."""
    errors = list(Validator(schema).iter_errors(config))
    if errors:
        # a set of no kind, or of two, breaks other rules as well, which would confuse
        error = next((each for each in errors if each.validator == "oneOf"), best_match(errors))
        raise ConfigError(_sentence(error))

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
    for role, name in config["figures"]["representatives"].items():
        if name not in names[1:]:
            raise ConfigError(
                f"config key 'figures.representatives.{role}' is '{name}'; allowed are the names in "
                f"evaluation.sets: {', '.join(names[1:])}."
            )
    _check_images(config)


def _check_images(config: dict) -> None:
    """Image sets exist, and the grid and the sample fit those whose size is known."""
    image_sets = {"images.name": config["images"]["name"]}
    image_sets |= {
        f"evaluation.sets ({s['name']}).torchvision": s["torchvision"]
        for s in config["evaluation"]["sets"]
        if "torchvision" in s
    }
    known = torchvision_image_sets()
    for key, name in image_sets.items():
        bundled = key == "images.name" and name == "digits"
        if known is not None and not bundled and name.lower() not in known:
            raise ConfigError(
                f"config key '{key}' is '{name}', which is not a data set of torchvision; allowed are "
                "mnist, digits (images.name only) and its image sets, such as FashionMNIST, KMNIST, CIFAR10, SVHN."
            )
    training = image_sets["images.name"]
    if training.lower() in KNOWN_IMAGES:
        images, pixels = KNOWN_IMAGES[training.lower()]
        if max(config["latent_dims"]) > pixels:
            raise ConfigError(
                f"config key 'latent_dims' has {max(config['latent_dims'])}; allowed are 1 to {pixels}, "
                f"the number of pixels of {training}."
            )
        if config["evaluation"]["samples"] > images:
            raise ConfigError(
                f"config key 'evaluation.samples' is {config['evaluation']['samples']}; at most {images} are "
                f"allowed, the number of images of {training}."
            )


def _sentence(error: ValidationError) -> str:
    """What a schema violation means to the person who wrote the key."""
    key = ".".join(str(part) for part in error.absolute_path)
    found, bound = error.instance, error.validator_value
    where = f"config key '{key}'" if key else "the config"
    match error.validator:
        case "additionalProperties":
            allowed = sorted(error.schema["properties"])
            unknown = sorted(str(name) for name in set(found) - set(allowed))
            dotted = f"{key}.{unknown[0]}" if key else unknown[0]
            return f"config key '{dotted}' is unknown; allowed here are {', '.join(allowed)}."
        case "required":
            missing = [name for name in bound if name not in found]
            return f"{where} lacks '{missing[0]}'; required here are {', '.join(bound)}."
        case "type":
            hint = " (YAML reads 1e-3 as text: write 0.001)" if bound == "number" and isinstance(found, str) else ""
            return f"{where} is {found!r}; allowed is one of type {bound}{hint}."
        case "enum":
            return f"{where} is {found!r}; allowed are {', '.join(str(value) for value in bound)}."
        case "minimum" | "exclusiveMinimum":
            return (
                f"{where} is {found!r}; it must be {'at least' if error.validator == 'minimum' else 'above'} {bound}."
            )
        case "maximum":
            return f"{where} is {found!r}; it must be at most {bound}."
        case "minItems":
            return f"{where} is empty; it must list at least {bound}."
        case "uniqueItems":
            twice = next(value for value in found if found.count(value) > 1)
            return f"{where} lists {twice!r} more than once; every value may stand once."
        case "pattern":
            return f"{where} is {found!r}; allowed are names that match {bound}."
        case "oneOf":
            return f"{where} must say either distribution (pixel noise) or torchvision (an image set), and not both."
    return f"{where}: {error.message}."
