"""A place in a town's feed, as its readers hold it: opaque to them, and of no use with another town's feed.

A feed that was brought back from a backup counts its positions anew; its generation tells, and old cursors end.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, Self

_PARTS: Final = 3
_LARGEST: Final = 2**63 - 1


class NotACursor(ValueError):
    """The text was not made here, or for another town."""


@dataclass(frozen=True)
class Cursor:
    """All positions up to this one have been read."""

    ags: str
    generation: int
    position: int

    def __str__(self) -> str:
        """The text a reader sends back."""
        text = json.dumps([self.ags, self.generation, self.position], separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str, *, ags: str) -> Self:
        """What a reader of this town's feed sent. Raises NotACursor."""
        try:
            parts = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=="))
        except (ValueError, RecursionError):
            raise NotACursor from None
        if not isinstance(parts, list) or len(parts) != _PARTS or parts[0] != ags:
            raise NotACursor
        if any(type(number) is not int or not 0 <= number <= _LARGEST for number in parts[1:]):
            raise NotACursor
        return cls(ags, parts[1], parts[2])
