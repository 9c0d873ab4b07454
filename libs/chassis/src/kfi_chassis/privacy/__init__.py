"""Personal data: a key per person, columns encrypted with it, search without reading, erasure by deleting the key."""
