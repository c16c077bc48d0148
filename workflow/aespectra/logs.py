"""What a job says while it runs: to its log file and to the terminal."""

import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)


@contextlib.contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Send log lines and warnings to ``path`` and to the terminal; an exception ends the job.

    The terminal gets its one sentence, the file the traceback as well. Under CI (environment variable CI) the terminal
    gets only warnings and errors.
    """
    file, terminal = logging.FileHandler(path, mode="w"), logging.StreamHandler()
    if os.environ.get("CI"):
        terminal.setLevel(logging.WARNING)
    logging.basicConfig(
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=[file, terminal],
    )
    logging.getLogger("aespectra").setLevel(logging.INFO)  # other libraries only speak up to warn
    logging.captureWarnings(True)
    try:
        yield
    except Exception as error:
        # first the whole story to the file, then the sentence to both
        file.handle(log.makeRecord(log.name, logging.ERROR, "", 0, "failed", (), sys.exc_info()))
        log.error("%s: %s", type(error).__name__, error)
        sys.exit(1)


class Progress:
    """Log how much of ``total`` is done, the rate and the time left, every ``every`` seconds and at the end."""

    def __init__(self, what: str, total: int, unit: str, every: float = 20.0):
        self.what, self.total, self.unit, self.every, self.done = what, total, unit, every, 0
        self.start = self.last = time.monotonic()

    def advance(self, amount: int, state: str = "") -> None:
        self.done += amount
        now = time.monotonic()
        if now - self.last < self.every and self.done < self.total:
            return
        self.last = now
        rate = self.done / (now - self.start)
        line = f"{self.what}: {self.done:,} of {self.total:,} {self.unit}, {rate:,.4g} a second"
        line += f", {(self.total - self.done) / rate:,.0f} s left" if self.done < self.total else ""
        log.info(line + (f", {state}" if state else ""))
