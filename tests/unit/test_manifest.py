"""Wall time read from a job's log."""

from pathlib import Path

import pytest
from aespectra.report.manifest import seconds


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
def test_seconds_are_those_of_the_last_line(tmp_path: Path, lines: list[str], expected: float | None) -> None:
    log = tmp_path / "job.log"
    log.write_text("\n".join([*lines, ""]))
    assert seconds(log) == expected
