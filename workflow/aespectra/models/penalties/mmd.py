"""Maximum mean discrepancy of two samples, for a sum of inverse multiquadric kernels.

Source: Tolstikhin et al., arXiv 1711.01558, section 4 and algorithm 2; Gretton et al., JMLR 13 (2012), equation 3.
"""

from functools import partial

import torch

from .distances import squared_distances
from .with_derivative import with_derivative

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""s, of k(x, y) = Σ_s C/(C + ‖x − y‖²), C = 2·d·s; 2·d is the mean squared distance of two points of a prior."""


def mmd(z: torch.Tensor, prior: torch.Tensor) -> torch.Tensor:
    """Squared discrepancy, the terms within a sample unbiased, so that it may be negative.

    1/(n²−n) Σ_{i≠j} k(z_i, z_j) + 1/(m²−m) Σ_{i≠j} k(p_i, p_j) − 2/(nm) Σ_ij k(z_i, p_j)

    Parameters
    ----------
    z, prior : torch.Tensor
        (n, d) latents, (m, d) samples of the prior; a sample of one point has no terms within it.

    Returns
    -------
    torch.Tensor
        Scalar.
    """
    within = _within(z)
    with torch.no_grad():
        of_prior = _within(prior)
    across = multiquadrics(squared_distances(z, prior), z.shape[1]).mean()
    return within + of_prior - 2 * across


def _within(z: torch.Tensor) -> torch.Tensor:
    n, d = z.shape
    if n < 2:
        return z.new_zeros(())
    # of a point and itself every kernel is 1
    return (multiquadrics(squared_distances(z, z), d).sum() - n * len(SCALES)) / (n * n - n)


def multiquadrics(squared: torch.Tensor, d: int) -> torch.Tensor:
    """Σ_s C/(C + ‖·‖²), C = 2·d·s, at squared distances of any shape in d dimensions."""
    return with_derivative(partial(_multiquadrics, d), squared)


def _multiquadrics(d: int, squared: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The sum and its derivative, −Σ_s C/(C + ‖·‖²)²."""
    value, slope = torch.zeros_like(squared), torch.zeros_like(squared)
    for scale in SCALES:
        c = 2 * d * scale
        kernel = (squared + c).reciprocal_().mul_(c)
        value += kernel
        slope.addcmul_(kernel, kernel, value=-1 / c)
    return value, slope
