"""What of a study runs, has finished or has failed: told from the logs of its jobs alone."""

import os
import platform
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aespectra.files import runs
from aespectra.logs import ADVANCED, seconds

SILENT = 600
"""Seconds without a line after which a job does not count as running: Progress writes one every 20 seconds."""

BEGUN = re.compile(r"^(\d\d:\d\d:\d\d) begun on (\S+) by process (\d+) of (.*)\n", re.MULTILINE)
RULE = re.compile(r"^\d\d:\d\d:\d\d rule (\S+), files: (\d+)\n", re.MULTILINE)
FAILED = re.compile(r"^\d\d:\d\d:\d\d failed\nTraceback ", re.MULTILINE)
SAID = re.compile(r"^\d\d:\d\d:\d\d (.*)", re.MULTILINE)


class Progress(NamedTuple):
    """The last line of a job that says how far it is."""

    done: int
    total: int | None
    unit: str
    rate: float  # units a second


class Job(NamedTuple):
    """What the log of a job says; None where it does not, as that of an earlier version."""

    name: str
    rule: str | None
    files: int  # that it makes
    began: float | None  # seconds since the epoch, as heard
    process: tuple[int, str] | None  # and its machine
    took: float | None  # seconds, if it has finished
    failed: bool
    progress: Progress | None
    said: str  # the last line, less its time; of what comes later without a time the last line of that
    heard: float  # when the last line was written


def read(name: str, text: str, heard: float) -> Job:
    """The job whose log this is, last written to at the time ``heard``."""
    begun, rule = BEGUN.search(text), RULE.search(text)
    advanced = list(ADVANCED.finditer(text))
    lines = RULE.sub("", BEGUN.sub("", text)).split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    time_of_day = SAID.match(last)
    return Job(
        name,
        rule[1] if rule else None,
        int(rule[2]) if rule else 1,
        time.mktime(time.strptime(f"{begun[2]} {begun[1]}", "%Y-%m-%d %H:%M:%S")) if begun else None,
        (int(begun[3]), begun[4]) if begun else None,
        seconds(text),
        bool(FAILED.search(text)),
        _progress(advanced[-1].groups()) if advanced else None,
        time_of_day[1] if time_of_day else last.strip(),
        heard,
    )


def _progress(groups: tuple[str, ...]) -> Progress:
    done, total, unit, rate = groups
    return Progress(
        int(done.replace(",", "")), int(total.replace(",", "")) if total else None, unit, float(rate.replace(",", ""))
    )


def state(job: Job, now: float) -> str:
    """Whether a job has ``finished`` or ``failed``, is ``running``, ``gone`` or ``silent``.

    Gone: its log has no end, and its process is no more, which is known of jobs of this machine; it was killed, or it
    crashed. Silent: no end, and no line for SILENT seconds; it was killed on another machine, or is in a long step.
    """
    if job.failed:
        return "failed"
    if job.took is not None:
        return "finished"
    if job.process and job.process[1] == platform.node() and not runs(job.process[0]):
        return "gone"
    return "silent" if now - job.heard > SILENT else "running"


class Logs:
    """All jobs of a folder of logs; a log that has not changed since the last look is not read again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: dict[str, tuple[tuple[int, int], Job]] = {}

    def look(self) -> list[Job]:
        """Jobs by name; those whose log is gone are none."""
        self.known = dict(self._found())
        return [job for _, (_, job) in sorted(self.known.items())]

    def _found(self) -> Iterator[tuple[str, tuple[tuple[int, int], Job]]]:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                try:
                    found = path.stat()
                    stamp = found.st_mtime_ns, found.st_size
                    known = self.known.get(str(path))
                    if known is None or known[0] != stamp:
                        job = path.relative_to(self.folder).with_suffix("").as_posix()
                        text = path.read_text(encoding="utf-8", errors="replace")
                        known = stamp, read(job, text, found.st_mtime)
                except FileNotFoundError:  # begun anew just now
                    continue
                yield str(path), known
