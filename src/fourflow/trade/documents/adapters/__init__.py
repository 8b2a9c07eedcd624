"""One folder per system or format whose documents are read."""
