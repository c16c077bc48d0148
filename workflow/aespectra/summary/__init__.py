"""Statistics of spectra, and the file that holds all that figures need."""
