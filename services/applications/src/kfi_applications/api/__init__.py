"""The routes below /applications/v1, one file per resource."""
