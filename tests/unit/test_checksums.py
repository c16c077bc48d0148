"""A flipped bit in any file of a study is noticed, by the checksum kept apart from it."""

import hashlib
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from aespectra.checksums import (
    check_checkpoint_content,
    check_kept,
    check_recorded,
    find_record,
    manifest_checksums,
    record_checksum,
    sha256_of,
)
from aespectra.integrity import BrokenFileError
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from study.checked import checked

ROOT = Path(__file__).parents[2]
KEPT = sorted(path.parent for path in (ROOT / "results" / "reference").rglob("manifest.json"))
ARCHITECTURE = {"hidden": [6, 4], "activation": "ReLU", "output_activation": "Tanh"}
MADE_BY = {"latent_dim": 2, "pixels": 9, "autoencoder": ARCHITECTURE, "training": {"learning_rate": 0.001}}


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


@pytest.fixture
def study(tmp_path):
    """A folder with a file two folders below it, and its checksum."""
    path = tmp_path / "study" / "models" / "plain" / "d2.csv"
    path.parent.mkdir(parents=True)
    path.write_text("epoch,loss\n1,0.5\n")
    record_checksum(path, tmp_path / "study")
    return tmp_path / "study", path


def test_a_file_that_is_as_it_was_written_passes(study):
    assert check_recorded(study[1]) is True


def test_a_file_without_a_checksum_is_not_judged(study):
    other = study[1].with_name("other.csv")
    other.write_text("anything")
    assert check_recorded(other) is False
    assert find_record(other) is None


@pytest.mark.parametrize("bit", [0, 7, 40, 100])
def test_one_flipped_bit_is_noticed(study, bit):
    flip(study[1], bit)
    with pytest.raises(BrokenFileError, match=r"d2\.csv is not as it was written") as caught:
        check_recorded(study[1])
    assert str(study[0] / "checksums" / "models" / "plain" / "d2.csv.sha256") in str(caught.value)
    assert "delete it and run again" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0" * 70])
def test_a_broken_checksum_is_no_proof(study, content):
    find_record(study[1]).write_bytes(content)
    with pytest.raises(BrokenFileError):
        check_recorded(study[1])


def test_checksums_are_such_as_sha256sum_reads(study):
    folder, path = study
    record = find_record(path).relative_to(folder)
    command = ["sha256sum", "--check", "--strict", str(record)]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    flip(path, 3)
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1


def test_a_folder_that_is_moved_keeps_its_checksums(study, tmp_path, monkeypatch):
    study[0].rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "elsewhere" / "models")
    path = Path("plain/d2.csv").resolve()
    assert check_recorded(path) is True
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert check_recorded(Path("models/plain/d2.csv")) is True


def job(study: Path, inputs=(), outputs=()) -> SimpleNamespace:
    log = study / "logs" / "rule" / "job.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    return SimpleNamespace(
        rule="rule", log=[str(log)], input=[str(path) for path in inputs], output=[str(path) for path in outputs]
    )


def test_a_job_keeps_the_checksums_of_what_it_wrote(study):
    folder, source = study
    made = [folder / "summary.nc", folder / "figures" / "figure_1.pdf"]
    with checked(job(folder, [source], made)):
        for path in made:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(path.name.encode())
    for path in made:
        digest = hashlib.sha256(path.name.encode()).hexdigest()
        assert (folder / "checksums" / f"{path.relative_to(folder)}.sha256").read_text().startswith(digest)
        assert check_recorded(path)


def test_a_job_does_not_begin_on_a_broken_input(study):
    folder, source = study
    flip(source, 20)
    with pytest.raises(BrokenFileError, match=r"d2\.csv"), checked(job(folder, [source], [folder / "summary.nc"])):
        pytest.fail("it began")


def test_a_job_that_reads_headers_leaves_the_rest_unread(study):
    folder, source = study
    flip(source, 20)
    with checked(job(folder, [source], [source.with_name("made")]), headers_of=[str(source)]):
        source.with_name("made").touch()


def test_a_job_that_fails_leaves_no_checksum(study):
    folder, made = study

    def fail() -> None:
        made.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), checked(job(folder, [], [made])):
        fail()
    assert find_record(made) is None


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "model.safetensors"
    save_checkpoint(path, Autoencoder((9,), 2, **ARCHITECTURE), MADE_BY, "cpu")
    return path


def test_a_whole_checkpoint_passes(checkpoint):
    assert check_checkpoint_content(checkpoint) is None


