"""Both spectra of a trained network at points of the eleven sets: ours against three other routes, on one core.

(a) vmap(jacrev) of the whole autoencoder, 784 x 784, and numpy's eigvals; input Jacobian only.
(b) jacfwd of the decoder times jacrev of the encoder, 784 x 784, and numpy's eigvals; input Jacobian only.
(c) the expert's: vmap(jacfwd) of the decoder, vmap(jacrev) of the encoder at x and y, d x d products, torch's eigvals.
"""

import copy
from itertools import pairwise

import numpy as np
import torch
from aespectra.linalg.jacobian import jacobians
from aespectra.linalg.perceptron import ROW_BYTES
from aespectra.models.autoencoder import Autoencoder
from aespectra.slabs.compute import block_spectra
from timing import ARCHITECTURE, PIXELS, eleven_sets, gemm_peak, network, side_by_side
from torch.func import jacfwd, jacrev, vmap

POINTS = {"ours": 1024, "(c)": 128, "(b)": 2, "(a)": 2}  # of each set for ours, of all for the others


def dense_flop(d: int) -> int:
    """Floating point operations of the matrix products for both Jacobians at one point if no unit is left out."""
    encoder = [2 * a * b for a, b in pairwise([PIXELS, *ARCHITECTURE["hidden"], d])]
    tangents = d * (sum(encoder) - encoder[-1] + encoder[0] + 2 * sum(encoder[1:]))  # basis through decoder, encoder
    return tangents + 3 * sum(encoder)  # x -> z -> y -> encoder's slopes at y


def route_a(model: Autoencoder, x: torch.Tensor) -> np.ndarray:
    return np.linalg.eigvals(vmap(jacrev(model))(x).detach().numpy())


def route_b(model: Autoencoder, x: torch.Tensor) -> np.ndarray:
    z = model.encoder(x)
    return np.linalg.eigvals((vmap(jacfwd(model.decoder))(z) @ vmap(jacrev(model.encoder))(x)).detach().numpy())


@torch.no_grad()
def route_c(model: Autoencoder, x: torch.Tensor) -> list[torch.Tensor]:
    z = model.encoder(x)
    y = model.decoder(z)
    up = vmap(jacfwd(model.decoder))(z)
    return [torch.linalg.eigvals(vmap(jacrev(model.encoder))(point) @ up) for point in (x, y)]


def compare() -> list[dict]:
    """A row for each precision and d: microseconds a point, ratios, shares of the GEMM peak."""
    rows = []
    sets = eleven_sets(POINTS["ours"])
    mixed = np.stack(list(sets.values()), axis=1).reshape(-1, PIXELS)
    for dtype in (torch.float32, torch.float64):
        peak = gemm_peak(dtype)
        for d in (2, 5, 10, 15, 20):
            model = copy.deepcopy(network(d)).to(dtype)
            points = {name: torch.from_numpy(mixed[:count]).to(dtype) for name, count in POINTS.items()}
            batches = [torch.from_numpy(x).to(dtype) for x in sets.values()]
            functions = {
                "ours": lambda m=model: [block_spectra(m, x) for x in sets.values()],
                "Jacobians": lambda m=model, b=batches: [jacobians(m.encoder, m.decoder, x) for x in b],
                "(c)": lambda m=model, x=points["(c)"]: route_c(m, x),
                "(b)": lambda m=model, x=points["(b)"]: route_b(m, x),
                "(a)": lambda m=model, x=points["(a)"]: route_a(m, x),
            }
            times = side_by_side(functions, 2)
            counts = POINTS | {"ours": len(mixed), "Jacobians": len(mixed)}
            times = {name: seconds / counts[name] * 1e6 for name, seconds in times.items()}
            rows.append(
                {"precision": str(dtype).removeprefix("torch."), "d": d}
                | {f"{name}, µs": each for name, each in times.items()}
                | {f"{name} / ours": times[name] / times["ours"] for name in ("(c)", "(b)", "(a)")}
                | {
                    "Jacobians: dense arithmetic at the GEMM peak / ours": dense_flop(d)
                    / peak
                    / times["Jacobians"]
                    * 1e6
                }
            )
    return rows


def over_batches() -> list[dict]:
    """Microseconds a point of the Jacobians, d = 10, float64, by the points of a batch."""
    model, rows = copy.deepcopy(network(10)).double(), []
    x = torch.from_numpy(eleven_sets(POINTS["ours"])["uniform"]).double()
    kept = ROW_BYTES["cpu"]
    for batch in (33, 66, 132, 264, 512, 528, 1024, 1056):
        ROW_BYTES["cpu"] = 8 * batch
        seconds = side_by_side({"ours": lambda: jacobians(model.encoder, model.decoder, x)})["ours"]
        rows.append({"points": batch, "µs a point": seconds / len(x) * 1e6})
    ROW_BYTES["cpu"] = kept
    return rows
