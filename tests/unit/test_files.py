"""Files that are whole or absent, and their attributes."""

import errno
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import aespectra
import h5py
import netCDF4
import numpy as np
import pytest
from aespectra import files
from aespectra.files import NotWrittenError, provenance, written_whole
from matplotlib.figure import Figure
from safetensors.numpy import save_file


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_file_appears_at_the_end_only(tmp_path):
    path = tmp_path / "a" / "b" / "result.nc"
    with written_whole(path) as part:
        assert part != path
        assert part.parent == path.parent
        part.write_text("half")
        assert not path.exists()
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert names(path.parent) == ["result.nc"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_leaves_what_was_there(tmp_path, error, before):
    path = tmp_path / "result.nc"
    if before is not None:
        path.write_text(before)

    def fail():
        with written_whole(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == ([] if before is None else ["result.nc"])
    assert before is None or path.read_text() == before


def test_success_replaces_what_was_there(tmp_path):
    path = tmp_path / "result.nc"
    path.write_text("old")
    (tmp_path / "result.nc.part").write_text("left behind by a killed process")
    with written_whole(str(path)) as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["result.nc"]


def test_nothing_written_is_a_failure(tmp_path):
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "result.nc"):
        pass


def test_no_two_writers_share_a_name(tmp_path):
    path = tmp_path / "result.nc"
    with written_whole(path) as first:
        first.write_text("first")
        with written_whole(path) as second:
            assert second != first
            second.write_text("second")
        assert path.read_text() == "second"
        assert first.read_text() == "first"  # only one's own is removed
    assert path.read_text() == "first"
    assert names(tmp_path) == ["result.nc"]


def test_of_many_writers_one_has_made_all_of_the_file(tmp_path):
    path, length = tmp_path / "result", 200_000
    begin = threading.Barrier(8)

    def write(letter: str) -> None:
        begin.wait()
        with written_whole(path) as part, part.open("w") as file:
            for _ in range(20):
                file.write(letter * (length // 20))
                file.flush()

    writers = [threading.Thread(target=write, args=(letter,)) for letter in "abcdefgh"]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    content = path.read_text()
    assert content == content[0] * length
    assert names(tmp_path) == ["result"]


def test_a_name_appears_once_the_bytes_are_on_disk_and_then_is_put_there(tmp_path, monkeypatch):
    calls = []

    def recorded(name, function):
        def call(first, *rest):
            at = Path(f"/proc/self/fd/{first}").readlink() if name == "fsync" else Path(first)
            calls.append((name, at.suffix or at.name, (tmp_path / "x.nc").exists()))
            return function(first, *rest)

        return call

    monkeypatch.setattr(os, "fsync", recorded("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", recorded("replace", Path.replace))
    with written_whole(tmp_path / "x.nc") as part:
        part.write_text("whole")
    assert calls == [("fsync", ".part", False), ("replace", ".part", False), ("fsync", tmp_path.name, True)]


def killed(path: Path) -> Path:
    """Let a process be killed while it writes ``path``; what it leaves behind."""
    code = f"""if True:
        import os, signal
        from aespectra.files import written_whole
        with written_whole({str(path)!r}) as part:
            part.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    folder = Path(aespectra.__file__).parents[1]
    process = subprocess.run([sys.executable, "-c", code], cwd=folder)
    assert process.returncode == -signal.SIGKILL
    (part,) = path.parent.glob(f"{path.name}.*.part")
    return part


def test_what_a_killed_writer_leaves_is_removed_by_the_next_of_the_same_file(tmp_path):
    path = tmp_path / "d2_seed0.nc"
    left, other = killed(path), killed(tmp_path / "d2_seed1.nc")
    assert not path.exists()
    with written_whole(path) as part:
        assert not left.exists()
        part.write_text("whole")
    assert sorted(names(tmp_path)) == ["d2_seed0.nc", other.name]


def test_a_writer_that_waits_to_be_buried_is_dead(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert os.kill(child.pid, 0) is None  # still there, as a zombie
    assert not files.runs(child.pid)
    child.wait()
    assert not files.runs(child.pid)
    assert files.runs(os.getpid())
    assert files.runs(1)


@pytest.mark.parametrize(("hours", "stays"), [(0, True), (23, True), (25, False)])
def test_writers_of_other_machines_are_given_a_day(tmp_path, monkeypatch, hours, stays):
    path = tmp_path / "x.nc"
    left = killed(path)
    os.utime(left, (time.time() - hours * 3600,) * 2)
    monkeypatch.setattr(files, "_machine", lambda: "0badcafe")
    with written_whole(path) as part:
        part.write_text("whole")
    assert left.exists() == stays


def test_a_writer_whose_file_was_taken_away_writes_nothing(tmp_path):
    def write():
        with written_whole(tmp_path / "x.nc") as part:
            part.write_text("whole")
            part.unlink()

    with pytest.raises(FileNotFoundError):
        write()
    assert names(tmp_path) == []


def test_a_folder_in_the_place_of_a_file(tmp_path):
    (tmp_path / "x.nc").mkdir()
    said = r"x\.nc is a folder, where a file is to be written: move it away\.$"
    with pytest.raises(NotWrittenError, match=said), written_whole(tmp_path / "x.nc"):
        pytest.fail("nothing is written")
    assert names(tmp_path) == ["x.nc"]


def with_netcdf(path: Path) -> None:
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 1_000_000)
        file.createVariable("v", "f8", ("x",))[:] = np.random.default_rng(0).random(1_000_000)


def with_h5py(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["v"] = np.random.default_rng(0).random(1_000_000)


KINDS = {
    "netCDF": with_netcdf,
    "HDF5": with_h5py,
    "safetensors": lambda path: save_file({"v": np.ones(1_000_000)}, path),
    "csv": lambda path: np.savetxt(path, np.ones((100_000, 4))),
    "text": lambda path: path.write_text("text" * 1_000_000),
    "png": lambda path: Figure(figsize=(20, 20)).savefig(path, format="png", dpi=1200),
}


@pytest.fixture
def small_files():
    """No file may become larger than some kilobytes: the nearest to a full disk that needs no disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_written_is_named_whatever_writes_it(tmp_path, small_files, kind):
    with pytest.raises(NotWrittenError) as caught, written_whole(tmp_path / "result") as part:
        KINDS[kind](part)
    assert str(caught.value) == (
        f"{tmp_path / 'result'} could not be written: larger files are not allowed here (File too large)."
    )
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", files.REASONS)
@pytest.mark.parametrize("at", ["body", "fsync"])
def test_every_reason_is_said(tmp_path, monkeypatch, number, at):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    def write():
        with written_whole(tmp_path / "result") as part:
            part.write_text("half")
            if at == "body":
                fail()
            monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(NotWrittenError, match=files.REASONS[number]) as caught:
        write()
    assert str(tmp_path / "result") in str(caught.value)
    assert names(tmp_path) == []


def test_a_netcdf_error_with_room_on_the_disk_says_so(tmp_path):
    said = r"NetCDF: HDF error; the disk may be full or failing\.$"
    with pytest.raises(NotWrittenError, match=said), written_whole(tmp_path / "result"):
        raise RuntimeError("NetCDF: HDF error")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_synchronised_is_no_failure(tmp_path, monkeypatch):
    whole = os.fsync

    def fsync(handle):
        if Path(f"/proc/self/fd/{handle}").readlink().is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        whole(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with written_whole(tmp_path / "result") as part:
        part.write_text("whole")
    assert names(tmp_path) == ["result"]


def test_provenance_says_what_made_the_file():
    found = provenance("A title", {"b": 1, "a": [2, 3]}, device="cpu")
    assert found["Conventions"] == "CF-1.11"
    assert found["title"] == "A title"
    assert found["device"] == "cpu"
    assert json.loads(found["config"]) == {"a": [2, 3], "b": 1}
    assert aespectra.__version__ in found["history"]
    assert aespectra.__version__ in found["source"]
    assert "2201.11902" in found["references"]
    versions = json.loads(found["versions"])
    for library in (
        *("torch", "torchvision", "numpy", "scipy", "numba", "llvmlite", "scikit-learn", "pillow", "safetensors"),
        *("xarray", "netCDF4", "h5py"),
    ):
        assert versions[library] == version(library)
    assert re.fullmatch(r"3\.\d+\.\d+.*", versions["python"])
    assert all(isinstance(value, str) for value in found.values())


def test_provenance_is_the_same_whenever_and_in_whatever_order(monkeypatch):
    first = provenance("t", {"a": 1, "b": {"c": 2, "d": 3}})
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert provenance("t", {"b": {"d": 3, "c": 2}, "a": 1}) == first


def test_provenance_does_without_libraries_that_are_absent(monkeypatch):
    monkeypatch.setattr(aespectra.files, "LIBRARIES", ("numpy", "no-such-library"))
    assert set(json.loads(provenance("t", {})["versions"])) == {"python", "numpy"}
