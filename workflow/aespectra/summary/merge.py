"""The summary: every statistic that a figure shows, one small netCDF-4 file merged from its parts (compute.py)."""

from collections.abc import Iterable
from pathlib import Path

import netCDF4

from ..data.pixels import Pixels
from ..data.shape import usual_shape
from ..files import provenance, written_whole
from ..integrity import reading
from ..netcdf import created
from ..slabs.grid import Key, axes_of, places_in
from ..slabs.slab import JACOBIANS
from .layout import GEOMETRY, OF_NETWORKS, STATISTICS, VARIABLES, create_summary


def write_summary(path: Path, parts: Iterable[Path], datasets: Iterable[Path], config: dict) -> None:
    """Merge the parts of a study one after another: memory does not grow with their number.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    parts : Iterable[Path]
        Of every family and latent dimension, by compute.write_statistics; the axes have the order in which they come.
        Where a family was trained for fewer epochs than another, its ``loss`` ends in nan.
    datasets : Iterable[Path]
        The evaluation sets, whose first samples become ``original``; with the variance of their pixels, and the shape
        of their images.
    config : dict
        The study's, kept as attribute.

    Raises
    ------
    ValueError
        The parts form no full grid, differ in their seeds, evaluation sets, samples, pixels or variables, or are
        of other evaluation sets than ``datasets``.
    """
    keys: dict[Path, Key] = {}  # of the first seed of each part
    shapes, epochs = set(), []
    for part in parts:
        with netCDF4.Dataset(part) as source:
            seeds, names = tuple(source["seed"][:].tolist()), tuple(source["dataset"][:])
            keys[part] = Key(source["family"][0], int(source["latent_dim"][0]), seeds[0])
            geometry = GEOMETRY.keys() <= source.variables.keys()
            examples, pixels = (source.dimensions[dim].size for dim in ("example", "pixel"))
            shapes.add((seeds, names, examples, pixels, source.samples, geometry))
            epochs.append(source.dimensions["epoch"].size)
    if len(shapes) > 1:
        raise ValueError(
            f"the parts differ in their seeds, evaluation sets, samples, pixels or variables: {sorted(shapes)}."
        )
    ((seeds, names, examples, pixels, samples, geometry),) = shapes
    beside = GEOMETRY if geometry else {}
    axes = axes_of(keys.values())
    places = places_in(axes)
    labels = axes | {"seed": list(seeds), "jacobian": list(JACOBIANS), "dataset": list(names)}
    sizes = {"epoch": max(epochs), "example": examples, "pixel": pixels}
    with netCDF4.Dataset(next(iter(keys))) as first:
        mean_pixel = first["mean_pixel"][:]
        attributes = {"device": first.device, "precision": first.precision, "samples": samples}
    attributes |= provenance("Statistics of Jacobian spectra of a family of autoencoders", config)
    with written_whole(path) as part, created(part) as file:
        create_summary(file, VARIABLES | beside, labels, sizes, mean_pixel, attributes)
        _copy_of_sets(file, datasets)
        for part, key in keys.items():
            with netCDF4.Dataset(part) as source:
                source.set_auto_mask(False)
                where = places[key]["family"], places[key]["latent_dim"]
                _copy(source, file, where, OF_NETWORKS | beside)
                _copy(source["pooled"], file["pooled"], where, STATISTICS | beside)


def _copy(source: netCDF4.Dataset, target: netCDF4.Dataset, where: tuple[int, int], names: Iterable[str]) -> None:
    """The values of a part, whose family and latent dimension have the index ``where`` in the summary."""
    for name in names:
        with reading(source.filepath()):
            values = source[name][0, 0]
        target[name][(*where, *(slice(0, size) for size in values.shape))] = values


def _copy_of_sets(file: netCDF4.Dataset, datasets: Iterable[Path]) -> None:
    """First samples, the variance of the pixels, and the shape of the images, which is that of D_train in all sets."""
    missing = {name: index for index, name in enumerate(file["dataset"][:])}
    for path in datasets:
        with Pixels(path) as pixels:
            if pixels.name not in missing:
                raise ValueError(f"{path} holds {pixels.name}; the parts still lack {', '.join(missing) or 'no set'}.")
            index = missing.pop(pixels.name)
            file["original"][index] = pixels[: file.dimensions["example"].size]
            file["pixel_variance"][index] = pixels.pixel_variance
            if pixels.image_shape != usual_shape(pixels.pixels):  # else unsaid: summaries of before keep their bytes
                file.image_shape = pixels.image_shape
    if missing:
        raise ValueError(f"the parts have sets that no dataset is given for: {', '.join(missing)}.")
