"""A config as text: keys that stand twice in a file, and what the command line hands over."""

import pytest
from snakemake.cli import parse_config
from study.config import check_config
from study.schema import ConfigError, check_keys_once, typed

from .test_config import KINDS, ROOT, SCHEMA, changed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "'a' stands twice in {path}, in line 1 and line 3"),
        (
            "training:\n  epochs: 3\n  loss: mse\n  epochs: 4\n",
            "'training.epochs' stands twice in {path}, in line 2 and",
        ),
        ("evaluation: {sets: [{name: a}, {name: b, p: 1, p: 2}]}", "'evaluation.sets.1.p' stands twice"),
        ('{"seeds": [0], "seeds": [1]}', "'seeds' stands twice"),
        ("1: a\n1: b\n", "'1' stands twice"),
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path, text, says):
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        check_keys_once(path)
    assert says.format(path=path) in str(caught.value)
    assert str(caught.value).endswith("; every key may stand once.")


@pytest.mark.parametrize("text", ["", "a: {b: 1}\nc: {b: 1}\n", "a: [1, 1]", "a: [", "\ta: 1", "a: \x00", "- a\n- a"])
def test_keys_that_stand_once_pass_and_what_is_no_yaml_is_left_to_snakemake(tmp_path, text):
    (tmp_path / "my.yaml").write_text(text)
    check_keys_once(tmp_path / "my.yaml")
    check_keys_once(tmp_path / "missing.yaml")


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_every_config_says_every_key_once(path):
    check_keys_once(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("training={learning_rate: 0.01, epochs: 3, loss: mse}", {"learning_rate": 0.01, "epochs": 3, "loss": "mse"}),
        (
            "training={learning_rate: 1e-3, weights: {reconstruction: 2}}",
            {"learning_rate": 1e-3, "weights": {"reconstruction": 2}},
        ),
        ("latent_dims=[2, 8]", [2, 8]),
        ("latent_dims=[2, x]", [2, "x"]),
        ("latent_dims=[2.5]", ["2.5"]),
        ("autoencoder={hidden: [16, 8]}", {"hidden": [16, 8]}),
        ("train_together=true", True),
        ("experiment=x2", "x2"),
        (
            "families=[{name: a, kind: b, options: {training: {epochs: 3}}}]",
            [{"name": "a", "kind": "b", "options": {"training": {"epochs": 3}}}],
        ),
        (
            "evaluation={samples: 9, sets: [{name: '3', distribution: beta, alpha: 1, beta: .5}]}",
            {"samples": 9, "sets": [{"name": "3", "distribution": "beta", "alpha": 1, "beta": 0.5}]},
        ),
        (
            "evaluation={sets: [{name: a, of: b, corruption: dim, strength: .5}, {name: c, glyphs: true}]}",
            {
                "sets": [
                    {"name": "a", "of": "b", "corruption": "dim", "strength": 0.5},
                    {"name": "c", "glyphs": True},
                ]
            },
        ),
        ("training=[{}]", [{}]),
        ("training={weights: x}", {"weights": "x"}),
    ],
)
def test_numbers_of_the_command_line_are_numbers_however_deep(text, value):
    ((key, read),) = parse_config([text]).items()
    found = typed(read, SCHEMA["properties"][key], SCHEMA)
    assert found == value
    assert repr(found) == repr(value)


def test_what_the_command_line_gives_in_vain_is_refused_as_before():
    config = changed({("training",): typed({"learning_rate": "fast"}, SCHEMA["properties"]["training"], SCHEMA)})
    with pytest.raises(ConfigError, match=r"'training.learning_rate' is 'fast'"):
        check_config(config, SCHEMA, KINDS)
