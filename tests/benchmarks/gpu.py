"""On a GPU: the solver against torch.linalg.eigvals on the same GPU; spectra and training of the paper's study."""

import copy

import torch
from aespectra.linalg.eigenvalues_cuda import eigenvalues
from aespectra.models.families import autoencoder as plain
from aespectra.models.train import train
from aespectra.models.train_together import train_together
from aespectra.slabs.compute import BLOCKS, block_spectra
from timing import ARCHITECTURE, TRAINING, eleven_sets, images, network, side_by_side

MATRICES, FEWER = 65_536, 256  # torch's is a loop: timed on fewer
STUDY = 2 * 11 * 70_000  # points for each d
PAIRS = [(d, seed) for d in range(2, 21) for seed in (0, 1)]
EPOCHS = 300


def solver() -> list[dict]:
    """Microseconds a matrix, the way of the eigenvalues to the host included."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        for d in (2, 5, 10, 20, 40):
            matrices = torch.randn(MATRICES, d, d, dtype=dtype, device="cuda")
            functions = {
                "ours": lambda m=matrices: eigenvalues(m),
                "torch": lambda m=matrices: torch.linalg.eigvals(m[:FEWER]).cpu(),
            }
            times = side_by_side(functions)
            ours, theirs = times["ours"] / MATRICES * 1e6, times["torch"] / FEWER * 1e6
            precision = str(dtype).removeprefix("torch.")
            rows.append({"precision": precision, "d": d, "ours, µs": ours, "torch, µs": theirs, "ratio": theirs / ours})
    return rows


def study() -> list[dict]:
    """Seconds for all 29.26 million points, from one block for each d; reading and writing of files not included."""
    points = eleven_sets(BLOCKS["cuda"])["uniform"]
    rows = []
    for dtype in (torch.float32, torch.float64):
        seconds = 0.0
        for d in range(2, 21):
            model = copy.deepcopy(network(d)).to("cuda", dtype)
            functions = {"block": lambda m=model: block_spectra(m, points)}
            seconds += side_by_side(functions)["block"] / len(points) * STUDY
        rows.append({"precision": str(dtype).removeprefix("torch."), "seconds of the whole": seconds})
    return rows


def training() -> list[dict]:
    """Minutes for all networks of the study, from the difference between six epochs and one."""
    single = 10, 0
    loops = {
        "together": (1, lambda recipe: train_together(images(), PAIRS, plain, ARCHITECTURE, recipe, "cuda")),
        "one by one": (len(PAIRS), lambda recipe: train(images(), *single, plain, ARCHITECTURE, recipe, "cuda")),
    }
    rows = []
    for name, (jobs, loop) in loops.items():
        functions = {epochs: lambda e=epochs, f=loop: f(TRAINING | {"epochs": e}) for epochs in (1, 6)}
        times = side_by_side(functions)
        rows.append({"networks": name, "minutes of the whole": (times[6] - times[1]) / 5 * EPOCHS * jobs / 60})
    return rows
