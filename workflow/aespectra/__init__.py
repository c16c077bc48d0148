"""Jacobian spectra of autoencoders, in and out of distribution (after arXiv 2201.11902).

The wings, in the order in which data passes through them: ``linalg`` (Jacobians and their eigenvalues), ``data``
(images and noise), ``models`` (networks and their training), ``spectra`` (the slabs and the cube), ``summary``
(statistics), ``claims`` (the paper's), ``report`` (pages) and ``figures``. A module imports only modules of its own
wing, of those before it, and of the few beside them that all share (files, integrity, logs, devices, determinism).
None knows Snakemake, nor the keys of a config.
"""

from ._version import __version__ as __version__
