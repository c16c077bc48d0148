"""What a config may say of families: their kinds, options, priors, and the sentence where it is wrong."""

from datetime import date
from pathlib import Path

import pytest
from study.config import check_config
from study.families import families, kinds
from study.schema import ConfigError

from .test_config import KINDS, SCHEMA, changed, complaint


def family(**entry: object) -> dict:
    """Changes that give the study two families."""
    return {("families",): ["autoencoder", {"name": "other", "kind": "autoencoder"} | entry]}


def own(**entry: object) -> dict:
    """Changes that give the study one family, of the user's."""
    return {("families",): [{"name": "mine", "factory": "mine:autoencoder"} | entry]}


ONE = str(Path(__file__).parents[2] / "results" / "reference" / "models" / "autoencoder" / "d2_seed0.safetensors")
KEPT = "results/reference/models"


def test_a_factory_is_of_the_plain_kind_unless_said():
    check_config(changed(own(arguments={"channels": 3})), SCHEMA, KINDS)
    asked = families(changed(own(arguments={"channels": 3})), KINDS)["mine"]
    assert asked["kind"] == "autoencoder"
    assert asked["autoencoder"] == {"factory": "mine:autoencoder", "arguments": {"channels": 3}}
    assert families(changed(own(kind="swae")), KINDS)["mine"]["training"]["weights"].keys() > {"reconstruction"}


def test_variants_of_one_kind_stand_side_by_side():
    options = {"autoencoder": {"hidden": [500, 500]}, "training": {"epochs": 3, "weights": {"reconstruction": 0.05}}}
    check_config(changed(family(options=options)), SCHEMA, KINDS)


LOOKED_AT = ("training", "checkpoints")


