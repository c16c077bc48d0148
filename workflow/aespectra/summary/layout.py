"""The summary file: which variables it has, and an empty one.

The root group holds the statistics of each seed; the group ``pooled``, which has no dimension ``seed``, those of the
points of all seeds together. A part (compute.py) has the same for one family and latent dimension, less ``original``.
"""

from typing import NamedTuple

import netCDF4
import numpy as np

from .geometry_statistics import THRESHOLDS
from .statistics import PLANE_BINS, PLANE_EXTENT, QUANTILES

CELL = ("family", "latent_dim", "dataset", "seed")
"""Dimensions of what is a number of each network and evaluation set."""

OF_PART = ("family", "latent_dim")
"""Dimensions along which the summary is merged, a part at a time."""

_SPECTRUM = (*CELL, "jacobian")


class Variable(NamedTuple):
    """How one variable is stored."""

    dtype: str
    dimensions: tuple[str, ...]
    units: str
    long_name: str
    compressed: bool = False
    """In chunks of one network and set, where there are many numbers of each."""


STATISTICS = {
    "mean_abs": Variable("f8", _SPECTRUM, "1", "arithmetic mean of |λ|"),
    "mean_real": Variable("f8", _SPECTRUM, "1", "mean of Re λ, which is trace / latent_dim"),
    "geometric_mean": Variable("f8", _SPECTRUM, "1", "geometric mean of the non-zero |λ|"),
    "log_abs_std": Variable("f8", _SPECTRUM, "1", "standard deviation of ln|λ| over the non-zero eigenvalues"),
    "zero_share": Variable("f8", _SPECTRUM, "1", "share of the eigenvalues that are zero up to rounding"),
    "zero_count": Variable("i8", _SPECTRUM, "1", "number of eigenvalues that are zero up to rounding"),
    "unknown_count": Variable(
        "i8", _SPECTRUM, "1", "number of points whose eigenvalues are not all finite, left out of the other statistics"
    ),
    "reversed_share": Variable(
        "f8", _SPECTRUM, "1", "share of reversed orientation among the points where it is defined"
    ),
    "undefined_share": Variable(
        "f8", _SPECTRUM, "1", "share of the points where an eigenvalue is zero or not finite: no orientation"
    ),
    "real_share": Variable("f8", _SPECTRUM, "1", "share of the non-zero eigenvalues that are real"),
    "log_abs_quantiles": Variable(
        "f8", (*_SPECTRUM, "quantile"), "1", "quantiles of ln|λ| of the non-zero eigenvalues"
    ),
    "log_abs_whiskers": Variable(
        "f8",
        (*_SPECTRUM, "whisker"),
        "1",
        "ends of the whiskers of a box plot of ln|λ|: the last values within 1.5 interquartile ranges",
    ),
    "abs_arg_quantiles": Variable(
        "f8", (*_SPECTRUM, "quantile"), "rad", "quantiles of |Arg λ| of the non-zero eigenvalues"
    ),
    "abs_arg_whiskers": Variable("f8", (*_SPECTRUM, "whisker"), "rad", "ends of the whiskers of a box plot of |Arg λ|"),
    "plane_density": Variable(
        "i8",
        (*_SPECTRUM, "plane_imag", "plane_real"),
        "1",
        "number of eigenvalues in squares of the complex plane by |Im λ| and Re λ",
        compressed=True,
    ),
    "plane_outside_share": Variable("f8", _SPECTRUM, "1", "share of the eigenvalues outside of these squares"),
    "same_pattern_share": Variable(
        "f8", CELL, "1", "share of the points whose reconstruction switches on the same encoder units"
    ),
    "difference_mean": Variable(
        "f8", CELL, "1", "mean of |λ_I - λ_L|² / latent_dim, the spectra paired by decreasing norm"
    ),
    "difference_quantiles": Variable(
        "f8", (*CELL, "quantile"), "1", "quantiles of |λ_I - λ_L|² / latent_dim over the points"
    ),
    "reconstruction_mse_mean": Variable(
        "f8", CELL, "1", "mean over the points of the mean squared error of the reconstruction over the pixels"
    ),
    "reconstruction_mse_quantiles": Variable("f8", (*CELL, "quantile"), "1", "quantiles of that error over the points"),
    "latent_norm_mean": Variable("f8", CELL, "1", "mean over the points of the Euclidean norm of z = f_enc(x)"),
    "latent_norm_quantiles": Variable("f8", (*CELL, "quantile"), "1", "quantiles of that norm over the points"),
}
"""What statistics.py computes, and nothing else; these the group ``pooled`` has as well."""

