"""An epoch of every kind of family beside the plain autoencoder's: one core, batch 128, d = 8, 28 x 28 pixels."""

from pathlib import Path

from aespectra.models import families
from aespectra.models.family import Network, family_of, players_of
from aespectra.models.train import train
from timing import ARCHITECTURE, TRAINING, images, side_by_side

COUNT = 12_800
LATENT_DIM = 8
LIMITS = {"of one player": 1.6, "of two": 3.0}


class WithoutFinish:
    """A family less what it does after the last epoch, which is no part of one."""

    def __init__(self, kind: str):
        family = family_of(kind)
        self.build, self.losses, self.TERMS = family.build, family.losses, family.TERMS
        for name in ("PLAYERS", "RATES", "BETAS"):
            if hasattr(family, name):
                setattr(self, name, getattr(family, name))


def epoch(kind: str, pixels) -> Network:
    recipe = TRAINING | {"epochs": 1, "loss": "squared"}
    return train(pixels, LATENT_DIM, 0, WithoutFinish(kind), ARCHITECTURE, recipe)[0]


def compare() -> list[dict]:
    pixels = images()[:COUNT]
    kinds = sorted(path.stem for path in Path(families.__file__).parent.glob("*.py") if path.stem != "__init__")
    times = side_by_side({kind: lambda kind=kind: epoch(kind, pixels) for kind in kinds}, repeats=5)
    steps = -(-len(pixels) // TRAINING["batch_size"])
    return [
        {
            "family": kind,
            "ms a step": seconds / steps * 1e3,
            "family / autoencoder": seconds / times["autoencoder"],
            "at most": LIMITS["of two" if players_of(family_of(kind)) else "of one player"],
        }
        for kind, seconds in times.items()
    ]
