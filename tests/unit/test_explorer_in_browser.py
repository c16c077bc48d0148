"""The explorer in a browser, of an invented study of two families: every choice, mouse, keyboard and table."""

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from aespectra.claims.judge import judge, write_claims
from aespectra.data.pixels import Pixels
from aespectra.explorer.contents import points_shown
from aespectra.explorer.page import PLACES, write_explorers
from aespectra.slabs.cube import complex_eigenvalues, open_cube, write_virtual_cube
from aespectra.slabs.grid import Key
from aespectra.summary.file import open_summary
from aespectra.summary.merge import write_summary

from ..browser import CHROMIUM, ask
from .claimed import as_claimed, summary_of
from .explored import write_tables
from .paper_sized import write_pages
from .summaries import CONFIG, FAMILIES, KEYS, LATENT_DIMS, SAMPLES, SEEDS, SETS, Study

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is installed"),
]
CHOICES = (Path(__file__).parent / "explorer_choices.js").read_text()
POINTS = 20
"""Of the 30 of a set that must have an orientation."""

POINTS = 20
"""Of the 30 of a set, that must have an orientation."""

ELSEWHERE = "elsewhere"
"""A set of the table of detection that has no spectra."""


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab) -> tuple[Path, Study]:
    folder = tmp_path_factory.mktemp("study")
    made = Study(folder, make_slab)
    write_summary(folder / "summary.nc", made.parts.values(), made.datasets, CONFIG)
    write_virtual_cube(folder / "cube.nc", made.slabs.values(), CONFIG)
    rows = judge(summary_of(as_claimed()))
    of_families = [row | {"family": family} for family in FAMILIES for row in rows]
    write_claims(folder / "claims.csv", of_families)
    further = {"family": FAMILIES[1], "jacobian": "", "figure": "reconstructions"}
    write_claims(folder / "further.csv", [rows[0] | further, rows[1] | further | {"figure": ""}])
    write_tables(folder, KEYS, [*SETS[1:], ELSEWHERE])
    write_explorers(
        {folder / "page.html": 10**6},
        "Invented",
        folder / "cube.nc",
        folder / "summary.nc",
        made.datasets,
        POINTS,
        [folder / "claims.csv", folder / "further.csv"],
        [folder / "detection.csv"],
        [folder / "gaussianity.csv"],
    )
    return folder, made


@pytest.fixture(scope="module")
def seen(study: tuple[Path, Study], tmp_path_factory) -> dict:
    return ask(study[0] / "page.html", CHOICES, 1280, tmp_path_factory.mktemp("profile"))


def shown_places() -> np.ndarray:
    return points_shown(SAMPLES, 200)


def test_every_choice_shows_what_the_cube_has(study: tuple[Path, Study], seen: dict) -> None:
    folder, _ = study
    axes = (FAMILIES, LATENT_DIMS, SEEDS, SETS, ("input", "latent"))
    assert [each["at"] for each in seen["choices"]] == list(map(list, product(*(range(len(axis)) for axis in axes))))
    summary = open_summary(folder / "summary.nc").by_seed
    with open_cube(folder / "cube.nc") as cube:
        for each in seen["choices"]:
            family, d, seed, dataset, jacobian = (axis[i] for axis, i in zip(axes, each["at"], strict=True))
            cell = cube.sel(family=family, latent_dim=d, seed=seed, jacobian=jacobian).isel(sample=shown_places())
            values = complex_eigenvalues(cell).transpose("dataset", "sample", "eigenvalue").values[..., :d]
            mine = values[SETS.index(dataset)].ravel()
            np.testing.assert_allclose(each["x"], mine.real, rtol=1e-3, atol=1e-7)
            np.testing.assert_allclose(each["y"], mine.imag, rtol=1e-3, atol=1e-7)
            np.testing.assert_allclose(each["train"], values[0].real.ravel(), rtol=1e-3, atol=1e-7)
            found = summary.sel(family=family, seed=seed, dataset=dataset)
            angles = found["abs_arg_quantiles"].sel(jacobian=jacobian, quantile=0.5) / np.pi
            np.testing.assert_allclose(each["angles"], angles, rtol=1e-5)
            np.testing.assert_allclose(each["difference"], found["difference_quantiles"].sel(quantile=0.75), rtol=1e-5)


