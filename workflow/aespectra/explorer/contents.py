"""What the explorer shows: some points of every set, as many as fit, and statistics of all of them."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..data.pixels import Pixels
from ..slabs.cube import open_cube
from ..slabs.slab import EXAMPLES, JACOBIANS
from ..summary.file import Summary

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


def contents_of(cube: Path, summary: Summary, datasets: list[Path], most: int, examples: int) -> dict[str, Any]:
    """All that the page shows, for JSON; a network is in memory at a time.

    Parameters
    ----------
    cube : Path
        By slabs/cube.py, beside its slabs.
    summary : Summary
        Of the same study.
    datasets : list[Path]
        Its evaluation sets, whose first images, and those chosen, are shown.
    most, examples : int
        Points of every set, and how many of the first have reconstructions.

    Returns
    -------
    dict
        ``families``, ``latent_dims``, ``seeds``, ``sets``, the axes; ``shape`` of an image, ``samples`` of a set,
        ``shown``, which of them; arrays in base64, little endian: ``eigenvalues`` by network, float16,
        (jacobian, set, point, d, real and imaginary); ``numbers`` by network, float16, (number, set, point) of ‖z‖,
        squared error and equal patterns; ``reconstructions`` by network, bytes (set, example, pixel); ``images``, bytes
        (set, point, pixel); ``quantiles``, float32 (statistic, family, d, set, seed, jacobian, quantile);
        ``difference`` of both spectra, float32 (family, d, set, seed, quantile); ``reversed``, float32 (family, d, set,
        seed, jacobian).
    """
    data = summary.by_seed
    shown = points_shown(int(data.attrs["samples"]), most)
    found: dict[str, Any] = {
        "families": data["family"].values.tolist(),
        "latent_dims": data["latent_dim"].values.tolist(),
        "seeds": data["seed"].values.tolist(),
        "sets": data["dataset"].values.tolist(),
        "jacobians": list(JACOBIANS),
        "mean_pixel": [round(each, 4) for each in data["mean_pixel"].values.tolist()],
        "shape": list(summary.image_shape),
        "samples": int(data.attrs["samples"]),
        "shown": shown.tolist(),
        "examples": examples,
        "images": _encoded(np.stack([_bytes(_pixels(path, shown)) for path in datasets])),
        "quantiles": _encoded(_quantiles(data)),
        "difference": _encoded(_of(data, "difference", "quantile").astype("<f4")),
        "reversed": _encoded(_ordered(data["reversed_share"], "jacobian").astype("<f4")),
        "eigenvalues": {},
        "numbers": {},
        "reconstructions": {},
    }
    with open_cube(cube) as spectra:
        for family in found["families"]:
            for d in found["latent_dims"]:
                for seed in found["seeds"]:
                    name = f"{family}/{d}/{seed}"
                    where = {"family": family, "latent_dim": d, "seed": seed}
                    of_network = spectra.sel(where).isel(sample=shown)
                    found["eigenvalues"][name] = _encoded(_spectra(of_network, d))
                    found["numbers"][name] = _encoded(_numbers(of_network))
                    pictures = data["reconstruction"].sel(where).isel(example=slice(examples)).values
                    found["reconstructions"][name] = _encoded(_bytes(pictures))
    return found


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


def _encoded(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