def test_a_training_that_is_looked_at_gives_a_family_each_time():
    own_network = {"name": "mine", "factory": "mine:autoencoder", "checkpoint": ONE}
    others = [{"name": "short", "kind": "swae", "options": {"training": {"epochs": 30}}}, own_network]
    changes = {LOOKED_AT: [30, 0, 3], ("families",): ["autoencoder", *others]}
    changes |= {("latent_dims",): [2], ("seeds",): [0]}
    config = changed(changes)
    check_config(config, SCHEMA, KINDS)
    found = families(config, KINDS)
    looked_at = [f"{name}@{epochs}" for name in ("autoencoder", "short") for epochs in (0, 3, 30)]
    assert list(found) == [*looked_at, "mine"]
    plain = families(changed({}), KINDS)
    for epochs in (0, 3, 30):
        name = f"autoencoder@{epochs}"
        training = plain["autoencoder"]["training"] | {"epochs": epochs}
        assert found[name] == plain["autoencoder"] | {"name": name, "training": training}
    assert "checkpoints" not in found["mine"]["training"]


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({LOOKED_AT: [0, 301]}, ["'training.checkpoints' has 301; allowed are 0 to 300, the epochs of 'autoencoder'"]),
        (
            family(options={"training": {"epochs": 2}}) | {LOOKED_AT: [3]},
            ["'training.checkpoints' has 3; allowed are 0 to 2, the epochs of 'other'"],
        ),
        ({LOOKED_AT: []}, ["'training.checkpoints' is empty"]),
        ({LOOKED_AT: [1, 1]}, ["'training.checkpoints' lists 1 more than once"]),
        ({LOOKED_AT: [-1]}, ["'training.checkpoints.0' is -1; it must be at least 0"]),
        (
            family(options={"training": {"checkpoints": [1]}}),
            ["'families.1.options.training.checkpoints' is not allowed: all families have those of 'training'"],
        ),
        ({LOOKED_AT: [1], ("train_together",): True}, ["stands beside 'train_together'", "leave one out"]),
        ({LOOKED_AT: [1], ("networks_from",): KEPT}, ["stands beside 'networks_from'", "leave one out"]),
        ({("families",): ["gan"]}, ["'families.0' is of kind 'gan'", "allowed are autoencoder, cdf"]),
        ({("families",): ["../train"]}, ["'families.0' is '../train'"]),
        ({("families",): [3]}, ["'families.0' is 3", "string or object"]),
        ({("families",): [{"name": "one"}]}, ["'families.0' lacks 'kind', or 'factory'"]),
        (own(factory="mine.autoencoder"), ["'families.0.factory' is 'mine.autoencoder'"]),
        (own(factory="os:system('true')"), ["'families.0.factory' is"]),
        (
            own(arguments={"widths": {1: 8}}),
            ["'families.0.arguments.widths' is {1: 8}; allowed are text, finite numbers"],
        ),
        (own(arguments={"a": 1, "rate": float("nan")}), ["'families.0.arguments.rate' is nan; allowed are text"]),
        (
            own(arguments={"day": date(2024, 1, 2)}),
            ["'families.0.arguments.day' is datetime.date(2024, 1, 2); allowed"],
        ),
        (own(checkpoint="{latent_dim.real.foo}.safetensors"), ["in braces it may have latent_dim and seed alone"]),
        (own(checkpoint="{latent_dim:02d}_{seed}.safetensors"), ["asks for 02_0.safetensors, where no safetensors"]),
        (own(code=["absent.py"]), ["'families.0.code' has 'absent.py', where no file is"]),
        (
            own(options={"autoencoder": {"hidden": [3]}}),
            ["'families.0.options.autoencoder' is for networks that no fac"],
        ),
        (own() | {("train_together",): True}, ["'train_together' is true, but networks of 'mine'"]),
        (family(arguments={"depth": 3}), ["'families.1.arguments' stands without 'families.1.factory'"]),
        (family(checkpoint="a.safetensors"), ["'families.1.checkpoint' stands without 'families.1.factory'"]),
        (own(checkpoint="{latent_dim}_{epoch}.safetensors"), ["in braces it may have latent_dim and seed alone"]),
        (own(checkpoint="{latent_dim}.safetensors"), ["asks for 2.safetensors, where no safetensors file is"]),
        (
            own(checkpoint="{latent_dim}_{seed}.pt"),
            ["asks for 2_0.pt, where no safetensors file is", "docs/recipes.md"],
        ),
        (own(checkpoint=KEPT), [f"asks for {KEPT}", "where no"]),
        (own(checkpoint=ONE), [f"'{ONE}', the same file for latent_dim 2, seed 1 and for latent_dim 2, seed 0"]),
        (
            own(checkpoint="a_{seed}", kind="vae"),
            ["of networks that are not trained: they can be of no kind"],
        ),
        (own(checkpoint="a", options={"training": {"epochs": 3}}), ["options.training has no use"]),
        ({("networks_from",): "a", ("kept",): "b"}, ["'networks_from' stands beside 'kept'"]),
        (
            {("networks_from",): "a", ("families",): ["autoencoder", "swae"], ("train_together",): True},
            ["'train_together' is true"],
        ),
        (family(kind="gan"), ["'families.1' is of kind 'gan'"]),
        (family(name="a/b"), ["'families.1.name' is 'a/b'"]),
        (family(name="autoencoder"), ["the name 'autoencoder' stands for 2 families"]),
        (family(option={}), ["'families.1.option' is unknown", "kind, name, options"]),
        (family(options={"epochs": 3}), ["'families.1.options.epochs' is unknown", "autoencoder, training"]),
        (family(options={"training": {"epoch": 3}}), ["'families.1.options.training.epoch' is unknown", "epochs"]),
        (family(options={"training": {"epochs": 0}}), ["'families.1.options.training.epochs' is 0", "at least 1"]),
        (family(options={"autoencoder": {"hidden": []}}), ["'families.1.options.autoencoder.hidden' is empty"]),
        (
            family(options={"training": {"weights": {"kl": 1}}}),
            ["'families.1.options.training.weights.kl' is unknown", "the loss terms reconstruction"],
        ),
        ({("training", "weights"): {"kl": 1}}, ["'training.weights.kl' is unknown", "the loss terms reconstruction"]),
        ({("training", "weights"): {"reconstruction": -1}}, ["'training.weights.reconstruction' is -1", "at least 0"]),
        (
            family(options={"training": {"prior": "normal"}}),
            ["'families.1.options.training.prior' is 'normal'", "gaussian, uniform"],
        ),
        (
            family(kind="vae", options={"training": {"prior": "uniform"}}),
            ["'families.1.options.training.prior' is 'uniform'", "allowed for 'other' (kind vae) is gaussian."],
        ),
        (
            {("families",): ["swae", "cwae"], ("training", "prior"): "uniform"},
            ["'training.prior' is 'uniform'", "allowed for 'cwae' (kind cwae) is gaussian."],
        ),
    ],
)
def test_what_is_wrong_with_a_family_is_said(changes, parts):
    message = complaint(changes)
    for part in parts:
        assert part in message


@pytest.mark.parametrize("kind", ["cdf", "swae", "wae_gan", "wae_mmd"])
def test_kinds_that_compare_samples_have_two_priors(kind):
    for prior in ("gaussian", "uniform"):
        check_config(changed(family(kind=kind, options={"training": {"prior": prior}})), SCHEMA, KINDS)


def test_a_familys_prior_comes_before_the_studys():
    entries = ["swae", {"name": "cwae", "kind": "cwae", "options": {"training": {"prior": "gaussian"}}}]
    check_config(changed({("families",): entries, ("training", "prior"): "uniform"}), SCHEMA, KINDS)


@pytest.mark.parametrize("kind", [kind for kind in kinds(KINDS) if kind != "autoencoder"])
def test_of_a_family_with_a_prior_networks_are_trained_one_by_one(kind):
    """What they draw, or the dimension in their penalty, is each network's own: padded it would be another."""
    sentence = complaint({("families",): [kind], ("train_together",): True})
    assert sentence == (
        f"config key 'train_together' is true, but networks of '{kind}' (kind {kind}) can only be trained one by one."
    )


def test_a_family_that_cannot_be_trained_together_is_refused(tmp_path):
    (tmp_path / "noisy.py").write_text("TERMS = {'reconstruction': 1.0}\n")
    config = changed({("families",): ["noisy"], ("train_together",): True})
    with pytest.raises(ConfigError, match=r"'noisy' \(kind noisy\) can only be trained one by one\.$"):
        check_config(config, SCHEMA, tmp_path)
    check_config(config | {"train_together": False}, SCHEMA, tmp_path)
