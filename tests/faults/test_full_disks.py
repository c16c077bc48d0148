"""A disk that is full, or fails, at the n-th write of a file: a sentence, and nothing half-written, for every kind."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
QUICK = ["data set", "checkpoint", "loss curve", "slab", "page", "png"]


@pytest.fixture(scope="session")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose writes fail; to be loaded before all others."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler, for a library that lets writes fail")
    library = tmp_path_factory.mktemp("disk") / "failing_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "failing_disk.c", "-ldl"], check=True)
    return library


def outcome(folder: Path, library: Path, number: int, most: int, *kinds: str) -> dict:
    done = subprocess.run(
        [sys.executable, HERE / "writers.py", folder, library, str(number), str(most), *kinds],
        env=os.environ | {"LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "outcome.json").read_text())


def check(found: dict) -> None:
    """A sentence for every failure, but for one write a netCDF file: the last of its closing."""
    assert all(each["tried"] > 0 and each["ended"] <= 1 and each["faults"] == {} for each in found.values()), found


@pytest.mark.long
def test_a_full_disk(tmp_path: Path, failing_disk: Path) -> None:
    found = outcome(tmp_path, failing_disk, errno.ENOSPC, 3, *QUICK)
    assert set(found) == set(QUICK)
    check(found)


@pytest.mark.campaign
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_every_kind_of_file_on_a_disk_that_ends_at_any_write(
    tmp_path: Path, failing_disk: Path, number: int, record_property
) -> None:
    found = outcome(tmp_path, failing_disk, number, 40)
    check(found)
    tried, ended = (sum(each[what] for each in found.values()) for what in ("tried", "ended"))
    assert tried > 100
    what = f"{errno.errorcode[number]} at the n-th write, {len(found)} kinds of files"
    came = (
        f"nothing half-written; {tried - ended} sentences with the file's name, {ended} ends of the process by netCDF"
    )
    record_property("faults", (what, tried, came))
