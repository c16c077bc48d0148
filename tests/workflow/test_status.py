"""make status: what is done, out of date and missing, what runs and for how long."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import yaml
from study.plan import STAGES

from .conftest import TINY, Project

HEAD = ("done", "out of date", "time left", "missing")


def status(project: Project) -> dict[str, tuple[str, int, str]]:
    """By stage: how many are done, how many out of date, and the names of those missing."""
    command = [sys.executable, "workflow/status.py", "--configfile", str(project.config)]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
    header, *lines = done.stdout.partition("\nStages\n")[2].splitlines()
    starts = [0, *map(header.index, HEAD), None]
    assert header.split() == " ".join(HEAD).split()
    columns = ([line[start:end].strip() for start, end in pairwise(starts)] for line in lines)
    return {stage: (number, int(out_of_date or 0), names) for stage, number, out_of_date, _, names in columns}


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


def test_every_stage_has_its_place(project: Project) -> None:
    """Of all targets that there are."""
    targets = (project.folder / "workflow" / "rules" / "targets.smk").read_text()
    beside = re.findall(r'^    "(\w+)": lambda', targets, re.MULTILINE)
    command = [sys.executable, "workflow/status.py", "--configfile", str(project.config), "--", "all", *beside]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
    stages = [line.split()[0] for line in done.stdout.partition("\nStages\n")[2].splitlines()[1:]]
    assert set(stages) == set(STAGES)
    assert stages == list(STAGES)


def _within(seconds: float, so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_run_is_followed(project: Project) -> None:
    """Two trainings, of which the first tells how long the second takes; then Ctrl-C."""
    page = project.folder / "board.html"
    files = [f"results/tiny/models/autoencoder/d2_seed{seed}.safetensors" for seed in (0, 1)]
    command = [sys.executable, "workflow/status.py", "--watch", "--page", page, "--configfile", project.config]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    # what a shell starts with & ignores Ctrl-C, and so does all that it starts
    streams["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen([*command, "--", *files], cwd=project.folder, **streams) as watch:
        try:
            _within(120, page.exists)
            assert watch.poll() is None
            unknown = re.search(r"Time unknown of rules that have finished no job: (.*)\.", page.read_text())
            assert sorted(unknown[1].split()) == ["images", "train"]
            project.finish(files[0], cores=1)
            _within(120, lambda: "About" in page.read_text())
            assert "<td>d2_seed1</td>" in page.read_text()
            watch.send_signal(signal.SIGINT)
            said = watch.communicate(timeout=60)[0]
        finally:
            watch.kill()
    assert watch.returncode == 0
    assert "Traceback" not in said
    assert "\x1b[H" in said
    assert "refresh" not in page.read_text()
