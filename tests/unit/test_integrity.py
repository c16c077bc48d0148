"""Truncated, corrupted and foreign files are noticed and named."""

import json
import struct

import h5py
import netCDF4
import numpy as np
import pytest
import torch
from aespectra.integrity import (
    MNIST_FILES,
    BrokenFileError,
    check_checkpoint,
    check_mnist,
    check_netcdf,
    checkpoint_provenance,
)
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

ARCHITECTURE = {"hidden": [6, 4], "activation": "ReLU", "output_activation": "Tanh"}


def with_h5py(path, libver):
    with h5py.File(path, "w", libver=libver) as file:
        file["values"] = np.arange(500)


def with_netcdf4(path):
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 500)
        file.createVariable("values", "f4", ("x",))[:] = 1


MAKERS = {
    "earliest": lambda path: with_h5py(path, "earliest"),
    "v108": lambda path: with_h5py(path, "v108"),
    "v110": lambda path: with_h5py(path, "v110"),
    "latest": lambda path: with_h5py(path, "latest"),
    "netcdf4": with_netcdf4,
}


@pytest.fixture(scope="module", params=MAKERS)
def whole(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "file.nc"
    MAKERS[request.param](path)
    return path


def test_makers_cover_the_superblock_versions(tmp_path):
    versions = {}
    for name, make in MAKERS.items():
        make(tmp_path / name)
        versions[name] = (tmp_path / name).read_bytes()[8]
    assert versions["earliest"] == 0
    assert versions["v108"] == 2
    assert versions["latest"] == 3


def test_whole_files_pass(whole):
    assert check_netcdf(whole) is None


@given(st.data())
def test_every_truncation_is_noticed(whole, tmp_path_factory, data):
    content = whole.read_bytes()
    length = data.draw(st.one_of(st.integers(0, len(content) - 1), st.integers(0, 60), st.just(len(content) - 1)))
    cut = tmp_path_factory.getbasetemp() / "cut.nc"
    cut.write_bytes(content[:length])
    with pytest.raises(BrokenFileError) as caught:
        check_netcdf(cut)
    message = str(caught.value)
    assert message.startswith(str(cut))
    if length >= 48:
        assert f"{length} bytes of {len(content)}" in message


def test_bytes_after_the_end_do_no_harm(whole, tmp_path):
    (tmp_path / "long.nc").write_bytes(whole.read_bytes() + b"more")
    check_netcdf(tmp_path / "long.nc")


def test_superblock_version_1_is_read_as_specified(tmp_path):
    """HDF5 File Format Specification II.A: four more bytes come before the addresses than in version 0."""
    head = b"\x89HDF\r\n\x1a\n" + bytes([1, 0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 4, 16, 0)
    head += struct.pack("<HH", 32, 0)  # rank of indexed storage, reserved: not in version 0
    head += struct.pack("<QQQQ", 0, 2**64 - 1, 1000, 2**64 - 1)  # base, free space, end of file, driver
    path = tmp_path / "v1.nc"
    path.write_bytes(head.ljust(1000, b"\0"))
    check_netcdf(path)
    path.write_bytes(head.ljust(999, b"\0"))
    with pytest.raises(BrokenFileError, match="999 bytes of 1000"):
        check_netcdf(path)


@given(st.binary(max_size=200))
def test_other_files_are_no_netcdf(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "other.nc"
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match="is not a netCDF-4 file"):
        check_netcdf(path)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "model.safetensors"
    config = {"latent_dim": 2, "autoencoder": ARCHITECTURE}
    save_checkpoint(path, Autoencoder((9,), 2, **ARCHITECTURE), config, "cpu")
    return path


def test_metadata_of_a_checkpoint(checkpoint):
    assert json.loads(checkpoint_provenance(checkpoint)["config"]) == {"latent_dim": 2, "autoencoder": ARCHITECTURE}


@given(st.data())
def test_every_truncation_of_a_checkpoint_is_noticed(checkpoint, tmp_path_factory, data):
    content = checkpoint.read_bytes()
    length = data.draw(st.one_of(st.integers(0, len(content) - 1), st.integers(0, 20), st.just(len(content) - 1)))
    cut = tmp_path_factory.getbasetemp() / "cut.safetensors"
    cut.write_bytes(content[:length])
    with pytest.raises(BrokenFileError) as caught:
        checkpoint_provenance(cut)
    assert str(caught.value).startswith(str(cut))


@given(st.binary(max_size=100))
def test_other_files_are_no_checkpoints(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match="is not a checkpoint"):
        checkpoint_provenance(path)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["__metadata__", "data_offsets", "x"]), inner, max_size=3),
        st.builds(lambda value: {"provenance": json.dumps(value)}, inner),
        st.builds(lambda value: {"config": json.dumps(value)}, inner),
    ),
    max_leaves=10,
)
metadata = st.builds(lambda value: {"__metadata__": {"provenance": json.dumps({"config": value})}}, json_values)


