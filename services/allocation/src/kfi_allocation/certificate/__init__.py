"""A signed certificate of a run: roots over frozen input and plan, from which a town checks its part offline."""
