"""Is a pair of modules what spectra can be taken of? Looked at before the work begins, each fault in one sentence."""

import copy
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import jvp

from ..linalg.forward_mode import plain_attention
from ..linalg.jacobian import jacobians
from ..logs import first_line
from ..memory import has_run_out
from .family import Family, Network

PROBED = 4
"""Points at which a network is looked at."""

STEP = 1e-5
"""Of the differences that derivatives are compared with, in float64: half of its digits are left. Of points whose norm
is less than 1, this share of it."""


class UnfitError(ValueError):
    """Spectra cannot be taken of a network; the message is one sentence for the user."""


def probe(network: Network, x: torch.Tensor) -> None:
    """Look at a network at some points.

    Parameters
    ----------
    network : Network
        In eval mode; encoder (n, …) to (n, d), decoder back.
    x : torch.Tensor
        (n, …) points, of its dtype and on its device. In float64 derivatives are compared with differences as well.

    Raises
    ------
    UnfitError
        A part maps to another shape, is not deterministic, looks at a point's neighbours in the batch, or has no
        derivative, or another one than its values show.
    """
    with torch.no_grad():
        z = _probed("encoder", network.encoder, x)
        if z.dim() != 2 or len(z) != len(x):
            raise UnfitError(f"the encoder makes {tuple(z.shape)} of {tuple(x.shape)}; it must make (n, d).")
        y = _probed("decoder", network.decoder, z)
        if y.shape != x.shape:
            raise UnfitError(
                f"the decoder makes {tuple(y.shape)} of {tuple(z.shape)}; the points are {tuple(x.shape)}."
            )
    if x.dtype == torch.float64 and len(x) and z.isfinite().all():
        _compare_derivative("encoder", network.encoder, x)
        _compare_derivative("decoder", network.decoder, z)
    try:
        jacobians(network.encoder, network.decoder, x)
    except (RuntimeError, NotImplementedError) as error:
        if has_run_out(error):
            raise
        raise UnfitError(f"torch.func does not take the network's derivative: {first_line(error)}") from error


def probe_in_float64(network: Network, images: np.ndarray) -> None:
    """``probe`` a copy of a network of rows, in float64 and eval mode, at the first of images (n, …), all finite."""
    for name in ("encoder", "decoder"):
        check_weights(name, getattr(network, name))
    network, x = copied(network).double().eval(), torch.from_numpy(images[:PROBED]).flatten(1).double()
    probe(network, x)
    with torch.no_grad():
        if not network.decoder(network.encoder(x)).isfinite().all():
            raise UnfitError("reconstructions of training images are not finite.")


def probe_untrained(images: np.ndarray, latent_dim: int, family: Family, architecture: dict[str, Any]) -> None:
    """``probe`` what training is to start from; parameters as of ``train.train``."""
    probe_in_float64(family.build(images.shape[1:], latent_dim, architecture), images)


def check_weights(name: str, module: nn.Module) -> None:
    """UnfitError if a weight is not finite, or complex: brought to a precision, it would lose its imaginary part."""
    for of_weight, weight in (*module.named_parameters(), *module.named_buffers()):
        if weight.is_complex():
            raise UnfitError(f"the {name}'s {of_weight} is complex; weights must be real.")
        if not torch.isfinite(weight).all():
            raise UnfitError(f"the {name}'s {of_weight} has entries that are not finite.")


def copied(network: Any) -> Any:
    """A deep copy of a module, also where it has noted down what it computed, which torch does not copy."""
    noted = (each for module in network.modules() for each in vars(module).values())
    memo = {id(each): each.detach().clone() for each in noted if isinstance(each, torch.Tensor) and not each.is_leaf}
    return copy.deepcopy(network, memo)


def _probed(name: str, module: nn.Module, points: torch.Tensor) -> torch.Tensor:
    try:
        values = module(points.clone())
    except Exception as error:  # of whatever kind the user's code raises
        if has_run_out(error):
            raise
        reason = first_line(error) if str(error) else type(error).__name__
        raise UnfitError(f"the {name} does not take points of shape {tuple(points.shape)}: {reason}") from error
    if not isinstance(values, torch.Tensor):
        raise UnfitError(f"the {name} gives a {type(values).__name__}; it must give one tensor.")
    if values.dtype != points.dtype:
        raise UnfitError(f"the {name} gives {values.dtype} for {points.dtype}; it must compute in what it is given.")
    if not _close(module(points.clone()), values):
        raise UnfitError(f"the {name} is not deterministic: two calls with the same points give different values.")
    if not _close(module(points[:1].clone()), values[:1]):
        raise UnfitError(f"the {name} gives a point another value when others are beside it in the batch.")
    return values


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """But for another order of summation; infinite and nan are what they are."""
    tolerance = torch.finfo(a.dtype).eps ** 0.5
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def _compare_derivative(name: str, module: nn.Module, points: torch.Tensor) -> None:
    """UnfitError unless torch's forward derivative, along one direction of each point, is what differences show.

    At half of the points is enough: a kink may lie within a step of one, though hardly of points that are moved at
    random first. Of some 100,000 units one or two do nevertheless, and differences are off by a thousandth. A rounding
    whose derivative is said to be 1, as straight-through estimators have it, is off by all, at all points.
    """
    draw = torch.Generator().manual_seed(0)
    about, direction = (torch.randn(points.shape, generator=draw, dtype=points.dtype).to(points) for _ in range(2))
    points = points + 0.1 * (points.std(correction=0) + STEP) * about
    direction = direction / _norms(direction)
    step = STEP * _norms(points).clamp(STEP, 1)
    try:
        # cloned, as a module may work in place
        with plain_attention():
            derivative = jvp(lambda h: module(h.clone()), (points,), (direction,))[1]
    except (RuntimeError, NotImplementedError) as error:
        if has_run_out(error):
            raise
        raise UnfitError(f"the {name} has no forward derivative: {first_line(error)}") from error
    with torch.no_grad():
        ahead, behind = (module(points + way * direction).flatten(1) for way in (step, -step))
    step = step.flatten()
    difference = (ahead - behind) / (2 * step.unsqueeze(1))
    off = (derivative.flatten(1) - difference).norm(dim=1)
    rounding = 1e-13 / step * ahead.norm(dim=1)
    if 2 * (off <= 1e-2 * difference.norm(dim=1) + rounding).sum() < len(off):
        raise UnfitError(
            f"the {name}'s derivative is not what its values show: torch says {derivative.flatten(1)[0].norm():.3g} "
            f"along a direction where differences are {difference[0].norm():.3g}."
        )


def _norms(points: torch.Tensor) -> torch.Tensor:
    """Of each of n points, (n, 1, …) to divide or multiply them with."""
    return points.flatten(1).norm(dim=1).view(-1, *[1] * (points.dim() - 1))
