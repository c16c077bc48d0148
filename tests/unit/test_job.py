"""What a job leaves in its log: lines, seconds, the reason of a failure and what mends it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from study import job


def run(path: Path, body: str, ci: str = "") -> subprocess.CompletedProcess:
    """A job that runs ``body`` under ``logged``, in a process of its own, where nobody else has set up logging."""
    code = f"import logging\nfrom study.job import logged\nwith logged({str(path)!r}):\n    {body}"
    folder = Path(job.__file__).parents[1]
    command, environment = [sys.executable, "-c", code], os.environ | {"CI": ci}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_lines_go_to_the_file_and_to_the_terminal(tmp_path):
    done = run(tmp_path / "job.log", "logging.getLogger('aespectra').info('a line')")
    assert done.returncode == 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d a line\n", done.stderr)
    begun, *others, took = (tmp_path / "job.log").read_text().splitlines(keepends=True)
    assert re.fullmatch(r"\d\d:\d\d:\d\d begun on \d{4}-\d\d-\d\d by process \d+ of .*\n", begun)
    assert "".join(others) == done.stderr
    assert re.fullmatch(r"\d\d:\d\d:\d\d took \d+\.\d\d s\n", took)


def test_progress_under_ci_goes_to_the_file_alone(tmp_path):
    progress = "from aespectra.logs import Progress; Progress('d 2', 3, 'epochs').advance(3); "
    done = run(tmp_path / "job.log", f"{progress} raise ValueError('the reason.')", ci="true")
    assert "d 2: 3 of 3 epochs" in (tmp_path / "job.log").read_text()
    assert re.fullmatch(r"\d\d:\d\d:\d\d ValueError: the reason\.\n", done.stderr)
    assert "d 2: 3 of 3 epochs" in run(tmp_path / "job.log", progress).stderr


def test_warnings_are_logged(tmp_path):
    run(tmp_path / "job.log", "import warnings; warnings.warn('look here')")
    assert "look here" in (tmp_path / "job.log").read_text()


def test_an_exception_is_one_sentence_on_the_terminal_and_a_traceback_in_the_file(tmp_path):
    done = run(tmp_path / "job.log", "raise ValueError('the reason.')")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ValueError: the reason.")
    assert len(done.stderr.splitlines()) == 1
    text = (tmp_path / "job.log").read_text()
    assert "Traceback" in text
    assert text.strip().endswith("ValueError: the reason.")


@pytest.mark.parametrize(
    ("error", "hint"), [("MemoryError", "--set-resources"), ("DivergedError", "training.learning_rate")]
)
def test_the_config_key_that_mends_it_is_said(tmp_path, error, hint):
    done = run(tmp_path / "job.log", f"from aespectra.models.train import DivergedError; raise {error}('the reason.')")
    assert re.fullmatch(rf"\d\d:\d\d:\d\d {error}: the reason\. .*{hint}.*\.\n", done.stderr)


def test_a_kind_of_an_error_with_a_hint_has_it_too(tmp_path):
    body = "from torch import OutOfMemoryError; raise type('Full', (MemoryError,), {})('full.')"
    assert "Full: full. --set-resources" in run(tmp_path / "job.log", body).stderr


def test_a_crash_says_where(tmp_path):
    done = run(tmp_path / "job.log", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr
    assert 'File "<string>", line 4' in done.stderr