@given(st.data())
def test_every_flipped_bit_of_a_checkpoint_is_noticed(checkpoint, tmp_path_factory, data):
    """Wherever it is: in the length, in the names and shapes, in what it says of its making, in the weights."""
    size = checkpoint.stat().st_size
    copy = tmp_path_factory.getbasetemp() / "flipped.safetensors"
    copy.write_bytes(checkpoint.read_bytes())
    flip(copy, data.draw(st.integers(0, 8 * size - 1)))
    with pytest.raises(BrokenFileError) as caught:
        check_checkpoint_content(copy)
    assert str(caught.value).startswith(str(copy))


def test_a_checksum_that_has_lost_its_name_is_noticed(checkpoint, tmp_path):
    """Else the checkpoint would pass for one from before there were any."""
    copy, content = tmp_path / "flipped.safetensors", checkpoint.read_bytes()
    first = content.index(b"sha256")
    for bit in range(8 * first, 8 * (first + len("sha256"))):
        copy.write_bytes(content)
        flip(copy, bit)
        with pytest.raises(BrokenFileError):
            check_checkpoint_content(copy)


def test_a_flipped_weight_is_not_loaded(checkpoint, tmp_path):
    copy = tmp_path / "flipped.safetensors"
    copy.write_bytes(checkpoint.read_bytes())
    flip(copy, 8 * (copy.stat().st_size - 10))
    load_file(copy)  # safetensors itself takes it
    with pytest.raises(BrokenFileError, match="is corrupted"):
        load_checkpoint(copy, plain, MADE_BY | {"image_shape": (9,)})


def before_checksums(path: Path) -> Path:
    """A checkpoint as it was written before checkpoints stated a checksum."""
    path.parent.mkdir(parents=True)
    network = Autoencoder((9,), 2, **ARCHITECTURE)
    metadata = {"provenance": json.dumps({"config": json.dumps(MADE_BY)})}
    save_file(network.state_dict(), path, metadata=metadata)
    return path


def test_a_checkpoint_from_before_checksums_is_taken_with_a_warning(tmp_path, caplog):
    path = before_checksums(tmp_path / "models" / "plain" / "d2_seed0.safetensors")
    load_checkpoint(path, plain, MADE_BY | {"image_shape": (9,)})
    assert caplog.messages == [f"{path} is from before checkpoints stated a checksum: its form alone was checked"]


def test_a_kept_checkpoint_is_held_against_the_manifest(tmp_path):
    path = before_checksums(tmp_path / "models" / "plain" / "d2_seed0.safetensors")
    name = path.relative_to(tmp_path).as_posix()
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": {name: sha256_of(path)}}))
    network, _ = load_checkpoint(path, plain, MADE_BY | {"image_shape": (9,)})
    assert torch.equal(network.state_dict()["encoder.0.weight"], load_file(path)["encoder.0.weight"])
    flip(path, 8 * (path.stat().st_size - 10))
    with pytest.raises(BrokenFileError, match="is not the file that was kept"):
        load_checkpoint(path, plain, MADE_BY | {"image_shape": (9,)})


def test_every_kept_network_passes():
    networks = sorted((ROOT / "results" / "reference" / "models").rglob("*.safetensors"))
    assert len(networks) == 38
    for path in networks:
        check_checkpoint_content(path)


def test_every_kept_study_but_that_of_reconstructions_has_a_manifest():
    assert [path.name for path in KEPT] == ["reference", "choices", "epochs", "priors", "seeds", "uses"]
    assert len(manifest_checksums(KEPT[0])) > 90


@pytest.mark.parametrize("study", KEPT, ids=[path.name for path in KEPT])
def test_every_kept_file_has_the_checksum_of_its_manifest(study):
    checksums = manifest_checksums(study)
    assert checksums
    for path, expected in checksums.items():
        check_kept(path, expected)
    of_study = [path for folder in ("figures", "models", "attractors") for path in (study / folder).rglob("*.*")]
    assert {*study.glob("*.nc"), *study.glob("*.csv"), *of_study} <= set(checksums)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sha256": 3}', "{}", '{"sha256": ["a"]}'])
def test_a_broken_manifest_is_a_sentence(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BrokenFileError, match=r"manifest\.json is no manifest"):
        manifest_checksums(tmp_path)


def test_no_manifest_keeps_nothing(tmp_path):
    assert manifest_checksums(tmp_path) == {}
