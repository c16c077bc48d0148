"""The explorer in a browser: complete without network, quick, what it draws is what the cube has."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from aespectra.explorer.contents import points_shown
from aespectra.slabs.cube import complex_eigenvalues, open_cube
from aespectra.summary.agreement import COLUMNS
from aespectra.summary.file import open_summary

from ..browser import CHROMIUM, ask
from .conftest import Project

PROBE = (Path(__file__).parent / "explorer_probe.js").read_text()


@pytest.fixture(scope="module")
def page(finished_once: Project) -> Path:
    finished_once.finish("explorer")
    return finished_once.results / "explorer.html"


def test_it_is_made_of_a_finished_study_and_once(page: Path, finished_once: Project) -> None:
    assert finished_once.planned("explorer") == {}
    assert 1_000_000 < page.with_name("explorer-small.html").stat().st_size < 1_800_000
    assert 1_000_000 < page.stat().st_size < 6_000_000


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_what_is_chosen(page: Path, finished_once: Project, tmp_path: Path, width: int) -> None:
    seen = ask(page, PROBE, width, tmp_path)
    shown = points_shown(60, 200)
    with open_cube(finished_once.results / "cube.nc") as cube:
        cell = cube.sel(family="autoencoder", latent_dim=3, seed=1, jacobian="latent").isel(sample=shown)
        values = complex_eigenvalues(cell).transpose("dataset", "sample", "eigenvalue").values
    np.testing.assert_allclose(seen["x"], values[2].real.ravel(), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(seen["y"], values[2].imag.ravel(), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(seen["train"], values[0].real.ravel(), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(seen["chosen"], values[2, 4].real, rtol=1e-3, atol=1e-7)
    summary = open_summary(finished_once.results / "summary.nc").by_seed
    cell = summary.isel(family=0, dataset=2, seed=1, jacobian=1)
    np.testing.assert_allclose(seen["middle"], np.exp(cell["log_abs_quantiles"].sel(quantile=0.5)), rtol=1e-5)
    np.testing.assert_allclose([*map(float, seen["reversed"])], cell["reversed_share"], rtol=1e-5)
    assert f"{shown[4]} of 60" in seen["numbers"]
    assert seen["caption"] == "kept of the first 3 points"
    assert seen["reconstructed"] == "visible"
    assert seen["pointed"] == "0"
    assert seen["gallery"] == 3 * (1 + 2)
    assert seen["figures"] == 5
    assert seen["reached"]  # by the keyboard, with labels
    assert seen["beside"] <= 0  # nothing beyond the edge of the window


@pytest.mark.long
def test_what_other_targets_make_is_shown_where_it_is_or_is_asked_for_along(finished: Project) -> None:
    assert set(finished.planned("explorer")) <= {"explorer"}  # detection is not made for it
    assert {"detection_table", "explorer"} <= set(finished.planned("detection", "explorer"))
    finished.finish("detection", "explorer")
    assert [table["title"] for table in tables_of(finished)] == ["Detection"]
    assert len(tables_of(finished)[0]["numbers"]) == 4
    assert finished.planned("explorer") == {}
    # what lies there, as of a kept study
    claims, agreement = finished.results / "reconstruction_claims.csv", finished.results / "gaussianity.csv"
    claims.write_text((finished.results / "claims.csv").read_text())
    agreement.write_text(f"{','.join(COLUMNS)}\nautoencoder,3,1,z,energy,prior,4,gaussian,1,2,3\n")
    assert finished.planned("explorer") == {"explorer": 1}
    finished.finish("explorer")
    assert (finished.results / "explorer.html").read_text().count("<td>18c</td>") == 2
    assert list(tables_of(finished)[1]["numbers"]) == ["autoencoder/3/1"]


def tables_of(project: Project) -> list[dict]:
    """Those of the page."""
    text = (project.results / "explorer.html").read_text()
    (contents,) = re.findall(r'<script type="application/json" id="contents">(.*?)</script>', text)
    return json.loads(contents)["tables"]
