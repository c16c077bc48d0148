"""Take a trained network of the user's: weights that a factory's module loads, in a checkpoint of this workflow."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from ..checksums import sha256_of
from ..data.pixels import Pixels
from .checkpoint import save_checkpoint
from .family import Network
from .own import OwnNetworkError, made, on_rows
from .probe import PROBED, UnfitError, probe_in_float64
from .train import save_losses


def write_taken(
    checkpoint: Path, losses: Path, weights: Path, images: Pixels, family: dict[str, Any], latent_dim: int, seed: int
) -> None:
    """Write a network as if it had been trained here, with a loss that is not known.

    Parameters
    ----------
    checkpoint, losses : Path
        Files to make, whole or not at all.
    weights : Path
        Safetensors file of the state of the module that the factory makes.
    images : Pixels
        The training images, at some of which the network is looked at.
    family : dict
        ``name``, ``kind``, and as ``autoencoder`` the ``factory`` and its ``arguments``.
    latent_dim, seed : int
        Which network it is.

    Raises
    ------
    OwnNetworkError
        The file is no safetensors file, or not of such a network.
    UnfitError
        Spectra cannot be taken of it.
    """
    network = taken(weights, images.image_shape, latent_dim, family)
    try:
        probe_in_float64(network, images[:PROBED])
    except UnfitError as error:
        raise UnfitError(f"{weights}: {error}") from error
    made_by = {
        "family": family["name"],
        "kind": family["kind"],
        "latent_dim": latent_dim,
        "seed": seed,
        "images": images.name,
        "pixels": images.pixels,
        "autoencoder": family["autoencoder"],
        "training": {"checkpoint": str(weights), "sha256": sha256_of(weights)},
    }
    save_losses(losses, {"loss": np.array([np.nan])})
    save_checkpoint(checkpoint, network, made_by, "cpu")


def taken(weights: Path, image_shape: tuple[int, ...], latent_dim: int, family: dict[str, Any]) -> Network:
    """The network that a file has the weights of, float32; errors as of ``write_taken``."""
    source = made(image_shape, latent_dim, **family["autoencoder"])
    try:
        state = load_file(weights)
    except (SafetensorError, OSError) as error:
        raise OwnNetworkError(f"{weights} is no safetensors file, or is truncated: {error}") from error
    for name, tensor in state.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise OwnNetworkError(f"{weights} has entries of '{name}' that are not finite.")
    try:
        source.load_state_dict(state)
    except RuntimeError as error:
        faults = " ".join(line.strip() for line in str(error).splitlines()[1:])
        raise OwnNetworkError(f"{weights} does not fit what the factory makes: {faults}") from error
    network = Network()
    network.encoder, network.decoder = on_rows(source, image_shape, latent_dim)
    return network
