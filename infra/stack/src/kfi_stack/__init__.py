"""One command: the servers and services of the platform on one machine."""
