"""Where operators deal with dead letters."""
