"""Every way in which the library writes a file, by its kind; started by test_full_disks.py with its writes failing.

python writers.py FOLDER LIBRARY ERRNO MOST KIND...: leaves what came of each kind in FOLDER/outcome.json; netCDF prints
of its own on the terminal when a file cannot be closed.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

import numpy as np
import torch
from aespectra.claims.judge import write_claims
from aespectra.data.noise import noise_blocks
from aespectra.data.pixels import write_dataset
from aespectra.figures.style import save
from aespectra.files import REASONS, NotWrittenError, written_whole
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from aespectra.models.families import autoencoder
from aespectra.models.train import save_losses
from aespectra.report.pages import write_page
from aespectra.slabs.compute import write_slab
from aespectra.slabs.cube import write_standalone_cube, write_virtual_cube
from aespectra.slabs.latents import write_latents
from aespectra.summary.compute import write_statistics
from aespectra.summary.merge import write_summary
from matplotlib.figure import Figure

ENDED = "netCDF ended the process, what was there before is there"
"""At the very last write of its closing a file, which the library cannot try beforehand (aespectra/netcdf.py)."""

NOISE = {"name": "noise", "distribution": "uniform", "low": 0, "high": 1}
ARCHITECTURE = {"hidden": [8], "activation": "ReLU", "output_activation": "Tanh"}
MADE_BY = {"family": "autoencoder", "kind": "autoencoder", "latent_dim": 2, "seed": 0, "images": "noise", "pixels": 64}
MADE_BY |= {"autoencoder": ARCHITECTURE, "training": {}}


def kinds(folder: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """For each kind its file and what writes it, in the order in which one needs the other."""
    noise, network = folder / "noise.nc", folder / "models" / "autoencoder" / "d2_seed0.safetensors"
    losses, slab = network.with_name("d2_seed0_loss.csv"), folder / "spectra" / "autoencoder" / "d2_seed0.nc"
    part, summary, latents = (folder / name for name in ("d2.nc", "summary.nc", "latents.nc"))
    cube, alone, claims, page = (folder / name for name in ("cube.nc", "alone.nc", "claims.csv", "page.html"))
    figure = Figure()
    figure.subplots().plot(np.random.default_rng(0).random(2000))
    torch.manual_seed(0)
    model = Autoencoder((64,), 2, **ARCHITECTURE)
    rows = [{"claim": "1", "says": "x" * 3000}] * 9
    job = (network, autoencoder, {"latent_dim": 2, "autoencoder": ARCHITECTURE})

    def manifest() -> None:
        with written_whole(folder / "manifest.json") as temporary:
            temporary.write_text(json.dumps(list(range(20_000))))

    return {
        "data set": (noise, lambda: write_dataset(noise, "noise", noise_blocks(NOISE, 0, 64, 3000), NOISE)),
        "checkpoint": (network, lambda: save_checkpoint(network, model, MADE_BY, "cpu")),
        "loss curve": (losses, lambda: save_losses(losses, {"loss": np.arange(3000.0)})),
        "slab": (slab, lambda: write_slab(slab, *job, [noise], 300, {"precision": "float64"})),
        "latents": (latents, lambda: write_latents(latents, *job, {"training": noise})),
        "statistics": (part, lambda: write_statistics(part, [slab], [losses])),
        "summary": (summary, lambda: write_summary(summary, [part], [noise], {})),
        "cube": (cube, lambda: write_virtual_cube(cube, [slab], {})),
        "self-contained cube": (alone, lambda: write_standalone_cube(alone, [slab], {})),
        "claims": (claims, lambda: write_claims(claims, rows)),
        "page": (page, lambda: write_page(page, "Title", "text" * 9000)),
        "manifest": (folder / "manifest.json", manifest),
        **{
            suffix: ((folder / f"figure.{suffix}"), lambda suffix=suffix: save(figure, folder / f"figure.{suffix}"))
            for suffix in ("pdf", "png", "svg")
        },
    }


def fault(path: Path, write: Callable[[], object], number: int) -> str:
    """What is wrong with how a failing write ended; empty if nothing is."""
    before = path.read_bytes()
    try:
        write()
    except NotWrittenError as error:
        said = str(error)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    else:
        return "no error"
    if said != f"{path} could not be written: {REASONS[number]} ({os.strerror(number)}).":
        return said
    if path.read_bytes() != before:
        return "the file that was there has changed"
    if left := list(path.parent.glob("*.part")):
        return f"{left} is left"
    return ""


def in_a_process_of_its_own(disk: ctypes.CDLL, point: int, path: Path, write: Callable[[], object], number: int) -> str:
    """``fault`` from the n-th write on: a job ends after one failure, and HDF5 does not stand many in one process."""
    before = path.read_bytes()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        disk.fail_from(point, number)
        what = fault(path, write, number)
        disk.fail_from(0, 0)
        os.write(writer, what[:4000].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    for left in path.parent.glob("*.part"):
        left.unlink()
    if status == signal.SIGSEGV and path.suffix == ".nc" and path.read_bytes() == before:
        return ENDED
    return said or (f"crash {status}" if status else "")


def main(folder: Path, library: str, number: int, most: int, asked: list[str]) -> None:
    disk = ctypes.CDLL(library)
    outcome = {}
    for kind, (path, write) in kinds(folder).items():
        disk.fail_from(0, 0)
        write()
        count = disk.writes()
        if asked and kind not in asked:
            continue
        last = range(max(count - 3, 1), count + 1)  # the closing of a file, and what puts it on disk
        points = sorted({*np.linspace(1, count, min(most, count)).round().astype(int).tolist(), *last})
        came = {point: in_a_process_of_its_own(disk, point, path, write, number) for point in points}
        faults = {point: what for point, what in came.items() if what not in ("", ENDED)}
        ended = sum(what == ENDED for what in came.values())
        outcome[kind] = {"writes": count, "tried": len(points), "ended": ended, "faults": faults}
    (folder / "outcome.json").write_text(json.dumps(outcome))


if __name__ == "__main__":
    folder, library, number, most, *asked = sys.argv[1:]
    main(Path(folder), library, int(number), int(most), asked)
