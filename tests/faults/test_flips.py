"""Single flipped bits in all that a study stores: noticed by verify and by whoever reads, or without effect."""

import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from aespectra.checksums import record_checksum

from tests.workflow.conftest import Project

from .writers import kinds

Flip = tuple[str, int, int]
"""Name of the file below the study, byte, bit."""


def kind(name: str) -> str:
    folder, suffix = name.partition("/")[0], Path(name).suffix
    return "data set" if folder.endswith("images.nc") else f"{folder.partition('.')[0]}{suffix}"


def flips(study: Path, count: int, draw: random.Random) -> list[Flip]:
    """As many of each kind of file, at random places; the first bytes, where headers are, more often than others."""
    by_kind: dict[str, list[str]] = {}
    for path in sorted(study.rglob("*")):
        name = path.relative_to(study).as_posix()
        if path.is_file() and name.partition("/")[0] not in ("logs", "checksums"):
            by_kind.setdefault(kind(name), []).append(name)
    found = []
    for number in range(count):
        name = draw.choice(list(by_kind.values())[number % len(by_kind)])
        size = (study / name).stat().st_size
        found.append((name, draw.randrange(draw.choice([size, size, min(size, 4096)])), draw.randrange(8)))
    return found


def outcomes(study: Path, todo: list[Flip]) -> list[str]:
    """What came of each; a crash of Python is an outcome."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("readers.py"), study],
        input="".join(f"{name} {byte} {bit}\n" for name, byte, bit in todo),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def check(study: Path, count: int, seed: int) -> tuple[list[Flip], Counter]:
    todo = flips(study, count, random.Random(seed))
    found = outcomes(study, todo)
    wrong = [(flip, what) for flip, what in zip(todo, found, strict=True) if what not in ("sentence", "same")]
    assert wrong == []
    return todo, Counter(found)


@pytest.mark.long
def test_a_few_flips(tmp_path: Path) -> None:
    """In files that the library wrote without a workflow around them."""
    for path, write in kinds(tmp_path).values():
        write()
        record_checksum(path, tmp_path)
    check(tmp_path, 30, 0)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [0, 1])
def test_flips(small_once: Project, tmp_path: Path, seed: int, record_property) -> None:
    study = tmp_path / "study"
    shutil.copytree(small_once.results, study)
    todo, found = check(study, 250, seed)
    kinds = len({kind(name) for name, _, _ in todo})
    outcome = f"verify named all; readers: {found['sentence']} sentences, {found['same']} without effect on a value"
    record_property("faults", (f"a flipped bit, {kinds} kinds of files, seed {seed}", len(todo), outcome))
