"""Kills at every step of every publication: of the run with its jobs, and of Snakemake alone, whose jobs go on."""

import random
from pathlib import Path

import pytest

from tests.workflow.conftest import copy_project

from .conftest import SMALL, await_orphans, content, kill_at, killed_again_and_again, orphans, release


def studies(folder: Path):
    """A function that makes one study after another, in folders of their own."""
    numbers = iter(range(1000))
    return lambda: copy_project(folder / f"{next(numbers)}" / "project", SMALL)


TARGET = "results/small/training_images.nc"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nothing disturbs."""
    project = copy_project(tmp_path_factory.mktemp("images") / "project", SMALL)
    project.finish(TARGET)
    return content(project)


@pytest.mark.long
@pytest.mark.parametrize("locking", ["TRUE", "FALSE"])
def test_an_orphan_and_a_second_run_write_the_same_files(
    tmp_path: Path, images: dict[str, bytes], locking: str
) -> None:
    """Snakemake is killed while the images are written; the job waits until a second run has made them, and goes on."""
    project = copy_project(tmp_path / "project", SMALL)
    project.environment = {"HDF5_USE_FILE_LOCKING": locking}
    assert kill_at(project, 2, "head", pause=240, targets=(TARGET,))
    project.finish(TARGET)
    assert content(project).items() >= images.items()  # and the temporary file of the first job
    assert orphans(project)
    release(project)
    await_orphans(project)
    assert content(project) == images


KILLS = 10
"""Of each kind and seed."""


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("who", ["group", "head"])
def test_kills(tmp_path: Path, undisturbed: dict[str, bytes], who: str, seed: int, record_property) -> None:
    killed_again_and_again(studies(tmp_path), KILLS, who, random.Random(seed), undisturbed)
    what = {"group": "the run with all its jobs killed", "head": "Snakemake killed, its jobs go on beside the next run"}
    record_property("faults", (f"{what[who]}, seed {seed}", KILLS, "all resumed to the bytes of an undisturbed run"))
