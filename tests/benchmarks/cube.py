"""The virtual cube over many networks: making it, opening it, reading from it, by their number.

Each size runs in a process of its own that may have 256 files open, on small slabs whose every value says which network
it is of.
"""

import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import netCDF4
import numpy as np
from aespectra.slabs.cube import open_cube, write_virtual_cube
from aespectra.slabs.grid import NETWORK
from aespectra.slabs.slab import create_slab
from memory import peak_memory

SEEDS, SETS, SAMPLES = 100, 2, 8
FILES = 256
"""That may be open, the least that a usual system allows."""


def compare() -> list[dict]:
    rows = []
    for latent_dims in (4, 40):
        command = [sys.executable, __file__, str(latent_dims)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        made, opened, one, everything, before, peak, size = map(float, output[-7:])
        rows.append(
            {
                "networks": latent_dims * SEEDS,
                "made, s": made,
                "opened, s": opened,
                "one network read, ms": one * 1e3,
                "a variable of all, s": everything,
                "memory beyond imports, MiB": (peak - before) * 1024,
                "size, kB": size / 1e3,
            }
        )
    return rows


def small_slab(path: Path, latent_dim: int, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w") as file:
        create_slab(file, latent_dim, 4, SETS, SAMPLES)
        file.setncatts({"family": "autoencoder", "latent_dim": latent_dim, "seed": seed})
        file.setncatts({"device": "cpu", "precision": "float64"})
        for index in range(SETS):
            file["dataset"][index] = f"set-{index}"
        file["mean_pixel"][:] = 0.5
        file["latent_norm"][:] = latent_dim * SEEDS + seed


def measure(latent_dims: int) -> None:
    grid = list(product(range(1, latent_dims + 1), range(SEEDS)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        slabs = []
        for latent_dim, seed in grid:
            network = NETWORK.format(family="autoencoder", latent_dim=latent_dim, seed=seed)
            slabs.append(folder / "spectra" / f"{network}.nc")
            small_slab(slabs[-1], latent_dim, seed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
        before, times = peak_memory(), [time.perf_counter()]
        write_virtual_cube(folder / "cube.nc", slabs, {})
        times.append(time.perf_counter())
        with open_cube(folder / "cube.nc") as cube:
            times.append(time.perf_counter())
            cube["latent_norm"].sel(latent_dim=latent_dims, seed=3).load()
            times.append(time.perf_counter())
            values = cube["latent_norm"].load()
        times.append(time.perf_counter())
        peak = peak_memory()
        assert values.size == len(grid) * SETS * SAMPLES
        assert (values == values.latent_dim * SEEDS + values.seed).all()
        print(*np.diff(times), before, peak, (folder / "cube.nc").stat().st_size)


if __name__ == "__main__":
    measure(int(sys.argv[1]))
