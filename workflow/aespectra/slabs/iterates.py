"""Where the map z -> f_enc(f_dec(z)) takes latents in the end: fixed points, cycles, or nowhere that was found.

Source of the questions: Radhakrishnan et al., arXiv 1810.10333 (autoencoders memorise training images as attractors);
Fumero et al., arXiv 2505.22785 (the latent map as a vector field).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from ..linalg.weights import like_of

STEP = 1e-10
"""A point has converged when it moves by less than this share of its own norm, or of that of a usual latent."""

ITERATIONS = 3000

LONGEST_CYCLE = 32
"""Period up to which cycles are looked for, among the points that have not converged."""

RETURNED = 1e-7
"""Distance, relative in the same way, at which a point of a cycle is back."""

SAME = 1e-6
"""Distance, relative in the same way, up to which two fixed points are one: so far from its end a slow point stops."""

BATCH = 1000
"""Latents iterated at once: more do not run faster on a CPU."""

LOOKED = 10
"""Iterations between two looks at which points have converged: looking takes as long as a tenth of an iteration."""

CONVERGED, CYCLE, OPEN = 0, 1, 2


class Iterates(NamedTuple):
    """Of n latents, where they end."""

    z: np.ndarray
    """(n, d) float64, where they were left."""
    outcome: np.ndarray
    """(n,) CONVERGED, CYCLE, or OPEN: still moving, or not finite."""
    iterations: np.ndarray
    """(n,) int64, after how many they were left, a multiple of LOOKED."""
    period: np.ndarray
    """(n,) int64: 1 where converged, of a cycle its period, else 0."""
    rate: np.ndarray
    """(n,) float64: factor by which steps shrank from one to the next, over the last LOOKED: where a point spirals in,
    a single one swings. nan where not converged, or at the first look."""


@torch.no_grad()
def iterate(encoder: nn.Module, decoder: nn.Module, z: np.ndarray, usual: float) -> Iterates:
    """Apply f_enc ∘ f_dec until points stay where they are.

    Parameters
    ----------
    encoder, decoder : nn.Module
        In eval mode, on the CPU or a GPU; float64, as rounding in float32 is larger than STEP.
    z : np.ndarray
        (n, d) where they start.
    usual : float
        Norm of a usual latent, by which steps of points near zero are measured.

    Returns
    -------
    Iterates
        Each point as if it were alone, but for rounding.
    """
    n = len(z)
    found = Iterates(
        np.array(z, np.float64),
        np.full(n, OPEN),
        np.full(n, ITERATIONS),
        np.zeros(n, np.int64),
        np.full(n, np.nan),
    )
    for start in range(0, n, BATCH):
        _iterate_batch(encoder, decoder, np.arange(start, min(start + BATCH, n)), found, usual)
    return found


def _iterate_batch(encoder: nn.Module, decoder: nn.Module, places: np.ndarray, found: Iterates, usual: float) -> None:
    """Fill in the results of some points; those that have converged leave the batch."""
    z = torch.from_numpy(found.z[places])
    now = z.to(like_of(decoder, encoder, otherwise=z))
    former = now.new_full((len(now),), torch.nan)  # step at the look before
    for done in range(LOOKED, ITERATIONS + LOOKED, LOOKED):
        for _ in range(LOOKED):
            before, now = now, encoder(decoder(now))
        step = torch.linalg.vector_norm(now - before, dim=1)
        # a step that is not finite is none, nor one of points whose norm is not
        ended = step.isfinite() & (step <= STEP * torch.linalg.vector_norm(now, dim=1).clamp(min=usual))
        if ended.any():
            here = places[ended.cpu().numpy()]
            found.z[here] = now[ended].cpu().numpy()
            found.outcome[here], found.iterations[here], found.period[here] = CONVERGED, done, 1
            rate = torch.where(former > 0, (step / former) ** (1 / LOOKED), torch.nan)
            found.rate[here] = rate[ended].cpu().numpy()
            places, now, step = places[~ended.cpu().numpy()], now[~ended], step[~ended]
        former = step
        if not len(places):
            return
    found.z[places] = now.cpu().numpy()
    _look_for_cycles(encoder, decoder, places, now, found, usual)


def _look_for_cycles(
    encoder: nn.Module, decoder: nn.Module, places: np.ndarray, start: torch.Tensor, found: Iterates, usual: float
) -> None:
    """Points that come back within LONGEST_CYCLE iterations, and not because they hardly move."""
    near = RETURNED * torch.linalg.vector_norm(start, dim=1).clamp(min=usual)
    now, away = start, torch.zeros(len(start), dtype=torch.bool, device=start.device)
    for period in range(1, LONGEST_CYCLE + 1):
        now = encoder(decoder(now))
        distance = torch.linalg.vector_norm(now - start, dim=1)
        # back, after it has been a hundred times as far away
        back = (distance <= near) & away & torch.from_numpy(found.period[places] == 0).to(away.device)
        away |= distance > 100 * near
        here = places[back.cpu().numpy()]
        found.outcome[here], found.period[here] = CYCLE, period


def fixed_points(z: np.ndarray, usual: float, known: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Which ends are the same: distinct points, in the order in which they first came, and which of them each is.

    Parameters
    ----------
    z : np.ndarray
        (n, d) where points converged.
    usual : float
        As for ``iterate``.
    known : np.ndarray, optional
        (m, d) found before, which keep their places.

    Returns
    -------
    points : np.ndarray
        (k, d), the known ones first.
    which : np.ndarray
        (n,) int64
    """
    points = np.empty((0, z.shape[1])) if known is None else known
    which = np.full(len(z), -1)
    reach = SAME * np.maximum(np.linalg.norm(z, axis=1), usual)
    for place, point in enumerate(points):
        which[(which < 0) & (np.linalg.norm(z - point, axis=1) <= reach)] = place
    while (which < 0).any():
        first = int(np.argmax(which < 0))
        which[(which < 0) & (np.linalg.norm(z - z[first], axis=1) <= reach)] = len(points)
        points = np.vstack([points, z[first]])
    return points, which
