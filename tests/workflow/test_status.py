"""make status: what is done, out of date and missing."""

import subprocess
import sys
from pathlib import Path

import yaml

from .conftest import TINY, Project


def status(project: Project) -> dict[str, tuple[str, int, str]]:
    """By stage: how many are done, how many out of date, and the names of those missing."""
    command = [sys.executable, "workflow/status.py", "--configfile", str(project.config)]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
    header, *lines = done.stdout.splitlines()
    assert header.split() == ["done", "out", "of", "date", "missing"]
    columns = [(line[:18].strip(), line[18:28].strip(), int(line[28:42].strip() or 0), line[45:]) for line in lines]
    return {stage: tuple(rest) for stage, *rest in columns}


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if ".snakemake" not in path.parts}


def test_a_study_that_never_began(project: Project) -> None:
    before = files(project.folder)
    found = status(project)
    made = [
        "training_images",
        "test_images",
        "datasets",
        "models",
        "spectra",
        "cube",
        "statistics",
        "summary",
        "claims",
        "claims_by_d",
        "figures",
    ]
    assert list(found) == [*made, "provenance"]
    assert found["statistics"] == ("0 of 2", 0, "d2 d3")
    assert found["models"] == ("0 of 4", 0, "d2_seed0 d2_seed1 d3_seed0 d3_seed1")
    assert found["datasets"] == ("0 of 4", 0, "digits bernoulli-0.13 truncated-normal beta-5-0.8")
    assert files(project.folder) == before


def test_a_study_under_way(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(TINY | {"training": {"epochs": 100}}))
    during = {}

    def one_is_trained() -> bool:
        if any(project.results.glob("models/**/*.safetensors")):
            during.update(status(project))
        return bool(during)

    project.kill_when(one_is_trained, "summary")
    after = status(project)
    trained = {path.stem for path in project.results.glob("models/**/*.safetensors")}
    assert 1 <= len(trained) < 4
    assert after["training_images"] == ("1 of 1", 0, "")
    assert after["models"][0] == f"{len(trained)} of 4"
    assert set(after["models"][2].split()) == {"d2_seed0", "d2_seed1", "d3_seed0", "d3_seed1"} - trained
    assert after["summary"] == ("0 of 1", 0, "summary")
    assert during["training_images"] == ("1 of 1", 0, "")
    assert during["models"][0] in {f"{number} of 4" for number in range(1, len(trained) + 1)}


def test_a_finished_study_and_what_an_edit_puts_out_of_date(finished: Project) -> None:
    before = files(finished.folder)
    assert set(status(finished).values()) == {(f"{n} of {n}", 0, "") for n in (1, 2, 4, 10)}
    assert files(finished.folder) == before
    (finished.results / "figures" / "figure_3.png").unlink()
    with (finished.folder / "workflow" / "aespectra" / "linalg" / "jacobian.py").open("a") as file:
        file.write("# edited\n")
    found = status(finished)
    assert found["models"] == ("4 of 4", 0, "")
    assert found["spectra"] == ("0 of 4", 4, "")
    assert found["statistics"] == ("0 of 2", 2, "")
    assert found["figures"] == ("0 of 10", 9, "figure_3")


def test_a_bad_config_is_said(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(TINY | {"epochs": 3}))
    command = [sys.executable, "workflow/status.py", "--configfile", str(project.config)]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "config key 'epochs' is unknown" in done.stderr
