"""The reconstructions of all networks beside each other, as claims 19 to 26 speak of them: one small file a study."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import xarray as xr

from ..files import provenance, written_whole
from ..integrity import reading
from ..netcdf import write_xarray
from ..slabs.grid import GRID, Key, axes_of, by_key

HALF = 0.5
"""Mean pixel from which, in claim 23, sets are of the bright group; to two digits, as samples of ½ differ by chance."""


def write_reconstructions_of_study(path: Path, parts: Iterable[Path], config: dict) -> None:
    """Merge what was found of every network, and add how they compare; whole or not at all.

    Distances are those of two sets' mean reconstructions, over ``spread`` of D_train under the same network, the usual
    distance of two reconstructed images: ``distance_across_sets`` (…, dataset), to the other sets but D_train, the
    mean; ``distance_across_seeds`` and ``distance_across_d`` (…, dataset), of the same set under networks of other
    seeds and the same d, or of other d and the same seed, in the mean of both networks' units. ``same_class_in_set``
    (…, dataset), share of the most frequent class; ``same_class_across_sets`` and ``same_class_across_seeds``, share
    of the other sets, or seeds, that have the same. ``groups`` (family, latent_dim, seed), how well two clusters of
    the sets' mean reconstructions (Ward's) are those with mean pixels below ½ and from ½ up: adjusted Rand index, 1
    where they are the same, about 0 by chance.

    Parameters
    ----------
    path : Path
        File to make.
    parts : Iterable[Path]
        By reconstructions.write_reconstructions, named by grid.NETWORK.
    config : dict
        Of the study, kept as attribute.
    """
    found = {}
    for key, part in by_key(parts).items():
        with reading(part), xr.open_dataset(part) as data:
            found[key] = _labelled(data.load(), key)
    first, *_ = networks = list(found.values())
    points, sets = first.attrs["points"], first["dataset"].values
    merged = xr.merge([xr.combine_by_coords(networks, combine_attrs="drop")])
    merged = merged.sel(family=axes_of(found)["family"], dataset=sets)  # in the order in which they came
    merged = merged.assign_coords(mean_pixel=("dataset", merged["mean_pixel"].isel(dict.fromkeys(GRID, 0)).values))
    merged = merged.assign(_comparisons(merged)).drop_vars("mean_image")
    merged.attrs = {"samples": points} | provenance("Reconstructions of all networks", config)
    with written_whole(path) as part:
        write_xarray(part, merged)


def _labelled(data: xr.Dataset, key: Key) -> xr.Dataset:
    """With names as objects: combining cuts text to the length of the first."""
    data = data.assign_coords({name: data[name].astype(object) for name in ("dataset", "jacobian")})
    return data.expand_dims({name: [value] for name, value in key._asdict().items()})


def _comparisons(data: xr.Dataset) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    image = data["mean_image"].transpose(*GRID, "dataset", "pixel").values
    unit = data["spread"].isel(dataset=0).transpose(*GRID).values
    label = data["class_share"].transpose(*GRID, "dataset", "class").values.argmax(axis=-1)
    noise = np.arange(image.shape[3]) > 0
    across = np.linalg.norm(image[:, :, :, :, None] - image[:, :, :, None], axis=-1)
    same = label[..., None] == label[..., None, :]
    bright = data["mean_pixel"].values.round(2) >= HALF
    dims = (*GRID, "dataset")
    return {
        "distance_across_sets": (dims, _over_others(across, noise) / unit[..., None]),
        "distance_across_seeds": (dims, _between(image, unit, axis=2)),
        "distance_across_d": (dims, _between(image, unit, axis=1)),
        "same_class_in_set": (dims, data["class_share"].max("class").transpose(*dims).values),
        "same_class_across_sets": (dims, _over_others(same, noise)),
        "same_class_across_seeds": (dims, _same_as_others(label)),
        "groups": (GRID, _groups(image[:, :, :, noise], bright[noise])),
    }


def _over_others(values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(…, dataset), the mean of (…, dataset, dataset) over all other sets of noise; nan where there is none."""
    others = noise[None] & ~np.eye(len(noise), dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.where(others, values, 0).sum(axis=-1) / others.sum(axis=-1)


def _between(image: np.ndarray, unit: np.ndarray, axis: int) -> np.ndarray:
    """(family, d, seed, dataset): mean distance along an axis to the others, in the mean of both units."""
    images, units = np.moveaxis(image, axis, 0), np.moveaxis(unit, axis, 0)
    n = len(images)
    found = np.full(images.shape[:-1], np.nan)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        if others:
            apart = np.linalg.norm(images[i] - images[others], axis=-1)
            found[i] = (apart / ((units[i] + units[others]) / 2)[..., None]).mean(axis=0)
    return np.moveaxis(found, 0, axis)


def _same_as_others(label: np.ndarray) -> np.ndarray:
    """(family, d, seed, dataset): share of the other seeds that have the same; nan of a single seed."""
    seeds = label.shape[2]
    if seeds == 1:
        return np.full(label.shape, np.nan)
    same = (label[:, :, :, None] == label[:, :, None]).sum(axis=3) - 1
    return same / (seeds - 1)


def _groups(image: np.ndarray, bright: np.ndarray) -> np.ndarray:
    """(family, d, seed) from (family, d, seed, dataset, pixel); nan where one of the groups has no set."""
    from sklearn.cluster import AgglomerativeClustering  # only the workflow needs it
    from sklearn.metrics import adjusted_rand_score

    if len(set(bright.tolist())) < 2 or len(bright) < 3:
        return np.full(image.shape[:3], np.nan)
    found = [
        adjusted_rand_score(bright, AgglomerativeClustering(2).fit_predict(each))
        for each in image.reshape(-1, *image.shape[3:])
    ]
    return np.reshape(found, image.shape[:3])