@given(st.one_of(json_values, metadata))
def test_any_json_header_gives_a_sentence(tmp_path_factory, header):
    text = json.dumps(header).encode()
    path = tmp_path_factory.getbasetemp() / "header.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(BrokenFileError):
        checkpoint_provenance(path)


def test_offsets_that_are_no_pair_give_a_sentence(tmp_path):
    made_by = json.dumps({"config": json.dumps({"autoencoder": ARCHITECTURE})})
    header = {"__metadata__": {"provenance": made_by}, "weight": {"data_offsets": [0.24]}}  # a flipped comma
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(json.dumps(header))) + json.dumps(header).encode())
    with pytest.raises(BrokenFileError, match="is not a checkpoint"):
        checkpoint_provenance(path)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"x": torch.zeros(3)}, path)
    with pytest.raises(BrokenFileError, match="is not a checkpoint of this workflow"):
        checkpoint_provenance(path)


def test_a_checkpoint_that_is_too_long_is_refused(checkpoint, tmp_path):
    path = tmp_path / "long.safetensors"
    path.write_bytes(checkpoint.read_bytes() + b"more")
    with pytest.raises(BrokenFileError):
        checkpoint_provenance(path)


def test_a_checkpoint_made_for_this_gives_what_made_it(checkpoint):
    found = check_checkpoint(checkpoint, {"latent_dim": 2, "autoencoder": dict(ARCHITECTURE)})
    assert found == {"latent_dim": 2, "autoencoder": ARCHITECTURE, "kind": None}


@pytest.mark.parametrize(
    ("key", "value"),
    [("hidden", [6, 5]), ("hidden", [6]), ("activation", "Tanh"), ("output_activation", "Sigmoid")],
)
def test_another_architecture_is_refused_by_its_key(checkpoint, key, value):
    with pytest.raises(BrokenFileError) as caught:
        check_checkpoint(checkpoint, {"latent_dim": 2, "autoencoder": ARCHITECTURE | {key: value}})
    assert (
        str(caught.value) == f"{checkpoint} was made with autoencoder.{key} {ARCHITECTURE[key]}, {value} is asked for."
    )


@pytest.mark.parametrize("config", [{}, {"autoencoder": None}, {"autoencoder": [1]}, [], "text"])
def test_a_checkpoint_without_an_architecture_is_refused(tmp_path, config):
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, Autoencoder((9,), 2, **ARCHITECTURE), config, "cpu")
    with pytest.raises(BrokenFileError):
        check_checkpoint(path, {"autoencoder": ARCHITECTURE})


def test_mnist_that_is_not_there_is_not_broken(tmp_path):
    assert check_mnist(tmp_path) is False


@pytest.mark.parametrize("name", MNIST_FILES)
def test_a_foreign_mnist_file_is_named(tmp_path, name):
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    (tmp_path / "MNIST" / "raw" / name).write_bytes(b"something else")
    with pytest.raises(BrokenFileError, match=name):
        check_mnist(tmp_path)


def test_published_mnist_passes(mnist_root):
    assert check_mnist(mnist_root) is True


@pytest.mark.parametrize("name", MNIST_FILES)
@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_one_wrong_byte_of_mnist_is_noticed(mnist_root, tmp_path, name, damage):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for other in MNIST_FILES:
        content = bytearray((mnist_root / "MNIST" / "raw" / other).read_bytes())
        if other == name and damage == "flipped":
            content[len(content) // 2] ^= 0x10
        (raw / other).write_bytes(content[:-1] if other == name and damage == "cut" else content)
    with pytest.raises(BrokenFileError) as caught:
        check_mnist(tmp_path)
    assert str(raw / name) in str(caught.value)


def test_part_of_mnist_is_not_all_of_it(mnist_root, tmp_path):
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    name = "t10k-labels-idx1-ubyte"
    (tmp_path / "MNIST" / "raw" / name).write_bytes((mnist_root / "MNIST" / "raw" / name).read_bytes())
    assert check_mnist(tmp_path) is False
