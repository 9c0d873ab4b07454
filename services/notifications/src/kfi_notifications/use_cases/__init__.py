"""What the service does, one file each: load, decide, record."""
