"""Time left, beside what a scheduler would take."""

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study.outlook import WINDOW, at_a_time, time_left

from .jobs import NOW, finished, running


def test_nothing_has_finished():
    jobs = [running("train/d2", "train", 30)]
    assert time_left({"train": 4, "cube": 1}, jobs, NOW) == {"train": None, "cube": None}
    assert at_a_time([], NOW) == 1


def test_missing_files_times_the_median_over_the_jobs_at_a_time():
    jobs = [finished(f"train/{i}", "train", took, ago=20) for i, took in enumerate((90, 100, 500))]
    together = at_a_time(jobs, NOW)
    assert together == pytest.approx((90 + 100 + 500) / 500)
    assert time_left({"train": 4}, jobs, NOW)["train"] == pytest.approx(4 * 100 / together)
    assert time_left({"train": 1}, jobs, NOW)["train"] == pytest.approx(100)  # one job is not made by two


def test_a_job_of_many_files_is_one_job():
    jobs = [finished("train/a", "train", 100, files=8), finished("other", "other", 100), finished("one", "one", 100)]
    assert at_a_time(jobs, NOW) == 3
    assert time_left({"train": 8}, jobs, NOW)["train"] == pytest.approx(100)
    assert time_left({"train": 16}, jobs, NOW)["train"] == pytest.approx(100)


def test_what_running_jobs_have_spent_is_no_part_of_it():
    jobs = [finished("train/0", "train", 100, ago=60), running("train/1", "train", 60)]
    assert at_a_time(jobs, NOW) == 1
    assert time_left({"train": 1}, jobs, NOW)["train"] == pytest.approx(40)
    late = [finished("train/0", "train", 100, ago=300), running("train/1", "train", 300)]
    assert time_left({"train": 1}, late, NOW)["train"] == 0


def test_jobs_that_were_killed_or_have_failed_are_not_counted():
    killed = running("train/1", "train", 3000, silent=2000)
    jobs = [finished("train/0", "train", 100), killed]
    assert at_a_time(jobs, NOW) == 1
    assert time_left({"train": 2}, jobs, NOW)["train"] == pytest.approx(200)


def test_only_the_latest_count():
    before = [finished(f"a/{i}", "a", 50, ago=2 * WINDOW) for i in range(16)]
    assert at_a_time(before, NOW) == 16  # the last that there were
    assert at_a_time([*before, finished("b/0", "b", 10, ago=WINDOW / 2)], NOW) == 1
    long = [running(f"c/{i}", "c", 10 * WINDOW) for i in range(3)]
    assert at_a_time([*before, *long], NOW) == 3


@given(cores=st.integers(1, 8), took=st.integers(1, 300), rounds=st.integers(1, 10), missing=st.integers(1, 60))
def test_equal_jobs_take_what_a_scheduler_takes(cores, took, rounds, missing):
    """All cores were busy until NOW; the estimate knows no rounding to whole rounds."""
    history = [finished(f"a/{r}/{i}", "a", took, ago=took * r) for r in range(rounds) for i in range(cores)]
    ends = [0] * cores
    for _ in range(missing):
        heapq.heapreplace(ends, ends[0] + took)
    estimate = time_left({"a": missing}, history, NOW)["a"]
    assert max(ends) - took < estimate <= max(ends) * (1 + 1e-9)
