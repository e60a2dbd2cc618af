"""Files: HDF5, CSV and JSON with the same bytes for the same content."""
