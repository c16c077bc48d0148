"""Jacobian spectra of autoencoders, in and out of distribution (after arXiv 2201.11902).

The modules in the order in which data passes through them:
torchvision_sets, config, integrity, files, pages, logs, datasets, images, devices, determinism, autoencoder,
objectives, training, jacobian, eigenvalues, slab, spectra, cube, statistics, summary, figures, claims, provenance. A
module imports only those before it, and none knows Snakemake.
"""

__version__ = "0.1.0"
