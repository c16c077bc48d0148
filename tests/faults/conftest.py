"""A study of one network, and what the campaign counts: a table at the end of its run, for docs/reliability.md."""

import base64
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.conftest import Project, copy_project

SHIM = Path(__file__).parent / "shim"

SMALL = {
    "experiment": "small",
    "images": {"name": "digits"},
    "latent_dims": [2],
    "seeds": [0],
    "autoencoder": {"hidden": [4]},
    "training": {"epochs": 1},
    "evaluation": {"samples": 30, "sets": [{"name": "noise", "distribution": "bernoulli", "p": 0.25}]},
    "figures": {"formats": ["png"], "representatives": dict.fromkeys(("bright", "moderate", "dark"), "noise")},
    "device": "cpu",
}
TARGETS = ("summary", "claims", "cube", "figure_2", "latents")
"""A file of every kind, in half the time that all figures take."""


def content(project: Project) -> dict[str, bytes]:
    """All files of a study but its logs, and the temporary ones that are left."""
    files = (path for path in project.results.rglob("*") if path.is_file())
    return {
        path.relative_to(project.results).as_posix(): path.read_bytes()
        for path in files
        if path.relative_to(project.results).parts[0] != "logs"
    }


def incomplete(project: Project) -> set[str]:
    """Names of the outputs of which Snakemake knows that their job was interrupted."""
    folder = project.folder / ".snakemake" / "incomplete"
    found = ("".join(path.relative_to(folder).parts).replace("@", "") for path in folder.rglob("*") if path.is_file())
    return {base64.urlsafe_b64decode(name).decode() for name in found}


def kill_at(project: Project, step: int, who: str, pause: float = 0, targets: tuple[str, ...] = TARGETS) -> bool:
    """Start a run that kills itself at a step of its publications; whether it came so far. The folder is unlocked."""
    counter = project.folder / f"steps-{time.monotonic_ns()}"
    environment = {
        "FAULT_COUNTER": str(counter),
        "FAULT_AT": str(step),
        "FAULT_WHO": who,
        "FAULT_PAUSE": str(pause),
        "PYTHONPATH": str(SHIM),
    }
    with (project.folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            project.command(*targets),
            cwd=project.folder,
            env=os.environ | project.environment | environment,
            start_new_session=True,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        process.wait(timeout=300)
    if process.returncode != -signal.SIGKILL:
        assert process.returncode == 0, (project.folder / "output.txt").read_text()
        return False
    if who == "group":
        await_orphans(project)
    project.finish("--unlock")
    return True


def orphans(project: Project) -> list[int]:
    """Processes that a run of this project started, and that are still there."""
    wanted = f"FAULT_COUNTER={project.folder}/".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if any(each.startswith(wanted) for each in path.read_bytes().split(b"\0")):
                found.append(int(path.parent.name))
        except OSError:  # has ended, or is another's
            continue
    return found


def release(project: Project) -> None:
    """Let the jobs of killed runs go on that pause."""
    for counter in project.folder.glob("steps-*"):
        counter.with_name(f"{counter.name}.go").touch()


def await_orphans(project: Project) -> None:
    deadline = time.monotonic() + 120
    while orphans(project):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def killed_again_and_again(
    make: Callable[[], Project], kills: int, who: str, draw: random.Random, undisturbed: dict[str, bytes]
) -> None:
    """Kill run after run of a study, and study after study, until there were so many kills; each must come out."""
    done = 0
    while done < kills:
        project = make()
        while done < kills:
            before = {path: path.stat().st_mtime_ns for path in project.results.rglob("*.*") if path.is_file()}
            lost = incomplete(project)
            killed = kill_at(project, draw.randint(1, 8), who, draw.choice([0, 1.5, 4]))
            if who == "group":
                check_nothing_is_made_twice(project, before, lost)
            if not killed:
                break
            done += 1
        project.finish(*TARGETS)
        await_orphans(project)
        assert content(project) == undisturbed


def check_nothing_is_made_twice(project: Project, before: dict[Path, int], lost: set[str]) -> None:
    """Of the files that were there, a run changed those alone whose job had been interrupted."""
    for path, modified in before.items():
        name = path.relative_to(project.folder)
        if name.parts[2] not in ("logs", "checksums") and path.suffix != ".part" and str(name) not in lost:
            assert path.stat().st_mtime_ns == modified, name


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small study, made without any fault."""
    project = copy_project(tmp_path_factory.mktemp("undisturbed") / "project", SMALL)
    project.finish(*TARGETS)
    return project


@pytest.fixture(scope="session")
def undisturbed(small_once: Project) -> dict[str, bytes]:
    return content(small_once)


def pytest_terminal_summary(terminalreporter) -> None:
    """What was counted, as a table of Markdown."""
    rows = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                rows += [value for name, value in report.user_properties if name == "faults"]
    if rows:
        terminalreporter.write_line("")
        for row in (("fault", "cases", "outcome"), ("---",) * 3, *sorted(map(tuple, rows))):
            terminalreporter.write_line(f"| {' | '.join(map(str, row))} |")
