"""All that pictures and statements about latents and samples need, as one small file for all networks of a study."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from ..data.labels import read_labels
from ..files import provenance, written_whole
from ..integrity import reading
from ..netcdf import write_xarray
from ..slabs.grid import Key, axes_of, by_key
from ..slabs.latents import VIEWS
from .evenly import evenly

POINTS = 1_500
"""Held-out latents, at even distances, that are kept of networks with two latent units."""

RADII = np.linspace(0, 3, 61)
"""Edges of the bins in which held-out latents are counted by ‖z‖/√d."""

COMPRESSED = {"zlib": True, "complevel": 9, "fletcher32": True}


def write_samples_of_study(
    path: Path, parts: Iterable[Path], latents: Iterable[Path], features: Path, labels: Path, config: dict
) -> None:
    """Merge what was kept of every network, and add its held-out latents as pictures show them; whole or not at all.

    Beside the variables of samples.write_samples the file has ``radius_count`` (family, latent_dim, seed, view,
    radius), of norms below the last edge of RADII; ``held_out``, how many images have latents; ``point`` (family, seed,
    view, at, axis), nan of a view that a network has not, and ``label`` (at), where the study has networks of two
    latent units; and of the images themselves ``score_of_images`` (measure), ``accuracy`` of the classifier and
    ``sharpness_of_images``.

    Parameters
    ----------
    path : Path
        File to make.
    parts, latents : Iterable[Path]
        By samples.write_samples and slabs.latents.write_latents, named by grid.NETWORK.
    features, labels : Path
        By image_features.write_image_features and data.labels.write_labels.
    config : dict
        Of the study, kept as attribute.
    """
    each = []
    for part in parts:
        with reading(part), xr.open_dataset(part) as data:
            each.append(_named(data.load()))
    by_network = by_key(latents)
    pictured = [_pictured(key, file) for key, file in by_network.items()]
    flat = [_points(key, file) for key, file in by_network.items() if key.latent_dim == 2]
    # variables of one shape at a time: combined with others they would be padded
    found = xr.merge([xr.combine_by_coords(part, combine_attrs="drop") for part in (each, pictured, flat) if part])
    found = found.sel(family=list(axes_of(by_network)["family"]))
    with reading(features), xr.open_dataset(features) as images:
        found["score_of_images"] = images["score"].load()
        found["accuracy"], found["sharpness_of_images"] = images["accuracy"].load(), images["sharpness"].load()
    held_out = read_labels(labels)[1]
    found["held_out"] = len(held_out)
    if "point" in found:
        found["label"] = ("at", held_out[evenly(len(held_out), POINTS)])
    found.attrs = provenance("Samples and latents of all networks", config)
    encoding = {name: COMPRESSED for name in ("image", "neighbour", "point", "radius_count") if name in found}
    with written_whole(path) as part:
        write_xarray(part, found, encoding)


def _named(data: xr.Dataset) -> xr.Dataset:
    """With names as objects: combining cuts text to the length of the first."""
    return data.assign_coords(family=data["family"].astype(object))


def _pictured(key: Key, latents: Path) -> xr.Dataset:
    """Held-out latents of one network, counted by their radius."""
    counts = np.zeros((len(VIEWS), len(RADII) - 1), np.int64)
    for view, z in _held_out(latents):
        counts[view] = np.histogram(np.linalg.norm(z, axis=1) / key.latent_dim**0.5, RADII)[0]
    found = xr.Dataset(
        {"radius_count": ((*key._fields, "view", "radius"), counts[None, None, None])},
        {name: [value] for name, value in key._asdict().items()}
        | {"view": list(VIEWS), "radius": (RADII[1:] + RADII[:-1]) / 2},
    )
    return _named(found)


def _points(key: Key, latents: Path) -> xr.Dataset:
    """Some of the held-out latents of one network that has two units."""
    views = dict(_held_out(latents))
    chosen = evenly(len(views[0]), POINTS)
    points = np.full((len(VIEWS), len(chosen), 2), np.nan, np.float32)
    for view, z in views.items():
        points[view] = z[chosen]
    found = xr.Dataset(
        {"point": (("family", "seed", "view", "at", "axis"), points[None, None])},
        {"family": [key.family], "seed": [key.seed], "view": list(VIEWS)},
    )
    return _named(found)


def _held_out(latents: Path) -> Iterator[tuple[int, np.ndarray]]:
    """(n, d) latents by the place of their view among all views, z first."""
    with reading(latents), netCDF4.Dataset(latents) as file:
        for index, view in enumerate(VIEWS):
            if f"{view}_test" in file.variables:
                yield index, np.asarray(file[f"{view}_test"][:])
