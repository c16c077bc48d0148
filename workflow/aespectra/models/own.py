"""Encoder and decoder that a factory of the user's makes, in the form in which all that follows takes them: on rows.

A factory is trusted code, like a Snakefile, and named by the config: what a file of weights says is not followed.
"""

import inspect
import math
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import torch
from torch import nn

from ..linalg.hooks import is_hooked
from ..logs import first_line


class OwnNetworkError(ValueError):
    """A factory, or what it makes, cannot be used; the message is one sentence for the user."""


def own_parts(
    image_shape: Sequence[int], latent_dim: int, factory: str, arguments: dict[str, Any] | None = None
) -> tuple[nn.Module, nn.Module]:
    """What the factory makes, as an encoder of rows (n, pixels) and a decoder to rows; parameters as of ``made``.

    Raises
    ------
    OwnNetworkError
        As ``made`` and ``on_rows`` do.
    """
    return on_rows(made(image_shape, latent_dim, factory, arguments), image_shape, latent_dim)


def made(
    image_shape: Sequence[int], latent_dim: int, factory: str, arguments: dict[str, Any] | None = None
) -> nn.Module:
    """What the factory makes, as it is.

    Parameters
    ----------
    image_shape : Sequence[int]
        Channels, rows and columns of an image.
    latent_dim : int
        d
    factory : str
        ``module:function``. The function gets ``latent_dim``, of ``image_shape`` and ``pixels`` what it has parameters
        for, and ``arguments``; it returns a module whose parts ``encoder`` and ``decoder`` are modules.
    arguments : dict, optional
        What else it gets.

    Raises
    ------
    OwnNetworkError
        There is no such function, it takes other arguments, or returns something else.
    """
    try:
        function = pkgutil.resolve_name(factory)
    except (ImportError, AttributeError, ValueError) as error:
        raise OwnNetworkError(f"the factory '{factory}' cannot be imported: {error}.") from error
    try:
        signature = inspect.signature(function)
        sizes = {"image_shape": tuple(image_shape), "pixels": math.prod(image_shape)}
        given = {name: size for name, size in sizes.items() if name in signature.parameters}
        given |= {"latent_dim": latent_dim} | (arguments or {})
        signature.bind(**given)
    except TypeError as error:
        raise OwnNetworkError(
            f"the factory '{factory}' does not take what it is given, latent_dim and the config's arguments: {error}."
        ) from error
    network = function(**given)
    parts = [getattr(network, name, None) for name in ("encoder", "decoder")]
    if not all(isinstance(part, nn.Module) for part in [network, *parts]):
        raise OwnNetworkError(
            f"the factory '{factory}' returns a {type(network).__name__}; it must return a torch.nn.Module whose "
            "encoder and decoder are modules."
        )
    return network


@torch.no_grad()
def on_rows(network: Any, image_shape: Sequence[int], latent_dim: int) -> tuple[nn.Module, nn.Module]:
    """Encoder and decoder of a network, with layers that reshape rows to images and back where it takes images.

    They may take and give rows (n, pixels), images (n, channels, rows, columns) or, of one channel, (n, rows, columns).

    Raises
    ------
    OwnNetworkError
        They take, or give, none of these, or something else than (n, latent_dim) between.
    """
    pixels = math.prod(image_shape)
    like = next(network.parameters(), torch.empty(0))
    modes = {module: module.training for module in network.modules()}
    network.eval()  # two points tell nothing about a batch, and must not change what is kept of batches
    tried = []
    for shape in _shapes(image_shape):
        try:
            z = network.encoder(like.new_zeros(2, *shape))
        except Exception as error:  # of whatever kind the user's code raises
            tried.append(f"of {(2, *shape)} it says: {first_line(error)}")
            continue
        if getattr(z, "shape", None) == (2, latent_dim):
            break
        tried.append(f"of {(2, *shape)} it makes {_what(z)}")
    else:
        raise OwnNetworkError(f"the encoder must make {(2, latent_dim)} of two images; {'; '.join(tried)}.")
    try:
        y = network.decoder(z)
    except Exception as error:
        raise OwnNetworkError(f"the decoder does not take {(2, latent_dim)}: {first_line(error)}.") from error
    if getattr(y, "shape", None) not in {(2, *each) for each in _shapes(image_shape)}:
        raise OwnNetworkError(f"the decoder must make two images of {(2, *image_shape)}; it makes {_what(y)}.")
    for module, mode in modes.items():
        module.training = mode
    encoder, decoder = network.encoder, network.decoder
    if shape != (pixels,):
        encoder = nn.Sequential(nn.Unflatten(1, shape), *_layers(encoder))
    if y.shape != (2, pixels):
        decoder = nn.Sequential(*_layers(decoder), nn.Flatten())
    return encoder, decoder


def _shapes(image_shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """How an image may come, rows first: an encoder that flattens takes them as well, and needs no layer before it."""
    yield (math.prod(image_shape),)
    yield tuple(image_shape)
    if len(image_shape) == 3 and image_shape[0] == 1:
        yield tuple(image_shape[1:])


def _layers(module: nn.Module) -> list[nn.Module]:
    return list(module) if is_plain(module) else [module]


def is_plain(module: nn.Module) -> TypeGuard[nn.Sequential]:
    """Whether a module is a sequence of its layers and nothing else."""
    return type(module) is nn.Sequential and not is_hooked(module)


def _what(value: Any) -> str:
    return str(tuple(value.shape)) if isinstance(value, torch.Tensor) else f"a {type(value).__name__}"
