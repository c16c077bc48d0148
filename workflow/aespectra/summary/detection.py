"""Which sets a network's numbers tell from images held out of its training: one table a network, from its slab."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np
import torch

from ..data.pixels import Pixels, in_order
from ..determinism import make_deterministic
from ..integrity import reading
from ..logs import Progress
from ..models.checkpoint import load_checkpoint
from ..models.family import Family, Network
from ..slabs.grid import GRID
from ..slabs.reading import open_slab
from ..slabs.slab import BLOCK
from .battery import write_rows
from .curves import separation
from .detector import Detector
from .evenly import evenly

TRAINING = 20_000
"""Training points, at even distances, that a detector is fitted on: more change no score by as much as seeds do."""

OF_TRAIN = "D_train, held out"
"""The set in distribution, where no set of the study is of images held out: those points of D_train that are. No name
that a config allows."""


class Battery(NamedTuple):
    """Sets to tell from those in distribution."""

    groups: Mapping[str, str]
    """Of every set out of distribution, such as near, far or noise."""
    inside: str = OF_TRAIN
    """Name of the set in distribution."""
    of_train: Sequence[str] = ()
    """Sets whose points are those of D_train, changed: of these, too, only the points held out count."""


def write_detection(
    path: Path,
    slab: Path,
    checkpoint: Path,
    family: Family,
    made_for: dict[str, Any],
    datasets: Sequence[Path],
    battery: Battery,
    training_images: int,
    all_images: int,
    device: str = "cpu",
) -> None:
    """Measure one network: csv, a row for every set and score.

    A detector is fitted on points of D_train that are of training images, and on nothing else. Points stream by in
    blocks; of each only its scores are kept.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    slab, checkpoint : Path
        Of one network.
    family : Family
        Of the network.
    made_for : dict
        What the checkpoint must have been made with.
    datasets : Sequence[Path]
        Those of the slab, in any order.
    battery : Battery
        What is in and what is out of distribution.
    training_images, all_images : int
        Of D_train; those trained on come first, and its points are taken from all at even distances.
    device : str
        cpu or cuda, for the encoder.

    Raises
    ------
    ValueError
        The files are of other sets than the slab.
    BrokenFileError
        A file is not what was written, or the checkpoint was made with something else.
    """
    make_deterministic(device)
    with Pixels(datasets[0]) as first:
        image_shape = first.image_shape
    network, made_by = load_checkpoint(checkpoint, family, made_for | {"image_shape": image_shape}, device)
    network = network.double()
    with open_slab(slab) as file, reading(slab):
        names, samples = list(file["dataset"][:]), file.dimensions["sample"].size
        datasets = in_order(datasets, names)
        trained = np.arange(samples) * all_images // samples < training_images
        progress = Progress("detection", len(battery.groups) + 2, "sets")
        training = np.flatnonzero(trained)
        chosen = training[evenly(len(training), TRAINING)]
        detector = Detector.of_blocks(_blocks(file, network, 0, datasets[0], chosen))
        progress.advance(1)

        def scores(name: str) -> dict[str, np.ndarray]:
            index = 0 if name == OF_TRAIN else names.index(name)
            held_out = np.flatnonzero(~trained) if name in (OF_TRAIN, *battery.of_train) else np.arange(samples)
            parts = [detector.scores(*each) for each in _blocks(file, network, index, datasets[index], held_out)]
            progress.advance(1)
            return {each: np.concatenate([part[each] for part in parts]) for each in parts[0]}

        rows = []
        inside = scores(battery.inside)
        for name, group in battery.groups.items():
            for score, outside in scores(name).items():
                row = {key: made_by[key] for key in GRID}
                row |= {"dataset": name, "group": group, "inside": battery.inside, "detector": score}
                row |= {"n_in": len(inside[score]), "n_out": len(outside)}
                rows.append(row | separation(inside[score], outside)._asdict())
    write_rows(path, rows)


@torch.no_grad()
def _blocks(
    file: netCDF4.Dataset, network: Network, index: int, dataset: Path, chosen: np.ndarray
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """z and what the slab has of the chosen points of a set, of some thousand at a time."""
    with Pixels(dataset) as pixels:
        for start in range(0, int(chosen[-1]) + 1 if len(chosen) else 0, BLOCK):
            part = slice(start, start + BLOCK)
            here = chosen[(chosen >= start) & (chosen < start + BLOCK)] - start
            if not len(here):
                continue
            z = network.encoder(torch.from_numpy(pixels[part][here]).to(network.like)).cpu().numpy()
            real, imag = (file[f"eigenvalue_{name}"][:, index, part][:, here] for name in ("real", "imag"))
            block = {"eigenvalue": real + 1j * imag}
            block |= {name: file[name][:, index, part][:, here] for name in ("zero_eigenvalues", "frobenius_norm")}
            block |= {name: file[name][index, part][here] for name in ("reconstruction_mse", "same_activation_pattern")}
            yield z, block
