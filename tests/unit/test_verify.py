"""Every file of a study is reread, every fault is named, and the message is the command that mends them."""

import json
import logging
import shlex
from pathlib import Path

import netCDF4
import pytest
from aespectra.checksums import record_checksum, sha256_of
from aespectra.integrity import BrokenFileError
from study.leftovers import check_manifest
from study.verify import BrokenStudyError, lost, verify

COMMAND = "snakemake --cores all --"


@pytest.fixture
def study(tmp_path):
    """A folder with ten files and their checksums, by the target that makes them."""
    folder = tmp_path / "results" / "tiny"
    paths = [folder / "figures" / f"figure_{number}.pdf" for number in range(8)]
    beside = [folder / "latents" / f"d{number}.nc" for number in range(2)]
    for path in (*paths, *beside):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
        record_checksum(path, folder)
    return folder, {"all": paths, "latents": beside}


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_whole_study_passes_and_is_counted(study, lines):
    assert verify(*study, [], COMMAND) is None
    assert lines()[-1].startswith("10 files, 0.0 MB in ")
    assert "; 0 not made yet; 0 without a checksum" in lines()[-1]


def test_every_fault_is_named_and_one_command_mends_them(study, lines):
    folder, files = study
    files["all"][2].write_text("figure_3.pdf")
    files["all"][5].unlink()
    files["latents"][1].write_text("")
    with pytest.raises(BrokenStudyError, match=r"^broken or missing: 3 files\. This makes them again: ") as caught:
        verify(folder, files, [], COMMAND)
    broken = [files["all"][2], files["all"][5], files["latents"][1]]
    for path, what in zip(broken, ["is not as it was written", "was made and is missing", "is not as"], strict=True):
        (line,) = [line for line in lines() if line.startswith(f"{path} ")]
        assert what in line
    command = str(caught.value).partition("again: ")[2]
    assert command == f"rm -f {' '.join(map(str, broken))} && {COMMAND} all latents"


def test_names_that_a_shell_would_change_are_quoted(tmp_path):
    path = tmp_path / "my results" / "it's $HOME.csv"
    path.parent.mkdir()
    path.write_text("1")
    record_checksum(path, path.parent)
    path.write_text("2")
    with pytest.raises(BrokenStudyError) as caught:
        verify(path.parent, {"all": [path]}, [], COMMAND)
    assert shlex.split(str(caught.value))[-7:-5] == [str(path), "&&"]


def test_what_was_never_made_is_no_fault(study, lines):
    folder, files = study
    verify(folder, files | {"manifest": [folder / "manifest.json"]}, [], COMMAND)
    assert "10 files" in lines()[-1]
    assert "; 1 not made yet;" in lines()[-1]


def test_without_a_checksum_the_form_is_checked(study, lines):
    folder, files = study
    old = folder / "old.nc"
    with netCDF4.Dataset(old, "w") as file:
        file.createDimension("x", 50)
        file.createVariable("values", "f8", ("x",))[:] = 1
    (folder / "old.csv").write_text("1")
    files["all"] += [old, folder / "old.csv"]
    verify(folder, files, [], COMMAND)
    assert "; 2 without a checksum, of which only the form was checked" in lines()[-1]
    old.write_bytes(old.read_bytes()[:-50])
    with pytest.raises(BrokenStudyError, match=r"rm -f \S+old\.nc &&"):
        verify(folder, files, [], COMMAND)
    (folder / "old.safetensors").write_bytes(b"something else")
    files["all"].append(folder / "old.safetensors")
    with pytest.raises(BrokenStudyError, match="missing: 2 files"):
        verify(folder, files, [], COMMAND)


def test_a_folder_in_the_place_of_a_file_is_named(study, lines):
    folder, files = study
    files["all"][1].unlink()
    files["all"][1].mkdir()
    with pytest.raises(BrokenStudyError, match=r"missing: 1 files.*rm -rf \S+figure_1\.pdf &&"):
        verify(folder, files, [], COMMAND)
    assert any("figure_1.pdf" in line for line in lines())


@pytest.fixture
def kept(tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in ("summary.nc", "claims.csv"):
        (folder / name).write_text(name)
    checksums = {path.name: sha256_of(path) for path in folder.iterdir()}
    (folder / "manifest.json").write_text(json.dumps({"sha256": checksums}))
    return folder


def test_a_kept_study_is_held_against_its_manifest(study, kept, lines):
    verify(*study, [kept], COMMAND)
    check_manifest(kept)
    (kept / "claims.csv").write_text("claims_csv")
    with pytest.raises(BrokenStudyError, match=r"missing: 1 files that are kept; no run makes them"):
        verify(*study, [kept], COMMAND)
    assert any("claims.csv is not the file that was kept" in line for line in lines())
    with pytest.raises(BrokenFileError, match=r"claims\.csv is not the file that was kept"):
        check_manifest(kept)


def test_a_missing_kept_file_is_a_fault_for_verify_alone(study, kept, lines):
    (kept / "claims.csv").unlink()
    check_manifest(kept)  # not every run needs it
    with pytest.raises(BrokenStudyError):
        verify(*study, [kept], COMMAND)
    assert any("claims.csv" in line for line in lines())


def test_lost_are_those_that_were_made(study):
    folder, files = study
    paths = [*files["all"], folder / "never.pdf"]
    assert lost(paths, folder) == []
    Path(paths[3]).unlink()
    assert lost(paths, folder) == [paths[3]]
