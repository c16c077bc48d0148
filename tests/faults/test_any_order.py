"""Make, kill, resume, delete, corrupt, verify, in any order: a run and what verify says give the undisturbed bytes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.workflow.conftest import Project, copy_project

from .conftest import SMALL, await_orphans, content, kill_at

EXAMPLES = 5
STEPS = 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small study with all its figures, made without any fault."""
    project = copy_project(tmp_path_factory.mktemp("whole") / "project", SMALL)
    project.finish("all")
    return project


class Study(RuleBasedStateMachine):
    """One study, and all that can befall it."""

    whole: Project
    folder: Path
    steps: list[str]

    def __init__(self) -> None:
        super().__init__()
        folder = self.folder / f"{len(list(self.folder.iterdir()))}" / "project"
        folder.parent.mkdir()
        shutil.copytree(self.whole.folder, folder)
        self.project = Project(folder, SMALL)

    def files(self) -> list[Path]:
        """All but logs, so that what is drawn means the same whenever it is drawn again."""
        found = (path for path in self.project.results.rglob("*") if path.is_file() and path.suffix != ".part")
        return sorted(path for path in found if path.relative_to(self.project.results).parts[0] != "logs")

    def unlink_one(self, which: int) -> None:
        # not a checksum: without it verify can but say how many files have none
        if files := [path for path in self.files() if path.suffix != ".sha256"]:
            files[which % len(files)].unlink()

    @rule(which=st.integers(0, 10**6))
    def delete(self, which: int) -> None:
        self.unlink_one(which)
        self.steps.append("delete")

    @rule(which=st.integers(0, 10**6), where=st.integers(0, 10**6), bit=st.integers(0, 7))
    def corrupt(self, which: int, where: int, bit: int) -> None:
        # a job that pauses between a file and its checksum would take down that of the corrupted one
        await_orphans(self.project)
        if files := [path for path in self.files() if path.stat().st_size]:
            path = files[which % len(files)]
            bytes_ = bytearray(path.read_bytes())
            bytes_[where % len(bytes_)] ^= 1 << bit
            path.write_bytes(bytes_)
            self.steps.append("corrupt")

    @rule(which=st.integers(0, 10**6))
    def cut(self, which: int) -> None:
        await_orphans(self.project)
        if files := [path for path in self.files() if path.stat().st_size]:
            path = files[which % len(files)]
            os.truncate(path, path.stat().st_size // 2)
            self.steps.append("cut")

    @rule(step=st.integers(1, 12), who=st.sampled_from(["group", "head"]), which=st.integers(0, 10**6))
    def make_and_kill(self, step: int, who: str, which: int) -> None:
        self.mend(once=True)  # a run that is refused would not come to be killed
        self.unlink_one(which)
        kill_at(self.project, step, who, 1, ("all",))
        self.steps.append(f"kill {who}")

    @rule()
    def make(self) -> None:
        self.project.run("all")
        self.steps.append("make")

    @rule()
    def verify(self) -> None:
        self.project.run("verify")
        self.steps.append("verify")

    def mend(self, once: bool = False) -> bool:
        """Do what ``verify`` says, once or until it has nothing to say; whether it has not."""
        for _ in range(1 if once else 4):
            said = self.project.run("verify").stdout
            if "makes them again: " not in said:
                return True
            command = said.partition("makes them again: ")[2].splitlines()[0]
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            subprocess.run(
                command, shell=True, cwd=self.project.folder, env=os.environ | {"PATH": path}, capture_output=True
            )
        return False

    def teardown(self) -> None:
        await_orphans(self.project)
        self.project.run("all")
        assert self.mend(), self.steps
        self.project.finish("all")
        assert content(self.project) == content(self.whole), self.steps
        shutil.rmtree(self.project.folder)


@pytest.mark.campaign
def test_in_any_order(whole: Project, tmp_path: Path, record_property) -> None:
    steps: list[str] = []

    class Here(Study):
        pass

    Here.whole, Here.folder, Here.steps = whole, tmp_path, steps
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # to shrink a failure would take longer than all else
            suppress_health_check=list(HealthCheck),
        ),
    )
    record_property("faults", ("make, kill, delete, corrupt, cut, verify in any order", len(steps), "the same bytes"))
