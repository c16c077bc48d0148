"""Images and pixel noise, and the netCDF file that every set is kept in."""
