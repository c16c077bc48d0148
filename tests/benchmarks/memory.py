"""Time and peak memory of the spectra stage at 7,000 and at 70,000 points a set: only the time may grow.

Each size runs in a process of its own on the paper's eleven sets with an untrained network of latent dimension 2.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from aespectra.data.noise import noise_blocks
from aespectra.data.pixels import write_dataset
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.slabs.compute import write_slab
from timing import ARCHITECTURE, PIXELS, noise_sets


def spectra_job(folder: Path, samples: int) -> None:
    """Everything a spectra job does, on sets that exist."""
    torch.set_num_threads(1)
    made_by = {"family": "autoencoder", "latent_dim": 2, "seed": 0, "pixels": PIXELS, "autoencoder": ARCHITECTURE}
    save_checkpoint(folder / "model.safetensors", Autoencoder((PIXELS,), 2, **ARCHITECTURE), made_by, "cpu")
    datasets = sorted(folder.glob("*.nc"))
    start = time.perf_counter()
    made_for = {"latent_dim": 2, "autoencoder": ARCHITECTURE}
    precision = {"precision": "float64"}
    write_slab(folder / "slab", folder / "model.safetensors", plain, made_for, datasets, samples, precision)
    print(time.perf_counter() - start, peak_memory())


def peak_memory() -> float:
    """GiB, of this process alone: ru_maxrss would count what its parent had when it forked."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 2**20


def compare() -> list[dict]:
    rows, sets = [], noise_sets()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for spec in [*sets, sets[0] | {"name": "one-more"}]:
            write_dataset(folder / f"{spec['name']}.nc", spec["name"], noise_blocks(spec, 0, PIXELS, 70_000), spec)
        for samples in (7_000, 70_000):
            command = [sys.executable, __file__, str(folder), str(samples)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            seconds, peak = map(float, output[-2:])
            rows.append({"points a set": samples, "µs a point": seconds / samples / 11 * 1e6, "peak memory, GiB": peak})
    return rows


if __name__ == "__main__":
    spectra_job(Path(sys.argv[1]), int(sys.argv[2]))
