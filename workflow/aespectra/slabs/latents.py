"""Where a network puts the images that it learned from and those held out: z = f_enc(x), one netCDF file a network.

Of a stochastic encoder z is the mean, and one draw of q(z|x) stands beside it; of a flow, where it puts z. Blocks
stream from file to file: memory does not grow with the images.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import torch

from ..data.pixels import Pixels
from ..determinism import device_name, make_deterministic
from ..files import provenance, written_whole
from ..logs import Progress
from ..models.checkpoint import load_checkpoint
from ..models.family import Family, Network
from ..netcdf import created

BLOCK = 4096
"""Images encoded and written at once, and samples of a chunk."""

VIEWS = {
    "z": "z = f_enc(x)",
    "draw": "one z ~ q(z|x)",
    "normal": "u, where the flow puts z = f_enc(x),",
}
"""What a file may have of every split, and how it is called."""

OF_PART = {"draw": "posterior", "normal": "to_normal"}
"""The part of a network without which it has no such view."""


def write_latents(
    path: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    splits: Mapping[str, Path],
    precision: str = "float64",
    device: str = "cpu",
) -> None:
    """Encode every image of every split, whole or not at all.

    The file has a variable ``z_<split>`` (sample_<split>, latent), float32, for each split, in the order of its images,
    likewise the other VIEWS that the network has, and the attributes of a slab. Draws depend on the network's seed and
    on the split alone.

    Parameters
    ----------
    path : Path
        File to make.
    checkpoint : Path
        Safetensors file of the trained network.
    family : Family
        Of the network.
    made_for : dict
        What the checkpoint must have been made with: at least ``latent_dim`` and ``autoencoder``.
    splits : Mapping[str, Path]
        Dataset files of the same pixels, by the names that the variables get.
    precision : str
        float64 or float32, of the arithmetic.
    device : str
        cpu or cuda

    Raises
    ------
    BrokenFileError
        The checkpoint is no such network.
    ValueError
        A split has other pixels than the first.
    """
    make_deterministic(device)
    with Pixels(next(iter(splits.values()))) as first:
        pixels, image_shape = first.pixels, first.image_shape
    network, made_by = load_checkpoint(checkpoint, family, made_for | {"image_shape": image_shape}, device)
    network = network.to(getattr(torch, precision))
    what = {key: made_by[key] for key in ("family", "latent_dim", "seed")}
    title = "Latents of {family}, latent_dim {latent_dim}, seed {seed}".format(**what)
    attributes = what | provenance(title, made_by, device=device_name(device), precision=precision)
    with written_whole(path) as part, created(part) as file:
        file.setncatts(attributes)
        file.createDimension("latent", made_by["latent_dim"])
        for name, split in splits.items():
            with Pixels(split) as images:
                if images.pixels != pixels:
                    raise ValueError(f"{split} has {images.pixels} pixels a sample, the first split {pixels}.")
                _write_split(file, name, images, network, np.random.default_rng([made_by["seed"], *name.encode()]))


@torch.no_grad()
def _write_split(file: netCDF4.Dataset, name: str, images: Pixels, network: Network, rng: np.random.Generator) -> None:
    file.createDimension(f"sample_{name}", len(images))
    views = ["z", *(view for view, part in OF_PART.items() if hasattr(network, part))]
    for view in views:
        variable = file.createVariable(
            f"{view}_{name}",
            "f4",
            (f"sample_{name}", "latent"),
            chunksizes=(min(len(images), BLOCK), file.dimensions["latent"].size),
            fletcher32=True,
        )
        variable.setncatts({"long_name": f"{VIEWS[view]} of the {name} images, in their order", "units": "1"})
    progress = Progress(f"latents of the {name} images", len(images), "images")
    for start in range(0, len(images), BLOCK):
        points = torch.from_numpy(images[start : start + BLOCK]).to(network.like)
        for view in views:
            values = _view(view, network, points, rng).float().cpu().numpy()
            file[f"{view}_{name}"][start : start + len(points)] = values
        progress.advance(len(points))


def _view(view: str, network: Any, points: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    if view == "draw":
        mean, log_variance = network.posterior(points)
        return mean + (log_variance / 2).exp() * torch.from_numpy(rng.standard_normal(mean.shape)).to(mean)
    z = network.encoder(points)
    return network.to_normal(z) if view == "normal" else z
