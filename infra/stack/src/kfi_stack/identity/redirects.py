"""Which addresses a client may be sent back to."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from kfi_stack.ports import LOOPBACK


class RegisteredUris:
    """The addresses a client may be sent back to.

    An address belongs to them when it equals one exactly; of a loopback address the port is free (RFC 8252, 7.3).
    """

    def __init__(self, uris: Iterable[str]) -> None:
        self._uris = tuple(uris)

    def __contains__(self, uri: str) -> bool:
        return uri in self._uris or _without_loopback_port(uri) in self._uris

    @property
    def only(self) -> str | None:
        """The address taken when a request names none: the one registered, or none if there are several."""
        return self._uris[0] if len(self._uris) == 1 else None


def _without_loopback_port(uri: str) -> str | None:
    parts = urlsplit(uri)
    if parts.netloc.partition(":")[0] != LOOPBACK:
        return None
    return parts._replace(netloc=LOOPBACK).geturl()
