"""A small client of the KfI platform for a municipality: to read, to copy, to start from."""
