"""Memory that runs out: smaller blocks, or one sentence."""

import pytest
import torch
from aespectra.memory import has_run_out
from aespectra.models.families import autoencoder as plain
from aespectra.slabs import compute as spectra
from aespectra.slabs.compute import block_spectra, write_slab

from .test_spectra import KEY, MADE_FOR, SAMPLES


def of_the_cpu(_words: str) -> RuntimeError:
    """What torch raises where a CPU's memory does not suffice."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**15)
    return caught.value


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError, of_the_cpu])
def test_out_of_memory_halves_the_blocks(tmp_path, monkeypatch, caplog, small_checkpoints, small_datasets, error):
    """The same bytes as with small blocks from the start; tried again only in the first set."""
    arguments = (small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": "float64"})
    monkeypatch.setitem(spectra.BLOCKS, "cpu", 2)
    write_slab(tmp_path / "small.nc", *arguments)
    tried = []

    def short_of_memory(model, x, with_geometry):
        tried.append(len(x))
        if len(x) > 3:
            raise error("full")
        return block_spectra(model, x)

    monkeypatch.setitem(spectra.BLOCKS, "cpu", 8)
    monkeypatch.setattr(spectra, "block_spectra", short_of_memory)
    write_slab(tmp_path / "halved.nc", *arguments)
    assert tried[:2] == [8, 4]
    assert tried[2:] == (17 * [2] + [1]) * len(small_datasets)  # 35 samples: an odd one at the end
    assert [record.getMessage() for record in caplog.records if "memory" in record.getMessage()] == [
        "out of memory: from here on 4 points at a time",
        "out of memory: from here on 2 points at a time",
    ]
    assert (tmp_path / "halved.nc").read_bytes() == (tmp_path / "small.nc").read_bytes()


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (torch.OutOfMemoryError("full"), MemoryError, r"^not even one point at a time fits into .*another device\.$"),
        (RuntimeError("shapes differ"), RuntimeError, r"^shapes differ$"),
    ],
)
def test_what_smaller_blocks_do_not_mend_ends_the_job(
    tmp_path, monkeypatch, small_checkpoints, small_datasets, raised, kind, said
):
    def fails(model, x, with_geometry):
        raise raised

    monkeypatch.setattr(spectra, "block_spectra", fails)
    arguments = (small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": "float64"})
    with pytest.raises(kind, match=said):
        write_slab(tmp_path / "slab.nc", *arguments)
    assert not list(tmp_path.iterdir())


def test_other_errors_are_no_lack_of_memory():
    assert has_run_out(of_the_cpu("full"))
    assert not has_run_out(RuntimeError("mat1 and mat2 shapes cannot be multiplied (2x5 and 2x5)"))
    assert not has_run_out(ValueError("can't allocate memory"))
