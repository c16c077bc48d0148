"""One page that shows a study's spectra and reconstructions, to choose from and to point at."""
