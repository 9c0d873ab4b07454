"""Searching what is encrypted: a term is stored as a keyed digest, which the same term finds again and nobody can read.

HMAC-SHA-256 under a key per purpose, derived (HKDF, RFC 5869) from a secret outside the database; 128 bits are kept. A
term is normalised before, so that accents, case and spaces do not matter.
"""

import hmac
import unicodedata
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_BYTES: Final = 16
_KEY_BYTES: Final = 32
_DOTLESS_I: Final = "\N{LATIN SMALL LETTER DOTLESS I}"
_SAME_LETTERS: Final = str.maketrans({_DOTLESS_I: "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})


def normalised(text: str) -> str:
    """Lower case, no accents, one space between words; letters and digits of every script stay."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(_SAME_LETTERS)
    kept = (mark if mark.isalnum() else " " for mark in folded if not unicodedata.combining(mark))
    return " ".join("".join(kept).split())


def words(text: str) -> tuple[str, ...]:
    """The different words of a text, normalised, in their order."""
    return tuple(dict.fromkeys(normalised(text).split()))


class BlindIndex:
    """Makes the tokens of one secret."""

    def __init__(self, secret: bytes) -> None:
        self._key_for = lru_cache(maxsize=100)(lambda purpose: _derived(secret, purpose))

    def token(self, purpose: str, *parts: str) -> bytes:
        """The token of a term, or of several together, for one purpose."""
        term = "\x1f".join(normalised(part) for part in parts)
        return hmac.new(self._key_for(purpose), term.encode("utf-8"), sha256).digest()[:TOKEN_BYTES]

    def tokens(self, purpose: str, *texts: str | None) -> set[bytes]:
        """The tokens of the words of some texts."""
        return {self.token(purpose, word) for text in texts if text for word in words(text)}


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"blind index {purpose}".encode()).derive(secret)
