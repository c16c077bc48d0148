"""How fast `verify` rereads a study: beside reading the same files and doing nothing with them."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from aespectra.checksums import record_checksum, sha256_of
from study.verify import verify
from timing import ROOT, side_by_side

FILES, BYTES = 24, 133_000_000
"""As many as fill three gigabytes; each the size of a slab of the paper, d = 10."""


def compare() -> list[dict]:
    """MB a second on the disk of the results, none of the files in memory."""
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        study = Path(name)
        files = [study / f"{number}.slab" for number in range(FILES)]
        content = np.random.default_rng(0).bytes(BYTES)
        for path in files:
            path.write_bytes(content)
            record_checksum(path, study)
        uses = {
            "read": lambda: [read(path) for path in files],
            "sha256": lambda: [sha256_of(path) for path in files],
            "verify": lambda: verify(study, {"all": files}, [], "snakemake"),
        }
        times = side_by_side({name: lambda use=use: from_disk(files, use) for name, use in uses.items()}, repeats=2)
        start = time.process_time()
        from_disk(files, uses["verify"])
        busy = time.process_time() - start
    megabytes = FILES * BYTES / 1e6
    rates = {f"{name}, MB/s": megabytes / seconds for name, seconds in times.items()}
    # the second whatever else the machine does
    return [rates | {"verify / read": times["read"] / times["verify"], "verify, MB a CPU second": megabytes / busy}]


def from_disk(files: list[Path], use: Callable[[], object]) -> None:
    """Use the files after the system was asked to forget what it has of them."""
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    use()


def read(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
