"""Spectra of the kept networks in float32 against float64: at how many points they differ, and why."""

import copy
from pathlib import Path

import numpy as np
import torch
from aespectra.linalg.eigenvalues import eigenvalues
from aespectra.linalg.jacobian import jacobians
from aespectra.models.autoencoder import Autoencoder
from timing import eleven_sets, kept_network, kept_networks
from torch import nn

POINTS = 700
"""Of each set: 1 % of the study's."""

LARGE = 1e-3
"""Difference of an eigenvalue, relative to the largest of its spectrum."""

CLOSE = 1e-4
"""Difference of two Jacobians, relative to the norm: if it is less, a large one of eigenvalues is their condition."""


def compare() -> list[dict]:
    """A row for each d, over its seeds: shares of all points of the eleven sets.

    Points where an eigenvalue of J_I or J_L differs are split by cause. ``ReLU``: a unit is switched on in one
    precision only. ``Jacobian``: none is, but the matrices differ, as large terms cancel in their products.
    ``condition``: the matrices agree; rounding is magnified where eigenvalues lie close to each other.
    """
    rows = []
    for d, paths in kept_networks().items():
        pairs = [_both_precisions(path) for path in paths]
        cases = np.concatenate([_cases(*pair, x) for pair in pairs for x in eleven_sets(POINTS).values()], axis=1)
        differs, relu, jacobian = cases
        rows.append(
            {
                "d": d,
                "points": len(differs),
                "a unit on in one precision only": float(relu.mean()),
                "eigenvalues differ by more than 1e-3": float(differs.mean()),
                "by ReLU": float((differs & relu).mean()),
                "by Jacobian": float((differs & ~relu & jacobian).mean()),
                "by condition": float((differs & ~relu & ~jacobian).mean()),
            }
        )
    return rows


def _both_precisions(path: Path) -> tuple[Autoencoder, Autoencoder]:
    model = kept_network(path)
    return model, copy.deepcopy(model).double()


def _cases(single: Autoencoder, double: Autoencoder, x: np.ndarray) -> np.ndarray:
    """(3, n) bool: an eigenvalue differs, a unit is on in one precision only, a Jacobian differs."""
    one, two = (_matrices(model, x) for model in (single, double))
    values, truth = (eigenvalues(each.reshape(-1, *each.shape[2:]))[0].reshape(each.shape[:3]) for each in (one, two))
    # tiny: an all-zero Jacobian has no largest eigenvalue
    size = np.abs(truth).max(axis=2, keepdims=True) + np.finfo(np.float32).tiny
    differs = (np.abs(values - truth) > LARGE * size).any(axis=(0, 2))
    distance, norm = (np.linalg.norm(each, axis=(2, 3)) for each in (one - two, two))
    relu = (_pattern(single, x) != _pattern(double, x)).any(dim=1).numpy()
    return np.stack([differs, relu, (distance > CLOSE * norm).any(axis=0)])


def _matrices(model: Autoencoder, x: np.ndarray) -> np.ndarray:
    """(2, n, d, d), for J_I and J_L."""
    return jacobians(model.encoder, model.decoder, torch.from_numpy(x)).matrices.numpy()


@torch.no_grad()
def _pattern(model: Autoencoder, x: np.ndarray) -> torch.Tensor:
    """(n, units) bool: which ReLU units are on, from x to z to y and on to the encoder's last."""
    h = torch.from_numpy(x).to(next(model.parameters()))
    on = []
    for layer in [*model.encoder, *model.decoder, *model.encoder]:
        h = layer(h)
        if isinstance(layer, nn.ReLU):
            on.append(h > 0)
    return torch.cat(on, dim=1)
