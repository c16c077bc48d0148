"""Progress lines, and what an exception leaves in the log."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aespectra import logs
from aespectra.logs import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])
    return now


def test_progress_says_rate_and_time_left(clock, caplog):
    caplog.set_level(logging.INFO)
    progress = Progress("d 2", 1000, "epochs", every=10)
    clock[0] += 5
    progress.advance(100)
    assert caplog.messages == []
    clock[0] += 5
    progress.advance(100, "loss 0.5")
    assert caplog.messages == ["d 2: 200 of 1,000 epochs, 20 a second, 40 s left, loss 0.5"]
    clock[0] += 9
    progress.advance(100)
    assert len(caplog.messages) == 1
    clock[0] += 1
    progress.advance(700)
    assert caplog.messages[1] == "d 2: 1,000 of 1,000 epochs, 50 a second"


def run(path: Path, body: str, ci: str = "") -> subprocess.CompletedProcess:
    """A job that runs ``body`` under ``logged``, in a process of its own, where nobody else has set up logging."""
    code = f"import logging\nfrom aespectra.logs import logged\nwith logged({str(path)!r}):\n    {body}"
    folder = Path(logs.__file__).parents[1]
    command, environment = [sys.executable, "-c", code], os.environ | {"CI": ci}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_lines_go_to_the_file_and_to_the_terminal(tmp_path):
    job = run(tmp_path / "job.log", "logging.getLogger('aespectra').info('a line')")
    assert job.returncode == 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d a line\n", (tmp_path / "job.log").read_text())
    assert job.stderr == (tmp_path / "job.log").read_text()


def test_progress_under_ci_goes_to_the_file_alone(tmp_path):
    progress = "from aespectra.logs import Progress; Progress('d 2', 3, 'epochs').advance(3); "
    job = run(tmp_path / "job.log", f"{progress} raise ValueError('the reason.')", ci="true")
    assert "d 2: 3 of 3 epochs" in (tmp_path / "job.log").read_text()
    assert re.fullmatch(r"\d\d:\d\d:\d\d ValueError: the reason\.\n", job.stderr)
    assert "d 2: 3 of 3 epochs" in run(tmp_path / "job.log", progress).stderr


def test_warnings_are_logged(tmp_path):
    run(tmp_path / "job.log", "import warnings; warnings.warn('look here')")
    assert "look here" in (tmp_path / "job.log").read_text()


def test_an_exception_is_one_sentence_on_the_terminal_and_a_traceback_in_the_file(tmp_path):
    job = run(tmp_path / "job.log", "raise ValueError('the reason.')")
    assert job.returncode == 1
    assert job.stderr.strip().endswith("ValueError: the reason.")
    assert len(job.stderr.splitlines()) == 1
    text = (tmp_path / "job.log").read_text()
    assert "Traceback" in text
    assert text.strip().endswith("ValueError: the reason.")