GEOMETRY = {
    "log_singular_quantiles": Variable(
        "f8", (*_SPECTRUM, "quantile"), "1", "quantiles of ln σ of the non-zero singular values"
    ),
    "log_singular_whiskers": Variable("f8", (*_SPECTRUM, "whisker"), "1", "ends of the whiskers of a box plot of ln σ"),
    "singular_zero_share": Variable(
        "f8", _SPECTRUM, "1", "share of zeros among the singular values of the latent_dim directions"
    ),
    "log_condition_quantiles": Variable(
        "f8", (*_SPECTRUM, "quantile"), "1", "quantiles of ln(largest / least singular value) where the least is not 0"
    ),
    "flat_share": Variable("f8", _SPECTRUM, "1", "share of the points where the least singular value is 0"),
    "local_dimension": Variable(
        "f8", (*_SPECTRUM, "threshold"), "1", "mean over the points of the number of singular values above a threshold"
    ),
    "departure_mean": Variable(
        "f8", _SPECTRUM, "1", "mean of (‖J‖²_F - Σ|λ|²) / ‖J‖²_F, the departure from normality as a share"
    ),
    "departure_quantiles": Variable("f8", (*_SPECTRUM, "quantile"), "1", "quantiles of that share over the points"),
    "log_volume_quantiles": Variable(
        "f8", (*CELL, "quantile"), "1", "quantiles of the log of the factor by which the decoder stretches volumes"
    ),
    "flattened_share": Variable("f8", CELL, "1", "share of the points where the decoder flattens volumes"),
}
"""What geometry_statistics.py computes; the group ``pooled`` has it as well where the other has."""

STEPS = 1024
"""Of a pixel in the pictures of a summary, from 0 to 1: four times those of a screen, two fifths of the bytes."""

OF_NETWORKS = STATISTICS | {
    "loss": Variable(
        "f8", ("family", "latent_dim", "seed", "epoch"), "1", "training loss, mean over the images of each epoch"
    ),
    "reconstruction": Variable(
        "f4",
        ("family", "latent_dim", "seed", "dataset", "example", "pixel"),
        "1",
        f"y = f_dec(f_enc(x)) at the first samples of the set, to 1/{STEPS}",
        compressed=True,
    ),
}
"""What a part has; family and latent_dim come first."""

VARIABLES = OF_NETWORKS | {
    "original": Variable("f4", ("dataset", "example", "pixel"), "1", "the first samples of the set"),
    "pixel_variance": Variable(
        "f8",
        ("dataset",),
        "1",
        "variance of each pixel over the samples, averaged: the squared error of the mean image",
    ),
}


def create_summary(
    file: netCDF4.Dataset,
    variables: dict[str, Variable],
    labels: dict[str, list],
    sizes: dict[str, int],
    mean_pixel: np.ndarray,
    attributes: dict[str, str | int],
) -> None:
    """Define all of a summary, or of a part, in both groups; numbers that are never written stay nan.

    Parameters
    ----------
    file : netCDF4.Dataset
        Open to write, empty.
    variables : dict[str, Variable]
        Of the root group: VARIABLES or OF_NETWORKS, with or without GEOMETRY.
    labels : dict[str, list]
        Coordinates along family, latent_dim, dataset, seed and jacobian.
    sizes : dict[str, int]
        Length of epoch, example and pixel.
    mean_pixel : np.ndarray
        (dataset,), the mean pixel value of each set.
    attributes : dict[str, str | int]
        Of both groups.
    """
    square = PLANE_EXTENT / PLANE_BINS
    labels = labels | {
        "quantile": list(QUANTILES),
        "whisker": ["low", "high"],
        "plane_imag": list((np.arange(PLANE_BINS) + 0.5) * square),
        "plane_real": list((np.arange(2 * PLANE_BINS) + 0.5) * square - PLANE_EXTENT),
    }
    labels |= {"threshold": list(THRESHOLDS)} if GEOMETRY.keys() <= variables.keys() else {}
    _create_group(file, variables, labels, sizes, mean_pixel, attributes)
    pooled = {
        name: each._replace(dimensions=tuple(dim for dim in each.dimensions if dim != "seed"))
        for name, each in variables.items()
        if name in STATISTICS | GEOMETRY
    }
    labels.pop("seed")
    _create_group(file.createGroup("pooled"), pooled, labels, {}, mean_pixel, attributes)


def _create_group(
    group: netCDF4.Dataset,
    variables: dict[str, Variable],
    labels: dict[str, list],
    sizes: dict[str, int],
    mean_pixel: np.ndarray,
    attributes: dict[str, str | int],
) -> None:
    group.setncatts(attributes)
    sizes = {dim: len(values) for dim, values in labels.items()} | sizes
    for dim, size in sizes.items():
        group.createDimension(dim, size)
    for dim, values in labels.items():
        text = isinstance(values[0], str)
        dtype = str if text else "f8" if isinstance(values[0], float) else "i8"
        # HDF5 has checksums for numbers, and none for text
        variable = group.createVariable(dim, dtype, (dim,), fletcher32=not text)
        variable[:] = np.array(values, dtype=object if text else dtype)
    group.createVariable("mean_pixel", "f8", ("dataset",), fletcher32=True)[:] = mean_pixel
    for name, (dtype, dimensions, units, long_name, compressed) in variables.items():
        variable = group.createVariable(
            name,
            dtype,
            dimensions,
            compression="zlib" if compressed else None,
            fletcher32=True,
            # of a part, or less: nothing is read to be written again
            chunksizes=[1 if dim in (CELL if compressed else OF_PART) else sizes[dim] for dim in dimensions],
            fill_value=None if dtype == "i8" else np.nan,
        )
        variable.setncatts({"long_name": long_name, "units": units})
        if "dataset" in dimensions:
            variable.coordinates = "mean_pixel"
