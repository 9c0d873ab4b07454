"""The revisions of the service's database, oldest first in ``versions/``."""
