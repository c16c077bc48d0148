"""Jacobians of an autoencoder, and the eigenvalues of many small matrices: no files, no config."""
