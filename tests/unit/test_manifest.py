"""Wall time read from a job's log."""

from pathlib import Path

import pytest
from aespectra.manifest import seconds


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["10:00:00 begins", "10:00:59 on", "11:02:03 done"], 3723),
        (["23:59:50 begins", "00:00:05 done"], 15),
        (["10:00:00 begins and ends"], 0),
        (["no time", "at 10:00:00"], 0),
        (["10:00:00 begins", "Traceback: 11:00:00"], 0),
        ([], 0),
    ],
)
def test_seconds_are_those_between_the_first_line_and_the_last(tmp_path: Path, lines: list[str], expected: int) -> None:
    log = tmp_path / "job.log"
    log.write_text("\n".join(lines))
    assert seconds(log) == expected
