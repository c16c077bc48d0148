"""Progress lines."""

import logging

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
