"""What is shown of a study, as text and as a page."""

import os
import re
from pathlib import Path

import pytest
import status
from study.board import SHOWN, as_text, board, span, write_board
from study.plan import File, planned, since, states
from study.running import read

from .jobs import NOW, finished, log, running

SPECTRA = [Path(f"results/tiny/spectra/plain/d2_seed{seed}.nc") for seed in range(4)]
FILES = [
    File(Path("results/tiny/training_images.nc"), "images", "done", False),
    *(File(path, "spectra", "missing" if i else "done", bool(i)) for i, path in enumerate(SPECTRA)),
    File(Path("results/tiny/cube.nc"), "cube", "missing", True),
]
JOBS = [
    finished("spectra/plain/d2_seed0", "spectra", 40, ago=20),
    running("spectra/plain/d2_seed1", "spectra", 20, "d 2: 1,000 of 4,000 points, 50 a second, 60 s left"),
    running("spectra/plain/d2_seed2", "spectra", 20, "d 2: 500 of 4,000 points, 25 a second, 140 s left"),
    read("train/plain/d2_seed0", log() + "12:00:00 failed\nTraceback (x):\n12:00:00 E: <no>\n", NOW - 200),
    running("train/plain/d2_seed1", "train", 4000, "training begins", silent=3000),
]


def test_what_is_said():
    assert as_text(board(FILES, JOBS, NOW)) == [
        "results/tiny, 2026-03-04 12:00:00",
        "4 files to make.",
        "Over 1 min left, as finished jobs of the same rules took, 1.3 jobs at a time.",
        "Time unknown of rules that have finished no job: cube.",
        "",
        "Running: 2, 75 points a second",
        "job                     for   last line  a second  so far",
        "spectra/plain/d2_seed1  20 s  5 s ago    50        1,000 of 4,000 points, 25%",
        "spectra/plain/d2_seed2  20 s  5 s ago    25        500 of 4,000 points, 12%",
        "",
        "Failed or killed: 2",
        "job                   when            last line of its log",
        "train/plain/d2_seed0  3 min 20 s ago  E: <no>",
        "train/plain/d2_seed1  50 min ago      training begins (no line for ten minutes: killed, or in a long step)",
        "",
        "Stages",
        "                 done    out of date  time left  missing",
        "training_images  1 of 1",
        "spectra          1 of 4               1 min      d2_seed1 d2_seed2 d2_seed3",
        "cube             0 of 1               unknown    cube",
    ]


def test_a_finished_study():
    shown = board([file._replace(state="done", pending=False) for file in FILES], JOBS[:1], NOW)
    assert shown.finished
    assert shown.lines == ["Nothing is left to make."]
    assert not board(FILES, JOBS[:1], NOW).finished
    assert not board(FILES[:1], JOBS, NOW).finished  # other targets are being made


def test_of_many_the_first():
    jobs = [running(f"a/{i:02}", "a", 5) for i in range(SHOWN + 3)]
    (table, *_) = board(FILES, jobs, NOW).tables
    assert (len(table.rows), table.rows[-1]) == (SHOWN + 1, ("and 3 more",))


def test_a_page_asks_nobody_and_loads_itself_anew(tmp_path):
    shown = board(FILES, JOBS, NOW)
    write_board(tmp_path / "board.html", shown, 5)
    page = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="5">' in page
    assert not re.search(r"https?://|src=|href=|<script", page)
    assert "E: &lt;no&gt;" in page
    for row in (row for table in shown.tables for row in table.rows):
        assert all(f"<td>{cell.replace('<', '&lt;').replace('>', '&gt;')}</td>" in page for cell in row)
    write_board(tmp_path / "board.html", shown, None)
    assert "refresh" not in (tmp_path / "board.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["board.html"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7325, "2 h 2 min"),
        (9e4, "1 d 1 h"),
    ],
)
def test_spans(seconds, expected):
    assert span(seconds) == expected


def test_files_made_since_are_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("missing", "made", "old", "made-anew", "unplanned")
    states_before = ("missing", "missing", "out of date", "out of date", "missing")
    files = [
        File(Path(f"results/tiny/spectra/{name}.nc"), "spectra", state, name != "unplanned")
        for name, state in zip(names, states_before, strict=True)
    ]
    files[0].path.parent.mkdir(parents=True)
    for file, changed in zip(files[1:], (900, 900, 1100, 1100), strict=True):
        file.path.touch()
        os.utime(file.path, (changed, changed))
    after = since(1000, files)
    assert states(after)["spectra"] == dict(
        zip(names, ("missing", "done", "out of date", "done", "missing"), strict=True)
    )
    assert [file.pending for file in after] == [True, False, True, False, False]


def test_a_summary_of_snakemake():
    summary = """output_file,date,rule,log-file(s),status,plan
results/t/a.nc,-,r,-,ok,no update
results/t/b.nc,-,r,-,missing,update pending
results/t/c.nc,-,r,-,code has changed since last execution,update pending
results/t/d.nc,-,r,-,missing,no update
"""
    assert planned(summary.replace(",", "\t")) == [
        File(Path("results/t/a.nc"), "r", "done", False),
        File(Path("results/t/b.nc"), "r", "missing", True),
        File(Path("results/t/c.nc"), "r", "out of date", True),
        File(Path("results/t/d.nc"), "r", "missing", False),
    ]


def test_in_place_no_more_than_the_terminal_shows(monkeypatch):
    monkeypatch.setattr(status.shutil, "get_terminal_size", lambda: os.terminal_size((10, 5)))
    assert status.in_place(["a" * 12, "b"]) == "\x1b[H" + "a" * 10 + "\x1b[K\nb\x1b[K\n\x1b[J"
    assert status.in_place(list("abcdef")).count("\n") == 4
    assert "...\x1b[K\n" in status.in_place(list("abcdef"))


def test_both_are_written_again_until_nothing_is_left(tmp_path, monkeypatch, capsys):
    """A file a pause, of a study that nobody else looks at."""
    monkeypatch.chdir(tmp_path)
    page, pages, missing = tmp_path / "board.html", [], [file.path for file in FILES if file.pending]

    def sleep(pause):
        assert pause >= status.EVERY
        pages.append(page.read_text(encoding="utf-8"))
        path = missing.pop(0)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    monkeypatch.setattr(status.time, "sleep", sleep)
    status.follow(FILES, 0, True, page)
    assert [re.search(r"(\d) files to make", each)[1] for each in pages] == ["4", "3", "2", "1"]
    assert all("refresh" in each for each in pages)
    assert "Nothing is left to make." in page.read_text(encoding="utf-8")
    assert "refresh" not in page.read_text(encoding="utf-8")
    assert capsys.readouterr().out.count("\x1b[H") == 5


def test_an_interrupted_page_is_no_longer_loaded_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def interrupted(pause):
        raise KeyboardInterrupt

    monkeypatch.setattr(status.time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        status.follow(FILES, 0, False, tmp_path / "board.html")
    assert "refresh" not in (tmp_path / "board.html").read_text(encoding="utf-8")
