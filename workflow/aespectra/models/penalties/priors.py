"""Priors of variance 1, and random directions: what penalties compare latents with, drawn from torch's generator.

Training seeds that generator by the network's seed, so that what is drawn depends on nothing else.
"""

import torch

HALF = 3**0.5
"""Half the edge of a cube on which every coordinate has variance 1."""


def draw(prior: str, like: torch.Tensor) -> torch.Tensor:
    """Independent samples of a prior.

    Parameters
    ----------
    prior : str
        gaussian, N(0, I), or uniform, on the cube from -√3 to √3, whose coordinates have variance 1 as well.
    like : torch.Tensor
        (n, d), gives shape, dtype and device.

    Returns
    -------
    torch.Tensor
        (n, d)

    Raises
    ------
    ValueError
        There is no such prior.
    """
    if prior == "gaussian":
        return torch.randn_like(like)
    if prior == "uniform":
        return (2 * torch.rand_like(like) - 1) * HALF
    raise ValueError(f"there is no prior '{prior}'; allowed are gaussian, uniform.")


def directions(count: int, like: torch.Tensor) -> torch.Tensor:
    """(count, d) unit vectors, uniform on the sphere, for latents ``like`` (n, d)."""
    return torch.nn.functional.normalize(torch.randn(count, like.shape[1], dtype=like.dtype, device=like.device))
