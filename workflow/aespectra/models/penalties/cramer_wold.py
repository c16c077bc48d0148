"""The Cramer-Wold distance of a sample to N(0, I): the squared L² distance of smoothed projections, over all of them.

Source: Knop et al., arXiv 1805.09235 (JMLR 21, 2020), theorem 1 and section 4; φ is taken as it is, not approximated.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from scipy.special import gammaln, hyp1f1

from .distances import squared_distances
from .with_derivative import with_derivative

CELLS = 4096
"""Of the table of φ."""


Elementwise = Callable[[torch.Tensor], torch.Tensor]


def _at_once(f: Elementwise, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return f(squared_distances(a, b)).mean()


def cramer_wold(
    z: torch.Tensor, mean_over_pairs: Callable[[Elementwise, torch.Tensor, torch.Tensor], Any] = _at_once
) -> torch.Tensor:
    """The distance, smoothed with γ = (4/(3n))^(2/5), up to the factor 1/(2√π).

    (1+γ)^(−1/2) + (1/n²) Σ_ij γ^(−1/2) φ(‖z_i − z_j‖²/(4γ)) − (2/n) Σ_i (γ+½)^(−1/2) φ(‖z_i‖²/(2+4γ))

    Parameters
    ----------
    z : torch.Tensor
        (n, d) latents.
    mean_over_pairs : Callable
        Mean of a function of the squared distances of all points of two samples; another where they are too many for
        memory.

    Returns
    -------
    torch.Tensor
        Scalar, not negative but for rounding.
    """
    n, d = z.shape
    width = (4 / (3 * n)) ** 0.4
    pairs = mean_over_pairs(lambda squared: kummer(squared / (4 * width), d), z, z)
    points = kummer(z.square().sum(dim=1) / (2 + 4 * width), d).mean()
    return (1 + width) ** -0.5 + pairs * width**-0.5 - 2 * points * (width + 0.5) ** -0.5


def kummer(s: torch.Tensor, d: int) -> torch.Tensor:
    """φ(s) = ₁F₁(½; d/2; −s) and its derivative −(1/d) ₁F₁(3/2; d/2+1; −s), both within 1e-7 of scipy's in float64.

    Both are smooth functions of x = (1 + 2s/d)^(−1/2), which is 1 at s = 0 and 0 at ∞: cubic Hermite interpolation on
    even cells of x, whose nodes are scipy's values.

    Parameters
    ----------
    s : torch.Tensor
        Not negative; any shape.
    d : int
        Latent dimension, 1 or more.

    Returns
    -------
    torch.Tensor
        Of the shape of ``s``.
    """
    return with_derivative(partial(_value_and_derivative, d), s)


def _value_and_derivative(d: int, s: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    place = (s * (2 / d)).add_(1).rsqrt_().mul_(CELLS)
    cell = place.to(torch.int32).clamp_(0, CELLS - 1)  # of nan it would be any number
    return _interpolated(place.sub_(cell), cell, _table(d, s.dtype, s.device))


def _interpolated(t: torch.Tensor, cell: torch.Tensor, table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """φ and φ' at the place t, 0 to 1, of a cell."""
    a, b, c, d = torch.nn.functional.embedding(cell.flatten(), table).view(*cell.shape, 4, 2).unbind(-2)
    t = t[..., None]
    value, slope = (a + t * (b + t * (c + t * d))).unbind(-1)
    return value, slope


@cache
def _table(d: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """(CELLS, 8): the coefficients of the cubics, by rising power, each of φ and of φ'."""
    x = np.linspace(0, 1, CELLS + 1)[1:]
    s = d / 2 * (x**-2 - 1)
    stretch = -d * x**-3  # ds/dx
    value, slope, curvature = (_derivative(s, d, order) for order in range(3))
    # at x = 0, s = ∞, φ is 0 with this slope, by φ(s) ~ Γ(d/2)/Γ((d−1)/2) s^(−1/2); φ' falls off as x³
    end = 0.0 if d == 1 else float(np.exp(gammaln(d / 2) - gammaln((d - 1) / 2)) * (d / 2) ** -0.5)
    nodes = np.stack([value, slope], axis=1)
    slopes = np.stack([slope * stretch, curvature * stretch], axis=1) / CELLS
    nodes, slopes = np.vstack([[[0, 0]], nodes]), np.vstack([[[end / CELLS, 0]], slopes])
    step = np.diff(nodes, axis=0)
    left, right = slopes[:-1], slopes[1:]
    cubics = np.stack([nodes[:-1], left, 3 * step - 2 * left - right, left + right - 2 * step], axis=1)
    return torch.from_numpy(cubics.reshape(CELLS, 8)).to(device, dtype)


def _derivative(s: np.ndarray, d: int, order: int) -> np.ndarray:
    """φ, φ' or φ'' at s: (½)_k/(d/2)_k (−1)^k ₁F₁(½+k; d/2+k; −s)."""
    factor = np.prod([-(0.5 + k) / (d / 2 + k) for k in range(order)])
    return factor * hyp1f1(0.5 + order, d / 2 + order, -s)
