"""How long it will take to make what is missing of a study, as the jobs that have finished took."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from .running import Job, state

WINDOW = 600
"""Seconds over which it is counted how many jobs run at a time."""


def at_a_time(jobs: Iterable[Job], now: float) -> float:
    """Mean number of jobs that ran at a time, over those of the last WINDOW seconds in which any did; 1 if none.

    If none runs, the window ends with the last that has finished.
    """
    spans = []
    for job in jobs:
        if job.began is not None and (job.took is not None or state(job, now) == "running"):
            spans.append((job.began, now if job.took is None else job.began + job.took))
    first = max((end for _, end in spans), default=now) - WINDOW
    spans = sorted((max(begin, first), end) for begin, end in spans if end > first)
    any_ran, until = 0.0, first
    for begin, end in spans:
        any_ran += max(0.0, end - max(begin, until))
        until = max(until, end)
    return sum(end - begin for begin, end in spans) / any_ran if any_ran else 1.0


def time_left(pending: Mapping[str, int], jobs: Sequence[Job], now: float) -> dict[str, float | None]:
    """Seconds until the files of every rule are made; None for a rule none of whose jobs has finished.

    Files that are missing times the median of the seconds that finished jobs of the rule took for a file, less what
    those that run have spent; divided by the number of jobs that run at a time, or by that of missing ones if it is
    smaller. Waiting, for other rules or in a queue, is no part of it.

    Parameters
    ----------
    pending : Mapping[str, int]
        How many files of every rule are to be made.
    jobs : Sequence[Job]
        All of the study.
    now : float
        Seconds since the epoch.
    """
    together = at_a_time(jobs, now)
    of_rules: dict[str, list[Job]] = {rule: [] for rule in pending}
    for job in jobs:
        if job.rule in of_rules:
            of_rules[job.rule].append(job)
    return {rule: _left(files, of_rules[rule], together, now) for rule, files in pending.items()}


def _left(files: int, jobs: Sequence[Job], together: float, now: float) -> float | None:
    took = [(job.took / job.files, job.files) for job in jobs if job.took is not None and job.files]
    if not took:
        return None
    a_file = median(seconds for seconds, _ in took)
    missing = files / median(count for _, count in took)
    running = [job for job in jobs if state(job, now) == "running" and job.began is not None]
    spent = sum(min(now - job.began, a_file * job.files) for job in running if job.began is not None)
    return max(0.0, a_file * files - spent) / max(1.0, min(together, missing))
