"""How far a long job is: a line now and then; and how such lines are read."""

import logging
import re
import time

log = logging.getLogger(__name__)

TOOK = re.compile(r"^\d\d:\d\d:\d\d took ([\d.]+) s$", re.MULTILINE)
"""The last line of the log of a job that has ended."""

ADVANCED = re.compile(r"^\d\d:\d\d:\d\d .*: ([\d,]+)(?: of ([\d,]+))? ([^,\n]+), ([\d,.e+-]+) a second", re.MULTILINE)
"""A line of Progress: how much is done, of what total, the unit and the rate."""


class Progress:
    """Log how much of ``total`` is done, the rate and the time left, every ``every`` seconds and at the end.

    Where the total is not known: how much, and the rate.
    """

    def __init__(self, what: str, total: int | None, unit: str, every: float = 20.0):
        self.what, self.total, self.unit, self.every, self.done = what, total, unit, every, 0
        self.start = self.last = time.monotonic()

    def advance(self, amount: int, state: str = "") -> None:
        self.done += amount
        now = time.monotonic()
        if now - self.last < self.every and self.done != self.total:
            return
        self.last = now
        rate = self.done / (now - self.start)
        of_all = "" if self.total is None else f" of {self.total:,}"
        line = f"{self.what}: {self.done:,}{of_all} {self.unit}, {rate:,.4g} a second"
        if self.total is not None and self.done < self.total:
            line += f", {(self.total - self.done) / rate:,.0f} s left"
        log.info(line + (f", {state}" if state else ""))


def first_line(error: Exception) -> str:
    """What an error says in one line; its kind, if it says nothing."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def seconds(text: str) -> float | None:
    """Wall time that a job's log ends with; None where it does not, as of one that is running or was killed."""
    times = TOOK.findall(text)
    return float(times[-1]) if times else None
