"""What the explorer shows: some points of every set, as many as fit, and statistics of all of them."""

import base64
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..data.pixels import Pixels, in_order
from ..slabs.cube import open_cube
from ..slabs.slab import EXAMPLES
from ..summary.file import Summary, variable_of

SEED = 0
"""Of the choice of points."""

MOST_POINTS = 200
"""Of a set: more hide each other."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

STATISTICS = ("log_abs", "abs_arg")
"""Whose quantiles are shown against d."""


def points_shown(samples: int, most: int) -> np.ndarray:
    """Places of the points: the first EXAMPLES, whose reconstructions are kept, and others at random; rising."""
    most = min(most, samples)
    others = np.random.default_rng(SEED).permutation(np.arange(EXAMPLES, samples))[: max(0, most - EXAMPLES)]
    return np.sort(np.concatenate([np.arange(min(EXAMPLES, most)), others]))


def what_fits(summary: Summary, room: int) -> tuple[int, int]:
    """Points of a set, at least EXAMPLES, and reconstructions of them, that fit into so many bytes of the page.

    Reconstructions, which every network has of its own, take at most half of the room.
    """
    sizes = summary.by_seed.sizes
    networks = sizes["family"] * sizes["latent_dim"] * sizes["seed"]
    values = sizes["family"] * sizes["seed"] * int(summary.by_seed["latent_dim"].sum())
    room = room * 3 // 4  # base64 takes four bytes for three
    quantiles = networks * sizes["dataset"] * 2 * (2 * len(QUANTILES) + 4) * 4
    picture = networks * sizes["dataset"] * sizes["pixel"]
    examples = min(sizes["example"], room // 2 // picture)
    # of a point in every set: eigenvalues of two Jacobians, three numbers of each network, its image
    each = sizes["dataset"] * (values * 2 * 2 * 2 + networks * 3 * 2 + sizes["pixel"])
    points = (room - quantiles - examples * picture) // each
    return int(np.clip(points, EXAMPLES, MOST_POINTS)), int(examples)


def contents_of(
    cube: Path, summary: Summary, datasets: list[Path], sizes: Sequence[tuple[int, int]]
) -> list[dict[str, Any]]:
    """All that pages of several sizes show, for JSON; every slab is read once, a network is in memory at a time.

    Parameters
    ----------
    cube : Path
        By slabs/cube.py, beside its slabs.
    summary : Summary
        Of the same study.
    datasets : list[Path]
        Its evaluation sets, in any order, whose images are shown.
    sizes : Sequence[tuple[int, int]]
        Of every page: points of every set, and how many of the first have reconstructions.

    Returns
    -------
    list[dict]
        ``families``, ``latent_dims``, ``seeds``, ``sets``, the axes; ``shape`` of an image, ``samples`` of a set,
        ``shown``, which of them, ``drawn_by``, the seed of that choice; arrays in base64, little endian:
        ``eigenvalues`` by network, float16, (jacobian, set, point, d, real and imaginary); ``numbers`` by network,
        float16, (number, set, point) of ‖z‖, squared error and equal patterns; ``reconstructions`` by network, bytes
        (set, example, pixel); ``images``, bytes (set, point, pixel); ``quantiles``, float32 (statistic, family, d, set,
        seed, jacobian, quantile); ``difference`` of both spectra, float32 (family, d, set, seed, quantile);
        ``reversed``, float32 (family, d, set, seed, jacobian).

    Raises
    ------
    ValueError
        The files are of other sets than the summary, or it was kept without reconstructions.
    """
    data = summary.by_seed
    samples = int(data.attrs["samples"])
    every = points_shown(samples, max(most for most, _ in sizes))
    # those of a smaller page are among those of a larger one
    places = [np.searchsorted(every, points_shown(samples, most)) for most, _ in sizes]
    images = np.stack([_bytes(_pixels(path, every)) for path in in_order(datasets, data["dataset"].values.tolist())])
    axes = {
        "families": data["family"].values.tolist(),
        "latent_dims": data["latent_dim"].values.tolist(),
        "seeds": data["seed"].values.tolist(),
        "sets": data["dataset"].values.tolist(),
        "shape": list(summary.image_shape),
        "samples": samples,
        "drawn_by": SEED,
        "quantiles": encoded(_quantiles(data)),
        "difference": encoded(_of(data, "difference", "quantile").astype("<f4")),
        "reversed": encoded(_ordered(data["reversed_share"], "jacobian").astype("<f4")),
    }
    pages: list[dict[str, Any]] = [
        {
            **axes,
            "shown": every[mine].tolist(),
            "examples": examples,
            "images": encoded(images[:, mine]),
            "eigenvalues": {},
            "numbers": {},
            "reconstructions": {},
        }
        for mine, (_, examples) in zip(places, sizes, strict=True)
    ]
    with open_cube(cube) as spectra:
        for family, d, seed in product(axes["families"], axes["latent_dims"], axes["seeds"]):
            where = {"family": family, "latent_dim": d, "seed": seed}
            of_network = spectra.sel(where).isel(sample=every).load()
            values, numbers = _spectra(of_network, d), _numbers(of_network)
            pictures = _bytes(variable_of(data, "reconstruction").sel(where).values)
            for page, mine in zip(pages, places, strict=True):
                name = f"{family}/{d}/{seed}"
                page["eigenvalues"][name] = encoded(values[:, :, mine])
                page["numbers"][name] = encoded(numbers[:, :, mine])
                page["reconstructions"][name] = encoded(pictures[:, : page["examples"]])
    return pages


def _spectra(of_network: xr.Dataset, d: int) -> np.ndarray:
    parts = [of_network[f"eigenvalue_{part}"].isel(eigenvalue=slice(d)) for part in ("real", "imag")]
    values = np.stack([part.transpose("jacobian", "dataset", "sample", "eigenvalue").values for part in parts], axis=-1)
    return _halves(values)


def _numbers(of_network: xr.Dataset) -> np.ndarray:
    names = ("latent_norm", "reconstruction_mse", "same_activation_pattern")
    return _halves(np.stack([of_network[name].transpose("dataset", "sample").values for name in names]))


def _halves(values: np.ndarray) -> np.ndarray:
    """Three digits, as much as is shown; what is larger than float16 holds becomes the largest that it does."""
    most = float(np.finfo(np.float16).max)
    return np.clip(values, -most, most).astype("<f2")


def _quantiles(data: xr.Dataset) -> np.ndarray:
    return np.stack([_of(data, name, "jacobian", "quantile") for name in STATISTICS]).astype("<f4")


def _of(data: xr.Dataset, name: str, *more: str) -> np.ndarray:
    return _ordered(data[f"{name}_quantiles"].sel(quantile=list(QUANTILES)), *more)


def _ordered(values: xr.DataArray, *more: str) -> np.ndarray:
    return values.transpose("family", "latent_dim", "dataset", "seed", *more).values


def _pixels(path: Path, places: np.ndarray) -> np.ndarray:
    with Pixels(path) as pixels:
        return pixels.at(places)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.nan_to_num(values) * 255 + 0.5, 0, 255).astype(np.uint8)


def encoded(values: np.ndarray) -> str:
    """Bytes of an array in base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
