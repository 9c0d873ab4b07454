"""The file with the keys that never enter the database: those that wrap persons' keys, and the one of the search index.

    {"current": "<kid>", "keys": [{"kty": "oct", "kid": "...", "k": "..."}, ...], "index": {"kty": "oct", "k": "..."}}

Keys are JWKs (RFC 7517, 7518 6.4) of 256 bits. New persons' keys are wrapped with the current one; the older ones stay
until nothing is wrapped with them any more.
"""

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY_BYTES = 32


class KeyFileUnusable(ValueError):
    """The file is no key file; the message names it and what to do, never a key."""


@dataclass(frozen=True)
class KeyFile:
    """What a key file says; no key shows in a repr."""

    current: str
    wrapping: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """Read the file. Raises KeyFileUnusable."""
        try:
            document = json.loads(path.read_bytes())
            wrapping = {str(key["kid"]): _secret(key) for key in document["keys"]}
            read = cls(str(document["current"]), wrapping, _secret(document["index"]))
        except OSError as failure:
            raise KeyFileUnusable(f"{path} cannot be read ({failure.strerror}): put the file there.") from None
        except (ValueError, TypeError, KeyError):
            raise KeyFileUnusable(f"{path} is no key file: make one with the command `privacy new-key`.") from None
        if read.current not in wrapping:
            raise KeyFileUnusable(f"{path} does not hold its current key: restore the file.")
        return read

    @classmethod
    def with_a_new_key(cls, path: Path) -> "KeyFile":
        """Make the file, or add a new key to it, which becomes the current one. Raises KeyFileUnusable."""
        before = cls.read(path) if path.exists() else None
        kid = secrets.token_hex(8)
        earlier = dict(before.wrapping) if before else {}
        index = before.index if before else secrets.token_bytes(KEY_BYTES)
        made = cls(kid, {**earlier, kid: secrets.token_bytes(KEY_BYTES)}, index)
        made.write(path)
        return made

    def without(self, kid: str) -> "KeyFile":
        """The keys but one. Raises KeyFileUnusable for the current one, and for one that is not there."""
        if kid == self.current or kid not in self.wrapping:
            raise KeyFileUnusable(f"The key {kid} is the current one, or is not there: name an older one.")
        return KeyFile(self.current, {one: key for one, key in self.wrapping.items() if one != kid}, self.index)

    def write(self, path: Path) -> None:
        """Put the file in place whole, readable by its owner only (mode 600). Raises KeyFileUnusable."""
        keys = [{"kty": "oct", "kid": kid, "k": _text(secret)} for kid, secret in self.wrapping.items()]
        document = {"current": self.current, "keys": keys, "index": {"kty": "oct", "k": _text(self.index)}}
        try:
            _replace(path, json.dumps(document, indent=2) + "\n")
        except OSError as failure:
            raise KeyFileUnusable(f"{path} cannot be written: {failure.strerror}.") from None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _secret(key: Mapping[str, Any]) -> bytes:
    secret = urlsafe_b64decode(key["k"] + "=" * (-len(key["k"]) % 4))
    if key["kty"] != "oct" or len(secret) != KEY_BYTES:
        raise ValueError("no key of 256 bits")
    return secret


def _text(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")
