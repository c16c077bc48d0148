"""The Epps-Pulley statistic of random projections against N(0, 1), the sketched isotropic Gaussian regularisation.

Source: Epps and Pulley, Biometrika 70 (1983); Balestriero and LeCun, arXiv 2511.08544, written from the formula.
"""

import torch

from .with_derivative import with_derivative

NODES, END = 16, 3.0
"""Nodes of the trapezoidal rule up to END, beside the one at 0, where nothing can differ; beyond, exp(−t²/2) < .012."""


def epps_pulley(z: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
    """(n/k) Σ_u ∫ |mean exp(itu·z) − exp(−t²/2)|² exp(−t²/2) dt over k directions u, the integral from −END to END.

    Of samples of N(0, I) it is about 1, whatever n is: √(2π)(1 − 1/√3) less the tails.

    Parameters
    ----------
    z : torch.Tensor
        (n, d) latents.
    directions : torch.Tensor
        (k, d) unit vectors.

    Returns
    -------
    torch.Tensor
        Scalar, differentiable once.
    """
    return with_derivative(_value_and_derivative, directions @ z.T)


def _value_and_derivative(projected: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    k, n = projected.shape
    step = END / NODES
    t = step * torch.arange(1, NODES + 1, dtype=projected.dtype, device=projected.device)[:, None]
    normal = torch.exp(-t.square() / 2)
    # the integrand is even; the last node has half a weight, and at 0 there is nothing
    weight = 2 * n / k * step * normal
    weight[-1] /= 2
    # the nodes are equidistant, so that one exponential gives all others as its powers
    waves = _powers(torch.polar(torch.ones_like(projected), step * projected))
    misfit = waves.mean(dim=2) - normal
    value = (weight * (misfit.real.square() + misfit.imag.square())).sum()
    return value, torch.einsum("tk,tkn->kn", 2j / n * weight * t * misfit.conj(), waves).real


def _powers(base: torch.Tensor) -> torch.Tensor:
    """The first NODES powers, stacked; each round doubles how many there are."""
    powers = torch.empty((NODES, *base.shape), dtype=base.dtype, device=base.device)
    powers[0], have = base, 1
    while have < NODES:
        more = min(have, NODES - have)
        torch.mul(powers[:more], powers[have - 1], out=powers[have : have + more])
        have += more
    return powers
