"""Spectra at every point of every set: a slab a network, and the cube over all of them."""
