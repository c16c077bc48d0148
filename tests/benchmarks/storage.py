"""Writing and reading the largest variables of a slab with each filter that netCDF4 reads by itself."""

import tempfile
from pathlib import Path

import netCDF4
import numpy as np
import torch
from aespectra.slabs.compute import block_spectra
from aespectra.slabs.slab import BLOCK
from timing import eleven_sets, network, side_by_side

FILTERS = {
    "none": {},
    "fletcher32": {"fletcher32": True},
    "zlib 1": {"compression": "zlib", "complevel": 1, "shuffle": False},
    "zlib 1, shuffle": {"compression": "zlib", "complevel": 1, "shuffle": True},
    "zlib 4, shuffle": {"compression": "zlib", "complevel": 4, "shuffle": True},
    "zstd 1, shuffle": {"compression": "zstd", "complevel": 1, "shuffle": True},
    "blosc lz4, bitshuffle": {"compression": "blosc_lz4", "complevel": 1, "blosc_shuffle": 2},
}


def compare() -> list[dict]:
    """A row for each filter: size, and microseconds a point beside what the spectra themselves take, d = 10."""
    points = np.concatenate(list(eleven_sets(BLOCK // 11).values()))
    model = network(10).to(torch.float64)
    values = block_spectra(model, points)["eigenvalue"]
    values = np.stack([values.real, values.imag]).astype(np.float32)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "slab.nc"
        functions = {"spectra": lambda: block_spectra(model, points)}
        for label, options in FILTERS.items():
            functions |= {label: lambda o=options: write(path, values, o)}
        times = side_by_side(functions)
        for label, options in FILTERS.items():
            write(path, values, options)
            seconds = side_by_side({"read": lambda: read(path)})["read"]
            per_point = 1e6 / len(points)
            rows.append(
                {
                    "filter": label,
                    "size, share": path.stat().st_size / values.nbytes,
                    "write, µs a point": times[label] * per_point,
                    "write, share of the spectra": times[label] / times["spectra"],
                    "read, µs a point": seconds * per_point,
                }
            )
    return rows


def write(path: Path, values: np.ndarray, options: dict) -> None:
    with netCDF4.Dataset(path, "w") as file:
        for name, size in zip(("part", "jacobian", "sample", "eigenvalue"), values.shape, strict=True):
            file.createDimension(name, size)
        variable = file.createVariable("values", "f4", file.dimensions, chunksizes=(1, 1, *values.shape[2:]), **options)
        variable[:] = values


def read(path: Path) -> None:
    with netCDF4.Dataset(path) as file:
        file["values"][:]
