"""The grid of a study: family, latent dimension and seed, and the names of a network's files.

Standard library only: used while the Snakefile is parsed.
"""

import re
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import NamedTuple

NETWORK = "{family}/d{latent_dim}_seed{seed}"
"""Where the files of one network lie below models/, spectra/ and latents/, less their ends."""

AT_EPOCH = "{family}@{epoch}"
"""Family of the networks that a training of ``family`` had made after so many epochs; no other family has an @."""

_NAME = re.compile(r"d(?P<latent_dim>\d+)_seed(?P<seed>\d+)(?:_loss)?$")


class Key(NamedTuple):
    """One network of a study; the fields are the cube's dimensions of these names."""

    family: str
    latent_dim: int
    seed: int


GRID = Key._fields


def epoch_of(family: str) -> tuple[str, int] | None:
    """The family whose training was looked at, and after how many epochs; None for one that is there as trained."""
    name, at, epoch = family.partition("@")
    return (name, int(epoch)) if at else None


def key_of(path: Path) -> Key:
    """The network that a file belongs to, by its path.

    Parameters
    ----------
    path : Path
        Named by NETWORK, whatever folders stand before and whatever end follows.

    Returns
    -------
    Key

    Raises
    ------
    ValueError
        The path is not of this form.
    """
    found = _NAME.match(path.name.partition(".")[0])
    if found is None or not path.parent.name:
        raise ValueError(f"{path} is not named <family>/d<latent_dim>_seed<seed>.")
    return Key(path.parent.name, int(found["latent_dim"]), int(found["seed"]))


def by_key(paths: Iterable[Path]) -> dict[Key, Path]:
    """Files of one kind by the network that each belongs to.

    Parameters
    ----------
    paths : Iterable[Path]
        Named by NETWORK, no two of one network.

    Returns
    -------
    dict[Key, Path]
        In the order of ``paths``.

    Raises
    ------
    ValueError
        A path is not named by NETWORK, or two are of one network.
    """
    found: dict[Key, Path] = {}
    for path in paths:
        other = found.setdefault(key_of(path), path)
        if other != path:
            raise ValueError(f"{other} and {path} are of one network; every network may have one file of a kind.")
    return found


def axes_of(keys: Iterable[Key]) -> dict[str, list]:
    """Coordinates along family, latent_dim and seed, each in order of first appearance.

    Parameters
    ----------
    keys : Iterable[Key]
        Of a full grid, in any order.

    Returns
    -------
    dict[str, list]
        By the names in GRID.

    Raises
    ------
    ValueError
        Some combination of these coordinates is missing, or there twice.
    """
    keys = list(keys)
    axes = {dim: list(dict.fromkeys(values)) for dim, values in zip(GRID, zip(*keys, strict=True), strict=True)}
    full = sorted(product(*axes.values()))
    if sorted(keys) != full:
        raise ValueError(
            f"the files do not form a full grid of family, latent_dim and seed: {len(keys)} of {len(full)}."
        )
    return axes


def places_in(axes: dict[str, list]) -> dict[Key, dict[str, int]]:
    """The index of every network of a grid along family, latent_dim and seed."""
    indices = product(*(range(len(values)) for values in axes.values()))
    return {
        Key(*labels): dict(zip(GRID, index, strict=True))
        for labels, index in zip(product(*axes.values()), indices, strict=True)
    }
