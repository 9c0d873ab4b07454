"""The file that leaves the house."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class StoredDocument:
    """The very bytes of a letter or e-mail and what is known of them; an e-mail has no pages."""

    media_type: str
    content: bytes
    sha256: str
    pages: int | None
    dated_on: date
