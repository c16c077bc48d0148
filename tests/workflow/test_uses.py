"""What spectra and reconstructions are good for: detection, attractors, claims 19 to 26, each made once."""

import csv
from pathlib import Path

import pytest
import xarray as xr
from aespectra.claims.reconstructions import FURTHER

from .conftest import TINY, Project, copy_project

pytestmark = pytest.mark.long

TARGETS = ("detection", "attractors", "reconstructions")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("uses") / "project", TINY | {"figures": {"formats": ["png"]}})
    project.finish(*TARGETS)
    return project


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_network_is_in_every_table(made: Project) -> None:
    networks = {(str(d), str(seed)) for d in (2, 3) for seed in (0, 1)}
    for name in ("detection.csv", "attractors.csv"):
        assert {(row["latent_dim"], row["seed"]) for row in rows(made.results / name)} == networks
    with xr.open_dataset(made.results / "reconstructions.nc") as data:
        assert dict(data["digit_share"].sizes) == {"family": 1, "latent_dim": 2, "seed": 2, "dataset": 4}
        assert data["digit_share"].notnull().all()
    claims = rows(made.results / "reconstruction_claims.csv")
    assert list(dict.fromkeys(row["claim"] for row in claims)) == [claim.number for claim in FURTHER]
    assert {row["grade"] for row in claims if row["claim"] == "24a"} == {"holds"}
    page = (made.results / "reconstruction_claims.html").read_text()
    assert all(f"<td>{claim.number}</td>" in page for claim in FURTHER)
    assert len(list(made.results.glob("figures/attractors/autoencoder/*.png"))) == 4
    assert (made.results / "figures" / "detection.png").stat().st_size > 2000


def test_nothing_is_made_twice(made: Project) -> None:
    assert made.planned(*TARGETS) == {}


def test_a_threshold_is_judged_anew_and_nothing_else_runs(made: Project) -> None:
    changed = Project(made.folder, TINY | {"figures": {"formats": ["png"]}, "claims": {"digits": 0.4}})
    assert changed.planned(*TARGETS) == {"reconstructions": 1}
