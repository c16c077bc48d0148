"""What is shown of a study: time left, what runs, what failed, and how much of every stage is done."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aespectra.report.pages import heading, table, verbatim, write_page

from .outlook import at_a_time, time_left
from .plan import STATES, File, stage, states
from .running import Job, state

SHOWN = 12
"""Names of missing results in a line, and jobs in a table."""

HEAD = """<meta name="viewport" content="width=device-width">
<style>
body { margin: 1rem auto; max-width: 70rem; padding: 0 0.8rem; }
h2 { font-size: 1.1rem; margin: 1.2rem 0 0.3rem; }
table { width: 100%; }
td:first-child, td:last-child { overflow-wrap: anywhere; }
td:first-child { min-width: 7rem; }
@media (max-width: 600px) { body { font-size: 12px; } th, td { padding-right: 0.4rem; } }
</style>
"""

WHY = {
    "gone": "its process is gone: killed, or it crashed",
    "silent": "no line for ten minutes: killed, or in a long step",
}
"""Of a job that has no end and does not count as running."""


class Table(NamedTuple):
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


class Board(NamedTuple):
    """All that is shown at one moment."""

    title: str
    lines: list[str]
    tables: list[Table]
    finished: bool  # nothing is left to make, and nothing runs


def board(files: Sequence[File], jobs: Sequence[Job], now: float) -> Board:
    """What the files and the jobs of a study come to, at a time in seconds since the epoch."""
    pending = Counter(file.rule for file in files if file.pending)
    left = time_left(pending, jobs, now)
    running = [job for job in jobs if state(job, now) == "running"]
    ended = [job for job in jobs if state(job, now) in ("failed", *WHY)]
    study = "/".join(files[0].path.parts[:2])
    return Board(
        f"{study}, {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}",
        _outlook(pending, left, at_a_time(jobs, now)),
        [_running(running, now), _ended(ended, now), _stages(files, left, pending)],
        not pending and not running,
    )


def _outlook(pending: Counter[str], left: dict[str, float | None], together: float) -> list[str]:
    if not pending:
        return ["Nothing is left to make."]
    known = [seconds for seconds in left.values() if seconds is not None]
    unknown = [rule for rule, seconds in left.items() if seconds is None]
    lines = [f"{pending.total()} files to make."]
    if known:
        about = f"{'Over' if unknown else 'About'} {span(sum(known))} left"
        lines += [f"{about}, as finished jobs of the same rules took, {together:.1f} jobs at a time."]
    if unknown:
        lines += [f"Time unknown of rules that have finished no job: {_some(unknown)}."]
    return lines


def _running(jobs: Sequence[Job], now: float) -> Table:
    rates: dict[str, float] = {}
    for job in jobs:
        if job.progress:
            rates[job.progress.unit] = rates.get(job.progress.unit, 0) + job.progress.rate
    speed = "".join(f", {rate:,.4g} {unit} a second" for unit, rate in rates.items())
    rows = [
        (job.name, span(now - job.began) if job.began else "", f"{span(now - job.heard)} ago", *_progress(job))
        for job in jobs
    ]
    return Table(f"Running: {len(jobs)}{speed}", ("job", "for", "last line", "a second", "so far"), _first(rows))


def _progress(job: Job) -> tuple[str, str]:
    if job.progress is None:
        return "", job.said
    done, total, unit, rate = job.progress
    return f"{rate:,.4g}", f"{done:,} of {total:,} {unit}, {done / total:.0%}" if total else f"{done:,} {unit}"


def _ended(jobs: Sequence[Job], now: float) -> Table:
    latest = sorted(jobs, key=lambda job: -job.heard)
    rows = [(job.name, f"{span(now - job.heard)} ago", job.said if job.failed else _why(job, now)) for job in latest]
    return Table(f"Failed or killed: {len(jobs)}", ("job", "when", "last line of its log"), _first(rows))


def _why(job: Job, now: float) -> str:
    return f"{job.said} ({WHY[state(job, now)]})".lstrip()


def _stages(files: Sequence[File], left: dict[str, float | None], pending: Counter[str]) -> Table:
    shares: dict[str, list[float | None]] = {}
    for file in files:
        if file.pending:
            seconds = left[file.rule]
            shares.setdefault(stage(file), []).append(None if seconds is None else seconds / pending[file.rule])
    rows = []
    for name, results in states(files).items():
        done, out_of_date, missing = ([each for each, found in results.items() if found == state] for state in STATES)
        number = str(len(out_of_date) or "")
        rows.append((name, f"{len(done)} of {len(results)}", number, _time(shares.get(name, [])), _some(missing)))
    return Table("Stages", ("", "done", "out of date", "time left", "missing"), rows)


def _time(shares: list[float | None]) -> str:
    known = [seconds for seconds in shares if seconds is not None]
    if not shares:
        return ""
    return span(sum(known)) if len(known) == len(shares) else f"over {span(sum(known))}" if known else "unknown"


def _some(names: Sequence[str]) -> str:
    return " ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _first(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    more = [(f"and {len(rows) - SHOWN} more",)] if len(rows) > SHOWN else []
    return [*rows[:SHOWN], *more]


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = round(seconds)
    for size, unit, smaller, below in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {below}" if rest else f"{whole // size} {unit}"
    return f"{max(whole, 0)} s"


def as_text(shown: Board) -> list[str]:
    """Its lines; of a table without rows the title alone."""
    lines = [shown.title, *shown.lines]
    for title, head, rows in shown.tables:
        lines += ["", title]
        widths = [max(len(row[i]) for row in (head, *rows) if i < len(row)) for i in range(len(head))]
        for row in (head, *rows) if rows else ():
            lines.append("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip())
    return lines


def write_board(path: Path, shown: Board, every: float | None) -> None:
    """Write it as a page, whole or not at all, that loads itself anew every so many seconds; None for never."""
    again = f'<meta http-equiv="refresh" content="{every:.0f}">\n' if every else ""
    parts = [
        part for title, head, rows in shown.tables for part in (heading(title), table(head, *rows) if rows else "")
    ]
    write_page(path, shown.title, HEAD + again, heading(shown.title), verbatim("\n".join(shown.lines)), *parts)
