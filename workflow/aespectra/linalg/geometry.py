"""What the Jacobians do to lengths and volumes, beside their eigenvalues: singular values, departure from normality.

With the Gram matrices G_enc = Df_enc(x) Df_enc(x)ᵀ and G_dec = Df_dec(z)ᵀ Df_dec(z), both d x d, the squares of the
singular values of J_I(x) = Df_dec Df_enc are the eigenvalues of G_dec G_enc, and zeros. Here they are those of a
product of square roots of both, which needs no matrix that is not symmetric. A Gram matrix has squares, so half of the
digits of what is small are lost: singular values of either derivative below sqrt(d·eps) of its largest, 5e-8 in float64
for d = 10, cannot be told from zero and count as zeros. Singular values of J_L come from J_L itself, where those below
d·eps of the largest cannot, 2e-15.

Of a normal matrix Σ|λ|² = ‖J‖²_F; what is missing is the square of Henrici's departure from normality (Numerische
Mathematik 4, 1962).
"""

from typing import NamedTuple

import numpy as np
import torch


class Geometry(NamedTuple):
    """Of n points."""

    singular_values: np.ndarray  # (2, n, d), of J_I and J_L, decreasing; the others of J_I are zero
    departure: np.ndarray  # (2, n), ‖J‖²_F - Σ|λ|², which is not below zero
    log_volume: np.ndarray  # (n,), ½ ln det G_dec: how much the decoder stretches volumes, -inf where it flattens them


@torch.no_grad()
def geometry(grams: torch.Tensor, latent: torch.Tensor, eigenvalues: np.ndarray) -> Geometry:
    """That of both Jacobians at every point.

    Parameters
    ----------
    grams : torch.Tensor
        (2, n, d, d), G_enc and G_dec.
    latent : torch.Tensor
        (n, d, d), J_L.
    eigenvalues : np.ndarray
        (2, n, d), of J_I and of J_L.

    Returns
    -------
    Geometry
        In the precision of the arguments; nan where one of them has an entry that is not finite.
    """
    finite = grams.isfinite().flatten(2).all(dim=2).all(dim=0) & latent.isfinite().flatten(1).all(dim=1)
    grams, latent = (torch.where(finite[:, None, None], each, 0) for each in (grams, latent))
    squares, vectors = torch.linalg.eigh(grams)
    least = squares.shape[-1] * torch.finfo(squares.dtype).eps * squares[..., -1:]
    squares = torch.where(squares > least, squares, 0)
    roots = vectors * squares.sqrt().unsqueeze(-2)  # roots · rootsᵀ = G
    values = torch.linalg.svdvals(torch.stack([roots[1].mT @ roots[0], latent]))
    latent_values = values[1]
    latent_values[latent_values <= latent_values.shape[1] * torch.finfo(values.dtype).eps * latent_values[:, :1]] = 0
    norms = values.square().sum(dim=2).cpu().numpy()
    departure = np.maximum(norms - np.square(np.abs(eigenvalues)).sum(axis=2), 0)
    log_volume = squares[1].log().sum(dim=1) / 2
    found = Geometry(values.cpu().numpy(), departure, log_volume.cpu().numpy())
    outside = ~finite.cpu().numpy()
    for each in found[:2]:
        each[:, outside] = np.nan
    found.log_volume[outside] = np.nan
    return found
