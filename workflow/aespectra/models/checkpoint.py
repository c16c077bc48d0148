"""A trained network as a safetensors file, with what made it.

A network is built by what the caller asks for, never by what the file says: what it says is compared.
"""

import io
import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save, save_file

from ..checksums import check_checkpoint_content, safetensors_sha256
from ..files import provenance, written_whole
from ..integrity import BrokenFileError, check_checkpoint
from ..logs import first_line
from .family import Family, Network


def save_checkpoint(path: Path, network: Network, made_by: dict[str, Any], device: str) -> None:
    """Write the weights as safetensors, whole or not at all.

    The one metadata entry ``provenance`` (JSON) says what made them, and by ``sha256`` what is in the file
    (``checksums.safetensors_sha256``).

    Parameters
    ----------
    path : Path
        File to make.
    network : Network
        The trained one.
    made_by : dict
        With the keys family, kind, latent_dim, seed, pixels, images, autoencoder, training.
    device : str
        On which it was trained, for the reader.
    """
    facts = provenance("Trained autoencoder", made_by, device=device, precision="float32")
    weights = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in network.state_dict().items()}
    facts["sha256"] = safetensors_sha256(io.BytesIO(save(weights, _metadata(facts))))
    with written_whole(path) as part:
        save_file(weights, part, metadata=_metadata(facts))


def _metadata(facts: dict[str, str]) -> dict[str, str]:
    """One entry only: safetensors writes several in an order that changes from run to run."""
    return {"provenance": json.dumps(facts, sort_keys=True)}


def load_checkpoint(
    path: Path, family: Family, made_for: dict[str, Any], device: str = "cpu"
) -> tuple[Network, dict[str, Any]]:
    """A trained network of a family, and what its file says made it.

    Parameters
    ----------
    path : Path
        The checkpoint.
    family : Family
        Builds the network.
    made_for : dict
        ``image_shape``, ``latent_dim`` and ``autoencoder``, by which it is built, and what else the file must say
        likewise: any of the keys with which it was saved.
    device : str
        cpu or cuda

    Returns
    -------
    network : Network
        In eval mode, float32.
    made_by : dict
        The keys with which it was saved.

    Raises
    ------
    BrokenFileError
        The file is no checkpoint, is truncated or corrupted, or was made for something else.
    """
    made_for = dict(made_for)
    image_shape = made_for.pop("image_shape")
    made_by = check_checkpoint(path, made_for | {"pixels": math.prod(image_shape)})
    check_checkpoint_content(path)
    with torch.device(device):
        network = family.build(image_shape, made_for["latent_dim"], made_for["autoencoder"])
    try:
        network.load_state_dict(load_file(path, device=device))
    except RuntimeError as error:
        raise BrokenFileError(f"{path} does not fit what the family builds now: {first_line(error)}") from error
    return network.eval(), made_by
