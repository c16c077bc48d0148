"""The spectra stage of the paper's whole study, from a part of it: slabs written by two processes at once.

Every d from 2 to 20 and all eleven sets, with the first points of each; what a run of the workflow adds is the start of
38 processes, some seconds each.
"""

import copy
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from aespectra.data.pixels import write_dataset
from aespectra.models.checkpoint import save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.slabs.compute import write_slab
from timing import ARCHITECTURE, PIXELS, eleven_sets, network

SAMPLES, WHOLE, SEEDS = 3000, 70_000, 2
LATENT_DIMS = range(2, 21)


def slab(folder: Path, d: int, datasets: list[Path], precision: str) -> float:
    torch.set_num_threads(1)
    start = time.perf_counter()
    made_for = {"latent_dim": d, "autoencoder": ARCHITECTURE}
    write_slab(
        folder / f"{precision}{d}.nc", folder / f"d{d}", plain, made_for, datasets, SAMPLES, {"precision": precision}
    )
    return time.perf_counter() - start


def extrapolate() -> list[dict]:
    """Minutes of the whole study on two cores, for each precision."""
    rows = []
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(2, get_context("spawn")) as pool:
        folder = Path(name)
        datasets = []
        for label, x in eleven_sets(SAMPLES).items():
            datasets.append(folder / f"{label}.nc")
            write_dataset(datasets[-1], label, [x], {})
        for d in LATENT_DIMS:
            made_by = {
                "family": "autoencoder",
                "latent_dim": d,
                "seed": 0,
                "pixels": PIXELS,
                "autoencoder": ARCHITECTURE,
            }
            save_checkpoint(folder / f"d{d}", copy.deepcopy(network(d)), made_by, "cpu")
        for precision in ("float32", "float64"):
            list(pool.map(slab, [folder] * 2, [2, 3], [datasets] * 2, [precision] * 2))  # imports and compiles
            jobs = [pool.submit(slab, folder, d, datasets, precision) for d in reversed(LATENT_DIMS)]
            seconds = sum(job.result() for job in jobs) / 2 * SEEDS * WHOLE / SAMPLES
            rows.append(
                {
                    "precision": precision,
                    "share measured": SAMPLES / WHOLE / SEEDS,
                    "minutes of the whole": seconds / 60,
                }
            )
    return rows
