"""Files that are whole or absent, and their attributes."""

import json
import os
import re
import time
from importlib.metadata import version

import aespectra
import pytest
from aespectra.files import provenance, written_whole


def test_the_file_appears_at_the_end_only(tmp_path):
    path = tmp_path / "a" / "b" / "result.nc"
    with written_whole(path) as part:
        assert part != path
        assert part.parent == path.parent
        part.write_text("half")
        assert not path.exists()
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert os.listdir(path.parent) == ["result.nc"]


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
    assert os.listdir(tmp_path) == ([] if before is None else ["result.nc"])
    assert before is None or path.read_text() == before


def test_success_replaces_what_was_there(tmp_path):
    path = tmp_path / "result.nc"
    path.write_text("old")
    (tmp_path / "result.nc.part").write_text("left behind by a killed process")
    with written_whole(str(path)) as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["result.nc"]


def test_nothing_written_is_a_failure(tmp_path):
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "result.nc"):
        pass


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
    for library in ("torch", "torchvision", "numpy", "scipy", "xarray", "netCDF4", "h5py"):
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
