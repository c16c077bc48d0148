"""Invented slabs, loss curves and parts of a study, and all that a summary of it is made from."""

from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
from aespectra.data import pixels as pixel_files
from aespectra.slabs.grid import NETWORK, Key
from aespectra.summary.compute import write_statistics

FAMILIES, LATENT_DIMS, SEEDS = ("vae", "autoencoder"), (5, 2), (3, 1)
SETS = ("digits", "uniform", "dark")
KEYS = [Key(*each) for each in product(FAMILIES, LATENT_DIMS, SEEDS)]
PIXELS, SAMPLES = 6, 30
CONFIG = {"experiment": "test"}
EPOCHS = {"vae": 2, "autoencoder": 3}


def loss_of(key: Key) -> np.ndarray:
    return np.array([1.0, 0.5, 0.25])[: EPOCHS[key.family]] + key.latent_dim + key.seed / 10


def write_loss(path: Path, values: Iterable[float]) -> None:
    """With a column for a term of the loss, before the one that counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{epoch},9,{value:.9g}" for epoch, value in enumerate(values, start=1)]
    path.write_text("\n".join(["epoch,penalty,loss", *rows, ""]))


class Study:
    """Invented slabs and loss curves of a grid by their key, the sets they are of, and the parts by (family, d)."""

    def __init__(self, folder: Path, make_slab, keys: Iterable[Key] = KEYS, geometry: bool = False):
        self.slabs, self.losses, self.parts = {}, {}, {}
        for key in keys:
            name = NETWORK.format(**key._asdict())
            path = folder / "spectra" / f"{name}.nc"
            self.slabs[key] = make_slab(path, key.latent_dim, key.seed, SETS, SAMPLES, PIXELS, key.family, geometry)
            self.losses[key] = folder / "models" / f"{name}_loss.csv"
            write_loss(self.losses[key], loss_of(key))
        self.datasets = []
        for i, name in enumerate(SETS):
            self.datasets.append(folder / f"{name}.nc")
            values = np.random.default_rng(i).random((SAMPLES, PIXELS)).astype(np.float32)
            pixel_files.write_dataset(self.datasets[-1], name, [values], {})
        for each in dict.fromkeys(key[:2] for key in keys):
            self.parts[each] = folder / "statistics" / each[0] / f"d{each[1]}.nc"
            write_statistics(self.parts[each], self.of(self.slabs, *each), self.of(self.losses, *each))

    @staticmethod
    def of(files: dict[Key, Path], family: str, latent_dim: int) -> list[Path]:
        return [path for key, path in files.items() if key[:2] == (family, latent_dim)]
