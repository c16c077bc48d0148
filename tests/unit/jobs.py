"""Jobs as their logs tell of them, made up."""

import time

from study.running import Job, read

NOW = time.mktime((2026, 3, 4, 12, 0, 0, 0, 0, -1))
ELSEWHERE = "a machine that this is not"


def log(
    rule: str = "spectra", files: int = 1, began: float = 0, *lines: str, process: int = 1, machine=ELSEWHERE
) -> str:
    """The text of a log that was begun so many seconds before NOW."""
    when = time.localtime(NOW - began)
    clock = time.strftime("%H:%M:%S", when)
    header = [
        f"begun on {time.strftime('%Y-%m-%d', when)} by process {process} of {machine}",
        f"rule {rule}, files: {files}",
    ]
    return "".join(f"{clock} {line}\n" for line in (*header, *lines))


def finished(name: str, rule: str, took: float, ago: float = 0, files: int = 1) -> Job:
    """Ended so many seconds before NOW."""
    return read(name, log(rule, files, took + ago, f"took {took:.2f} s"), NOW - ago)


def running(name: str, rule: str, began: float, *lines: str, files: int = 1, silent: float = 5) -> Job:
    """Begun so many seconds before NOW, on another machine."""
    return read(name, log(rule, files, began, *lines), NOW - silent)
