"""A netCDF file is closed once all of it is written, and not at all where the disk has failed."""

import errno
import gc
import os
import weakref

import netCDF4
import pytest
from aespectra import netcdf
from aespectra.files import NotWrittenError, written_whole
from aespectra.netcdf import created


def test_a_file_is_whole(tmp_path):
    with created(tmp_path / "a.nc") as file:
        file.createDimension("x", 3)
        file.createVariable("values", "f8", ("x",))[:] = [1, 2, 3]
    assert not file.isopen()
    with netCDF4.Dataset(tmp_path / "a.nc") as again:
        assert again["values"][:].tolist() == [1, 2, 3]


def test_a_disk_that_fails_before_the_closing_leaves_the_file_unclosed(tmp_path, monkeypatch):
    """Closing it, then or when it is deleted, would end the process: the campaign of tests/faults has seen it."""

    def fails(part):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(netcdf, "_rewrite_head", fails)
    path = tmp_path / "a.nc"
    with pytest.raises(NotWrittenError, match="the disk is full"), written_whole(path) as part, created(part) as file:
        file.title = "all but closed"
    left = weakref.ref(file)
    del file
    gc.collect()
    assert left() is not None
    assert left().isopen()
    assert left().ncattrs() == ["title"]
    assert list(tmp_path.iterdir()) == []


def test_the_head_is_written_as_it_is(tmp_path):
    part = tmp_path / "a.nc"
    with netCDF4.Dataset(part, "w") as file:
        file.title = "a title"
    before = part.read_bytes()
    netcdf._rewrite_head(part)
    assert part.read_bytes() == before


def test_an_error_while_it_is_open_stays_that_error(tmp_path):
    with pytest.raises(ValueError, match="of its own"), created(tmp_path / "a.nc") as file:
        raise ValueError("of its own")
    assert not file.isopen()
