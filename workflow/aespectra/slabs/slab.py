"""The slab: the netCDF-4 file with both spectra of one autoencoder at every point of every evaluation set.

Coordinates: ``jacobian`` (input = J_I, latent = J_L), ``dataset`` with ``mean_pixel``; attributes: family,
latent_dim, seed, the config and the versions that made it, device and precision, and ``solver_failures``, the number of
matrices whose eigenvalues did not converge. With ``spectra.geometry`` the singular values, and what belongs to them,
stand beside the eigenvalues.

Chunks hold one Jacobian, one set and BLOCK samples, as they are computed and as figures read them. They are
compressed by zlib at level 1 without shuffling: that saves about two fifths (in conjugate pairs and real eigenvalues
numbers repeat) for some 2 % of the time that the spectra take, and every build of HDF5 reads it. zstd takes a third
of that time, but HDF5 needs a plugin for it; shuffling and higher levels do not save more. ``make bench`` shows them
side by side.
"""

import netCDF4
import numpy as np

JACOBIANS = ("input", "latent")
"""Labels of J_I and J_L along the dimension ``jacobian``."""

EXAMPLES = 3
"""Samples of each set, from the first, whose reconstructions are kept."""

BLOCK = 4096
"""Samples of a chunk."""

PER_MATRIX = ("eigenvalue", "singular_value")
"""Dimensions as long as d, which in a cube over several d are as long as the largest."""

# name: (dtype, dimensions, long_name); all dimensionless
VARIABLES = {
    "eigenvalue_real": (
        "f4",
        ("jacobian", "dataset", "sample", "eigenvalue"),
        "real part of the eigenvalues, by decreasing norm, positive imaginary part first",
    ),
    "eigenvalue_imag": (
        "f4",
        ("jacobian", "dataset", "sample", "eigenvalue"),
        "imaginary part of the eigenvalues, in the order of eigenvalue_real",
    ),
    "zero_eigenvalues": (
        "i2",
        ("jacobian", "dataset", "sample"),
        "number of eigenvalues that are zero up to rounding, the last ones",
    ),
    "solver_failed": (
        "i1",
        ("jacobian", "dataset", "sample"),
        "1 where the QR iteration did not converge; eigenvalues not found are nan",
    ),
    "frobenius_norm": (
        "f4",
        ("jacobian", "dataset", "sample"),
        "Frobenius norm of the latent_dim x latent_dim matrix that has these eigenvalues",
    ),
    "latent_norm": ("f4", ("dataset", "sample"), "Euclidean norm of z = f_enc(x)"),
    "reconstruction_mse": ("f4", ("dataset", "sample"), "mean squared error of y = f_dec(f_enc(x)) over the pixels"),
    "same_activation_pattern": ("i1", ("dataset", "sample"), "1 where x and y switch on the same encoder units"),
    "reconstruction": ("f4", ("dataset", "example", "pixel"), "y at the first samples of the set"),
}

# the same, beside them where the geometry is asked for
GEOMETRY = {
    "singular_values": (
        "f4",
        ("jacobian", "dataset", "sample", "singular_value"),
        "singular values, decreasing; those of the input Jacobian beyond latent_dim are zero",
    ),
    "departure_from_normality": (
        "f4",
        ("jacobian", "dataset", "sample"),
        "squared Frobenius norm of the Jacobian less the sum of squared norms of its eigenvalues, 0 if it is normal",
    ),
    "log_volume": (
        "f4",
        ("dataset", "sample"),
        "log of the factor by which the decoder stretches volumes at z, -inf where it flattens them",
    ),
}


ALL = VARIABLES | GEOMETRY


def create_slab(
    file: netCDF4.Dataset, latent_dim: int, pixels: int, datasets: int, samples: int, geometry: bool = False
) -> None:
    """Define every dimension and variable of an empty slab, with those of GEOMETRY or without."""
    variables = ALL if geometry else VARIABLES
    sizes = {
        "jacobian": len(JACOBIANS),
        "dataset": datasets,
        "sample": samples,
        "eigenvalue": latent_dim,
        "example": min(EXAMPLES, samples),
        "pixel": pixels,
    }
    sizes |= {"singular_value": latent_dim} if geometry else {}
    for name, size in sizes.items():
        file.createDimension(name, size)
    for name in ("jacobian", "dataset"):
        file.createVariable(name, str, (name,))
    file["jacobian"].long_name = "input: J_I, decoder after encoder, at x; latent: J_L, encoder after decoder, at z"
    file["jacobian"][:] = np.array(JACOBIANS, dtype=object)
    file["dataset"].long_name = "evaluation set, D_train first"
    file.createVariable("mean_pixel", "f8", ("dataset",)).setncatts({"long_name": "mean pixel value", "units": "1"})
    chunks = {**dict.fromkeys(sizes, 1), "sample": min(samples, BLOCK), "pixel": pixels}
    chunks |= dict.fromkeys(PER_MATRIX, latent_dim)
    for name, (dtype, dimensions, long_name) in variables.items():
        variable = file.createVariable(
            name,
            dtype,
            dimensions,
            chunksizes=[chunks[dimension] for dimension in dimensions],
            fletcher32=True,
            compression="zlib",
            complevel=1,
            shuffle=False,
        )
        variable.setncatts({"long_name": long_name, "units": "1", "coordinates": "mean_pixel"})
