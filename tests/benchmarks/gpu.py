"""On a GPU: the solver against torch.linalg.eigvals on the same GPU, and the spectra of the paper's whole study."""

import copy

import torch
from aespectra.eigenvalues_cuda import eigenvalues
from aespectra.spectra import BLOCKS, block_spectra
from timing import eleven_sets, network, side_by_side

MATRICES, FEWER = 65_536, 256  # torch's is a loop: timed on fewer
STUDY = 2 * 11 * 70_000  # points for each d


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