def test_the_mouse_shows_the_image_of_the_eigenvalue_that_it_is_at(study: tuple[Path, Study], seen: dict) -> None:
    folder, made = study
    summary = open_summary(folder / "summary.nc").by_seed
    last = {"family": FAMILIES[-1], "latent_dim": LATENT_DIMS[-1], "seed": SEEDS[-1], "dataset": SETS[-1]}
    assert len(seen["hovered"]) >= 3
    with Pixels(made.datasets[-1]) as pixels, open_cube(folder / "cube.nc") as cube:
        cell = cube.sel(last, drop=True).sel(jacobian="latent")
        for each in seen["hovered"]:
            assert each["found"] == each["point"]
            sample = shown_places()[each["point"]]
            np.testing.assert_allclose(each["image"], pixels.at(np.array([sample]))[0] * 255, atol=0.51)
            real = cell["eigenvalue_real"].isel(sample=sample).values[: LATENT_DIMS[-1]]
            np.testing.assert_allclose(each["chosen"], real, rtol=1e-3, atol=1e-7)
            assert (each["made"] is None) == (sample >= 3)
            if sample < 3:
                expected = summary["reconstruction"].sel(last).isel(example=sample)
                np.testing.assert_allclose(each["made"], np.clip(expected, 0, 1) * 255, atol=0.51)


def test_the_keyboard_reaches_and_changes_every_control(seen: dict) -> None:
    assert seen["focused"] == ["family", "d", "seed", "set", "jacobian", "point"]
    assert seen["byKeys"] == ["1", "1", SAMPLES * LATENT_DIMS[1]]


def rows_of(path: Path, key: Key | None = None) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if key is None or all(row[name] == str(value) for name, value in key._asdict().items())]


def numbers(lines: list[list[str]], first: int) -> np.ndarray:
    return np.array([[float(cell) for cell in line[first:]] for line in lines])


@pytest.mark.parametrize(
    ("index", "name", "labels", "columns"),
    [
        (0, "detection", ("dataset", "detector"), ("auroc", "auroc_low", "auroc_high", "fpr95")),
        (1, "gaussianity", ("measure", "points"), ("value", "prior_mean", "prior_low", "prior_high")),
    ],
)
def test_tables_are_those_of_the_study_and_their_rows_lead_to_networks(
    study: tuple[Path, Study], seen: dict, index: int, name: str, labels: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    table, path = seen["tables"][index], study[0] / f"{name}.csv"
    assert table["title"] == name.capitalize()
    key = Key(FAMILIES[1], LATENT_DIMS[0], SEEDS[1])
    expected = rows_of(path, key)
    assert [line[0] for line in table["chosen"]] == ["autoencoder, d = 5, seed 1"] * len(expected)
    assert [line[1:3] for line in table["chosen"]] == [
        [row[each].replace("_", " ") for each in labels] for row in expected
    ]
    of_csv = np.array([[float(row[each]) for each in columns] for row in expected])
    np.testing.assert_allclose(numbers(table["chosen"], 3), of_csv, rtol=5e-3)
    everything = rows_of(path)
    assert table["all"] == len(everything)
    rising = np.sort([float(row[columns[0]]) for row in everything])
    np.testing.assert_allclose(table["rising"], rising, rtol=5e-3)
    np.testing.assert_allclose(table["falling"], rising[::-1], rtol=5e-3)
    assert table["sorted"] == "descending"
    assert table["hash"] == "#plane"
    assert len(table["filtered"]) == 1
    shown = None
    for text, *cells, family, d, seed, dataset in table["led"]:
        assert text == f"{family}, d = {d}, seed {seed}"
        assert len(cells) == 6
        if name == "detection" and cells[0] != ELSEWHERE:
            assert dataset == cells[0]
        elif shown:  # a set without eigenvalues, or a row of none: the page's stays
            assert dataset == shown
        shown = dataset
    assert (ELSEWHERE in table["told"]) == (name == "detection")


def test_claims_are_those_of_the_family_and_lead_to_their_picture_and_jacobian(
    study: tuple[Path, Study], seen: dict
) -> None:
    rows = [*rows_of(study[0] / "claims.csv"), *rows_of(study[0] / "further.csv")]
    rows = [row for row in rows if row["family"] == FAMILIES[1]]
    short = {"input": "J_I", "latent": "J_L", "": ""}
    assert seen["claims"] == [row["claim"] + short[row["jacobian"]] for row in rows]
    assert len(seen["led"]) == len(rows)
    for of, chosen, place, visible in seen["led"]:
        assert visible, place
        if of:
            assert chosen == {"J_I": "0", "J_L": "1"}[of]
    assert {place for *_, place, _ in seen["led"]} == {f"#{each}" for each in PLACES.values()}


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_of_the_paper_s_grid_is_beyond_the_edge_of_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    large, _ = write_pages(tmp_path, monkeypatch)
    beyond = "explorer.ready.then(() => document.documentElement.scrollWidth - innerWidth)"
    assert ask(large, beyond, width, tmp_path / "profile") <= 0
