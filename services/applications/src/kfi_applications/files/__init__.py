"""Files that come in: received part by part, found to be what they say, looked at by a scanner."""
