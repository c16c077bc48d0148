"""Progress lines, and what is read from logs."""

import logging

import pytest
from aespectra import logs
from aespectra.logs import ADVANCED, Progress, seconds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    done=st.integers(1, 10**9),
    more=st.none() | st.integers(0, 10**9),
    took=st.floats(1e-3, 1e6),
    what=st.sampled_from(["cube", "latent_dim 4, seed 0", "a: b"]),
    state=st.sampled_from(["", "loss 0.5", "3 a second"]),
)
def test_a_line_of_progress_is_read_as_it_was_meant(clock, caplog, done, more, took, what, state):
    caplog.set_level(logging.INFO)
    caplog.clear()
    progress = Progress(what, None if more is None else done + more, "points", every=0)
    clock[0] = progress.start + took
    progress.advance(done, state)
    (found,) = ADVANCED.findall(f"10:00:00 {caplog.messages[0]}\n")
    assert found[:3] == (f"{done:,}", "" if more is None else f"{done + more:,}", "points")
    assert float(found[3].replace(",", "")) == pytest.approx(done / (clock[0] - progress.start), rel=1e-3)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["10:00:00 begins", "11:02:03 took 3723.04 s"], 3723.04),
        (["00:00:05 took 0.02 s"], 0.02),
        (["10:00:00 an epoch took 3 s", "10:00:01 took 1.5 s"], 1.5),
        (["10:00:00 took 2.00 s", "10:00:05 took 7.00 s"], 7),
        (["10:00:00 begins", "10:00:59 on"], None),
        (["10:00:00 it took 3.2 s", "10:00:00 took 3.2 s more", "took 3.2 s"], None),
        ([], None),
    ],
)
def test_seconds_are_those_of_the_last_line(lines: list[str], expected: float | None) -> None:
    assert seconds("\n".join([*lines, ""])) == expected
