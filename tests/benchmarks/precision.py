"""Spectra in float32 against float64: how many points differ, and whether a ReLU boundary between them is why."""

import copy

import numpy as np
import torch
from aespectra.autoencoder import Autoencoder
from aespectra.spectra import block_spectra
from timing import eleven_sets, network
from torch import nn

POINTS, LARGE = 2000, 1e-3  # of each set; difference of eigenvalues relative to the largest


@torch.no_grad()
def pattern(model: Autoencoder, x: np.ndarray) -> torch.Tensor:
    """(n, units) bool: which ReLU units are on, from x to z to y and on to the encoder's last."""
    h = torch.from_numpy(x).to(next(model.parameters()))
    on = []
    for layer in [*model.encoder, *model.decoder, *model.encoder]:
        h = layer(h)
        if isinstance(layer, nn.ReLU):
            on.append(h > 0)
    return torch.cat(on, dim=1)


def compare() -> list[dict]:
    """A row for each d: shares of all points of the eleven sets."""
    rows = []
    for d in (2, 10, 20):
        single, double = network(d), copy.deepcopy(network(d)).double()
        other_side, large = [], []
        for x in eleven_sets(POINTS).values():
            one, two = (block_spectra(model, x)["eigenvalue"] for model in (single, double))
            scale = np.abs(two).max(axis=(0, 2)) + np.finfo(np.float32).tiny
            large.append(np.abs(one - two).max(axis=(0, 2)) > LARGE * scale)
            other_side.append((pattern(single, x) != pattern(double, x)).any(dim=1).numpy())
        large, other_side = np.concatenate(large), np.concatenate(other_side)
        rows.append(
            {
                "d": d,
                "points": len(large),
                "a unit on in one precision only": float(other_side.mean()),
                "eigenvalues differ by more than 1e-3": float(large.mean()),
                "both": float((large & other_side).mean()),
            }
        )
    return rows
