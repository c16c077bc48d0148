"""In which group a set stands, and which of its points count."""

import yaml
from study.battery import battery

from .test_config import ROOT

SETS = [
    {"name": "gray", "distribution": "uniform", "low": 0, "high": 1},
    {"name": "clothes", "torchvision": "FashionMNIST"},
    {"name": "turned", "of": "mnist", "corruption": "rotate", "strength": 30},
    {"name": "turned-twice", "of": "turned", "corruption": "rotate", "strength": 30},
    {"name": "dim-clothes", "of": "clothes", "corruption": "dim", "strength": 0.5},
    {"name": "dim-gray", "of": "gray", "corruption": "dim", "strength": 0.5},
    {"name": "letters", "glyphs": True},
    {"name": "dim-letters", "of": "letters", "corruption": "dim", "strength": 0.5},
    {"name": "mine", "folder": "photos"},
]
NEAR, FAR, NOISE = (
    ["turned", "turned-twice", "letters", "dim-letters"],
    ["clothes", "dim-clothes", "mine"],
    ["gray", "dim-gray"],
)


def by_name(sets: list[dict]) -> dict[str, dict]:
    return {each["name"]: each for each in sets}


def test_groups_are_those_of_what_a_set_was_made_of():
    found = battery(by_name(SETS), "mnist")
    groups = {"near": NEAR, "far": FAR, "noise": NOISE}
    assert list(found["groups"].items()) == [(name, group) for group, names in groups.items() for name in names]
    assert found["of_train"] == ["turned", "turned-twice"]  # of those points the networks learned from some
    assert "inside" not in found


def test_images_held_out_are_those_in_distribution():
    held_out = [
        {"name": "new", "held_out": True},
        {"name": "new-dim", "of": "new", "corruption": "dim", "strength": 0.5},
    ]
    found = battery(by_name(SETS + held_out), "mnist")
    assert found["inside"] == "new"
    assert "new" not in found["groups"]
    assert found["groups"]["new-dim"] == "near"
    assert found["of_train"] == ["turned", "turned-twice"]  # of those held out none was learned from


def test_of_the_battery_of_mnist_all_changed_digits_are_of_images_held_out():
    config = yaml.safe_load((ROOT / "config" / "detection.yaml").read_text())
    found = battery(by_name(config["evaluation"]["sets"]), "mnist")
    assert found["inside"] == "held-out"
    assert found["of_train"] == []
    sizes = {group: list(found["groups"].values()).count(group) for group in ("near", "far", "noise")}
    assert sizes == {"near": 9, "far": 2, "noise": 10}
