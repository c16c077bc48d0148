"""What jobs say in their logs: finished, failed, running, gone or silent, and how far they are."""

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from study import running
from study.running import SILENT, Logs, Progress, read, state

from .jobs import ELSEWHERE, NOW, log

POINTS = "latent_dim 4, seed 0: 1,797 of 17,970 points, 52.8 a second, 306 s left"
LOGGED = """
import os, signal, time
from pathlib import Path
from types import SimpleNamespace
from study.checked import checked
from study.job import logged
from aespectra.logs import Progress

job = SimpleNamespace(rule="spectra", input=[], output=["made/d2.nc", "made/d3.nc"], log=["made/logs/spectra/d2.log"])
with logged(job.log[0]), checked(job):
    Progress("d 2", 40, "points", every=0).advance(10)
    {body}
    for path in job.output:
        Path(path).touch()
"""


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    (tmp_path / "made" / "logs" / "spectra").mkdir(parents=True)
    return Logs(tmp_path / "made" / "logs")


def start(logs: Logs, body: str) -> subprocess.Popen:
    """A job that does this, and is really logged."""
    environment = os.environ | {"PYTHONPATH": str(Path(running.__file__).parents[1])}
    command = [sys.executable, "-c", LOGGED.format(body=body)]
    return subprocess.Popen(command, cwd=logs.folder.parents[1], env=environment, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("body", "expected", "said"),
    [
        ("", "finished", r"took "),
        ("raise ValueError('the reason.')", "failed", "ValueError: the reason."),
        ("os.kill(os.getpid(), signal.SIGKILL)", "gone", "d 2: 10 of 40 points"),
    ],
)
def test_a_job_that_has_ended(logs, body, expected, said):
    before = time.time()
    start(logs, body).wait()
    (job,) = logs.look()
    assert state(job, time.time()) == expected
    assert (job.name, job.rule, job.files) == ("spectra/d2", "spectra", 2)
    assert before - 1 <= job.began <= time.time()
    assert job.said.startswith(said)
    assert (job.took is not None) == (expected == "finished")


def test_a_job_that_runs_and_is_killed(logs):
    process = start(logs, "time.sleep(60)")
    try:
        while not (jobs := logs.look()) or jobs[0].progress is None:
            assert process.poll() is None
            time.sleep(0.02)
        assert state(jobs[0], time.time()) == "running"
        assert jobs[0].progress[:3] == (10, 40, "points")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (job,) = logs.look()
    assert state(job, time.time()) == "gone"


def test_jobs_of_other_machines_are_told_by_their_silence():
    job = read("spectra/d2", log("spectra", 1, 3000, POINTS), NOW)
    assert job.process == (1, ELSEWHERE)
    assert state(job, NOW + SILENT) == "running"
    assert state(job, NOW + SILENT + 1) == "silent"


def test_a_process_of_this_machine_that_says_nothing_is_silent():
    here = log("spectra", 1, 3000, POINTS, process=os.getpid(), machine=platform.node())
    assert state(read("spectra/d2", here, NOW), NOW + 1) == "running"
    assert state(read("spectra/d2", here, NOW), NOW + SILENT + 1) == "silent"  # of another that got its number


@pytest.mark.parametrize("text", ["", "12:00:00 training begins\n", "12:00:"])
def test_a_log_that_does_not_say_who_writes_it(text):
    job = read("train/d2", text, NOW)
    assert (job.rule, job.began, job.process) == (None, None, None)
    assert (state(job, NOW + 1), state(job, NOW + SILENT + 1)) == ("running", "silent")


def test_progress_is_that_of_the_last_line_that_has_one():
    job = read("spectra/d2", log("spectra", 1, 60, "spectra on cpu", POINTS, "writing"), NOW)
    assert job.progress == Progress(1797, 17970, "points", 52.8)
    assert job.said == "writing"
    job = read("a", log("a", 1, 60, "spectra: 1,797 points, 1.355e+05 a second"), NOW)
    assert job.progress == Progress(1797, None, "points", 135500)
    assert read("a", log("a", 1, 60, "spectra on cpu"), NOW).progress is None


def test_the_last_line_of_a_message_of_several():
    text = log() + "12:00:00 failed\nTraceback (most recent call last):\n  x\n12:00:00 E: no,\n  because of this\n\n"
    job = read("a", text, NOW)
    assert state(job, NOW) == "failed"
    assert job.said == "because of this"


def test_a_job_that_has_said_nothing_yet_has_no_last_line():
    assert read("a", log(), NOW).said == ""


def test_logs_are_read_again_only_if_they_changed(logs, monkeypatch):
    asked = []
    monkeypatch.setattr(running, "read", lambda name, *rest: asked.append(name) or read(name, *rest))
    first, second = logs.folder / "cube.log", logs.folder / "spectra" / "d2.log"
    for path in (first, second):
        path.write_text(log())
    assert [job.name for job in logs.look()] == ["cube", "spectra/d2"]
    logs.look()
    assert sorted(asked) == ["cube", "spectra/d2"]
    second.write_text(log("spectra", 1, 0, "took 3.00 s"))
    assert [job.took for job in logs.look()] == [None, 3]
    assert sorted(asked) == ["cube", "spectra/d2", "spectra/d2"]
    first.unlink()
    assert [job.name for job in logs.look()] == ["spectra/d2"]


def test_a_study_without_logs_has_no_jobs(tmp_path):
    assert Logs(tmp_path / "none").look() == []
