"""Ratios on one core, side by side in one run: the Jacobian stage against the GEMM peak and against autograd.

Prints, for each precision and latent dimension: microseconds a point, the share of the GEMM peak (all floating point
operations of the stage, products only, divided by time and peak), and how many times faster the whole of Jacobians
and eigenvalues is than vmap(jacrev) + eigvals on the 784 x 784 Jacobian.

Run by ``make bench``.
"""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch.func import jacrev, vmap

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

from aespectra.autoencoder import Autoencoder
from aespectra.jacobian import ROWS, jacobians
from aespectra.spectra import block_spectra

PIXELS, HIDDEN = 784, [128, 64, 32]
POINTS = 4096
DENSE_POINTS = 4


def best_time(function: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest of several runs, after one that does not count."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def gemm_peak(dtype: torch.dtype) -> float:
    """FLOP a second of the best of a large square product and of the two shapes that dominate here."""
    rates = []
    for m, k, n in ((2048, 2048, 2048), (2048, 784, 128), (2048, 128, 784)):
        a, b = torch.randn(m, k, dtype=dtype), torch.randn(k, n, dtype=dtype)
        rates.append(2 * m * k * n / best_time(lambda a=a, b=b: a @ b, 20))
    return max(rates)


def jacobian_flop(d: int) -> int:
    """Floating point operations of the matrix products for both Jacobians at one point, forward passes included."""
    widths = [PIXELS, *HIDDEN, d]
    encoder = [2 * a * b for a, b in pairwise(widths)]
    tangents = d * (sum(encoder) - encoder[-1] + encoder[0] + 2 * sum(encoder[1:]))  # basis through decoder, encoder
    return tangents + 3 * sum(encoder)  # x -> z -> y -> encoder's slopes at y


def dense(model: Autoencoder, x: torch.Tensor) -> np.ndarray:
    """Eigenvalues of the 784 x 784 Jacobian by reverse mode and LAPACK."""
    return np.linalg.eigvals(vmap(jacrev(model))(x).detach().numpy())


def main() -> None:
    torch.set_num_threads(1)
    print("| precision | d | Jacobians, µs a point | share of GEMM peak | Jacobians + eigenvalues, µs | × dense |")
    print("| --- | --- | --- | --- | --- | --- |")
    for dtype in (torch.float32, torch.float64):
        for d in (2, 10, 20):
            torch.manual_seed(0)
            model = Autoencoder(PIXELS, d, HIDDEN).to(dtype)
            x = torch.rand(POINTS, PIXELS, dtype=dtype)
            peak = gemm_peak(dtype)
            batches = x.split(ROWS["cpu"] // d)
            stage = (
                best_time(lambda m=model, b=batches: [jacobians(m.encoder, m.decoder, each) for each in b], 3) / POINTS
            )
            whole = best_time(lambda m=model, x=x: block_spectra(m, x.float().numpy()), 3) / POINTS
            slow = best_time(lambda m=model, x=x: dense(m, x[:DENSE_POINTS]), 1) / DENSE_POINTS
            share = jacobian_flop(d) / stage / peak
            name = str(dtype).removeprefix("torch.")
            print(
                f"| {name} | {d} | {stage * 1e6:.1f} | {share:.0%} | {whole * 1e6:.1f} | {slow / whole:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
