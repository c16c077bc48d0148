"""Eigenvalues of random small matrices: ours against numpy's and torch's LAPACK, on one core."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from aespectra.linalg.eigenvalues import eigenvalues
from timing import side_by_side

SECONDS = 0.3  # about so long for one run of LAPACK


def compare() -> list[dict]:
    """A row for each precision and d: microseconds a matrix, and ratios to ours."""
    rows = []
    for dtype in (np.float32, np.float64):
        for d in (2, 3, 5, 10, 15, 20, 40, 64):
            count = int(SECONDS / (0.3e-6 * d**1.8))
            matrices = np.random.default_rng(d).normal(size=(count, d, d)).astype(dtype)
            functions = {
                "ours": lambda m=matrices: eigenvalues(m),
                "two threads": lambda m=matrices: in_two_threads(m),
                "numpy": lambda m=matrices: np.linalg.eigvals(m),
                "torch": lambda m=matrices: torch.linalg.eigvals(torch.from_numpy(m)),
            }
            times = {name: seconds / count * 1e6 for name, seconds in side_by_side(functions).items()}
            rows.append(
                {"precision": dtype.__name__, "d": d}
                | {f"{name}, µs": each for name, each in times.items()}
                | {f"{name} / ours": times[name] / times["ours"] for name in ("numpy", "torch")}
            )
    return rows


def in_two_threads(matrices: np.ndarray) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(eigenvalues, np.array_split(matrices, 2)))
