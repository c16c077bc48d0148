"""What it costs that a slab is on disk before it has its name."""

import os
import tempfile
from pathlib import Path

import numpy as np
from aespectra import files
from aespectra.files import written_whole
from aespectra.slabs.compute import block_spectra
from aespectra.slabs.slab import BLOCK
from timing import ROOT, eleven_sets, network, side_by_side

POINTS = 11 * 70_000
"""Of a slab of the paper."""

BYTES = 133_000_000
"""Of such a slab, d = 10: 5 GB for the 38 of the study."""


def compare() -> list[dict]:
    """Seconds of both on the disk of the results, beside what the spectra of a slab of the paper take, d = 10."""
    points = np.concatenate(list(eleven_sets(BLOCK // 11).values()))
    model = network(10).double()
    content = np.random.default_rng(0).bytes(BYTES)
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        path = Path(name) / "slab.nc"
        times = side_by_side(
            {
                "spectra": lambda: block_spectra(model, points),
                "put on disk": lambda: publish(path, content, os.fsync),
                "left to the system": lambda: publish(path, content, lambda _: None),
            }
        )
    spectra = times["spectra"] * POINTS / len(points)
    more = times["put on disk"] - times["left to the system"]
    return [{"spectra of a slab, s": spectra, "put on disk, s": more, "share of the spectra": more / spectra}]


def publish(path: Path, content: bytes, sync) -> None:
    files.os.fsync, before = sync, files.os.fsync
    try:
        with written_whole(path) as part:
            part.write_bytes(content)
    finally:
        files.os.fsync = before
