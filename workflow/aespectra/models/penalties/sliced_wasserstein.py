"""The sliced Wasserstein distance of two samples.

Source: Kolouri et al., arXiv 1804.01947, equation 13; Bonneel et al., J. Math. Imaging Vis. 51 (2015).
"""

import torch


def sliced_wasserstein(z: torch.Tensor, prior: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
    """The squared 2-Wasserstein distance along each direction, averaged over the directions.

    Parameters
    ----------
    z, prior : torch.Tensor
        (n, d) latents, and as many samples of the prior.
    directions : torch.Tensor
        (k, d) unit vectors.

    Returns
    -------
    torch.Tensor
        Scalar.
    """
    ours, theirs = ((directions @ each.T).sort(dim=1).values for each in (z, prior))
    return (ours - theirs).square().mean()
