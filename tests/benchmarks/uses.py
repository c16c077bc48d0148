"""What uses of the spectra cost: scores of points beside the spectra they need, iterations beside their products."""

import numpy as np
import torch
from aespectra.slabs import iterates
from aespectra.slabs.compute import block_spectra
from aespectra.summary.detector import Detector
from timing import eleven_sets, kept_network, kept_networks, side_by_side
from torch import nn

POINTS = 7000
"""Scored: a tenth of a set of the paper."""

FITTED = 20_000


@torch.no_grad()
def scores() -> list[dict]:
    """A detector of the first kept network at d = 2, 10 and 20."""
    rows = []
    for d in (2, 10, 20):
        network = kept_network(kept_networks()[d][0]).double()
        training, *others = eleven_sets(FITTED).values()
        x = np.concatenate([each[: POINTS // 10] for each in others]).astype(np.float64)

        def seen(points: np.ndarray, network=network) -> tuple[np.ndarray, dict]:
            return network.encoder(torch.from_numpy(points)).numpy(), block_spectra(network, points)

        detector, points = Detector(*seen(training.astype(np.float64))), seen(x)
        times = side_by_side(
            {
                "spectra": lambda network=network, x=x: block_spectra(network, x),
                "scores": lambda detector=detector, points=points: detector.scores(*points),
            }
        )
        rows.append(
            {
                "d": d,
                "spectra, µs a point": times["spectra"] / POINTS * 1e6,
                "scores, µs a point": times["scores"] / POINTS * 1e6,
                "both / spectra": 1 + times["scores"] / times["spectra"],
                "scores of 70,000 points, s": times["scores"] * 70_000 / POINTS,
            }
        )
    return rows


@torch.no_grad()
def iterations() -> list[dict]:
    """Iterations of all points of a batch, none of which converges, beside the products with all weights in turn."""
    rows = []
    for d in (2, 10, 20):
        network = kept_network(kept_networks()[d][0]).double()
        z = torch.randn(iterates.BATCH, d, dtype=torch.float64)
        weights = [
            each.weight.T for part in (network.decoder, network.encoder) for each in part if type(each) is nn.Linear
        ]
        ends = iterates.iterate(network.encoder, network.decoder, z.numpy(), 1.0)
        steps = 20

        def iterate(network=network, z=z, steps=steps) -> None:
            for _ in range(steps):
                z = network.encoder(network.decoder(z))

        def products(weights=weights, z=z, steps=steps) -> None:
            for _ in range(steps):
                h = z
                for weight in weights:
                    h = h @ weight

        times = side_by_side({"iterations": iterate, "products": products}, 10)
        rows.append(
            {
                "d": d,
                "point-iterations a second": steps * len(z) / times["iterations"],
                "products alone": steps * len(z) / times["products"],
                "iterations / products": times["iterations"] / times["products"],
                "median iterations to converge": float(np.median(ends.iterations)),
            }
        )
    return rows
