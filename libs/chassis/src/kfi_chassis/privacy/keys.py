"""A person's key, what it encrypts, and the ring of keys outside the database that wraps it.

AES-256-GCM (NIST SP 800-38D) with random nonces of 96 bits. Every ciphertext is bound to its table, column and row as
associated data: moved anywhere else it does not open.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column

from kfi_chassis.privacy.key_file import KEY_BYTES, KeyFile
from kfi_chassis.transient import NotHereYet

ERASED: Final = "[gelöscht]"
"""What is shown in place of a text whose person was erased."""
UNWRAPPED_SECONDS: Final = 60.0
UNWRAPPED_MOST: Final = 10_000
"""So long, and so many at most, unwrapped keys stay in the memory of a process."""

_FORMAT: Final = b"\x01"
_NONCE_BYTES: Final = 12
_REREAD_SECONDS: Final = 5.0
_BETWEEN: Final = b"\x1f"


class NotDecrypted(Exception):
    """A ciphertext was changed, moved to another place, or belongs to another person; nothing of it is shown."""


class WrappingKeyUnknown(NotHereYet):
    """A person's key is wrapped with a key that is not in this process's file; it passes when the file comes."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"the wrapping key {kid} is not in the key file")
        self.kid = kid


class PersonKey:
    """The key of one person; every process holds it for a short time only."""

    erased = False

    def __init__(self, cipher: AESGCM) -> None:
        self._cipher = cipher

    def encrypt(self, column: "Column[Any]", row: object, value: str | bytes) -> bytes:
        """What to store in this column of this row."""
        plain = value.encode("utf-8") if isinstance(value, str) else value
        return _encrypted(self._cipher, plain, _place(column, row))

    def decrypt(self, column: "Column[Any]", row: object, stored: bytes) -> bytes:
        """What was stored there. Raises NotDecrypted."""
        return _decrypted(self._cipher, stored, _place(column, row))

    def text(self, column: "Column[Any]", row: object, stored: bytes) -> str:
        """The text that was stored there. Raises NotDecrypted."""
        return self.decrypt(column, row, stored).decode("utf-8")


class ErasedPerson:
    """Stands for the key of a person who was erased: texts read as ERASED, files as nothing."""

    erased = True

    def decrypt(self, _column: "Column[Any]", _row: object, _stored: bytes) -> None:
        """Nothing is left."""

    def text(self, _column: "Column[Any]", _row: object, _stored: bytes) -> str:
        """The word that says so."""
        return ERASED


@dataclass(frozen=True)
class WrappedKey:
    """A person's key as the database holds it."""

    kid: str
    wrapped: bytes


class KeyRing:
    """The keys of a process that are outside of the database, and the persons' keys it has unwrapped lately.

    A key it does not know makes it read its file again, at most every five seconds: a rotation needs no restart.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._file = KeyFile.read(path)
        self._read_at = clock()
        self._unwrapped: OrderedDict[tuple[UUID, str, bytes], tuple[AESGCM, float]] = OrderedDict()
        self._lock = Lock()

    @property
    def current(self) -> str:
        """The key that wraps new persons' keys."""
        return self._file.current

    @cached_property
    def index_key(self) -> bytes:
        """The secret all search indexes are derived from."""
        return self._file.index

    def new_key(self, person: UUID) -> tuple[PersonKey, WrappedKey]:
        """A new random key for a person, and how to store it."""
        secret = AESGCM.generate_key(KEY_BYTES * 8)
        return PersonKey(AESGCM(secret)), self._wrap(person, secret)

    def open(self, person: UUID, stored: WrappedKey) -> PersonKey:
        """The person's key. Raises WrappingKeyUnknown, and NotDecrypted for one that is another person's."""
        name = (person, stored.kid, stored.wrapped)
        with self._lock:
            cipher = self._remembered(name)
            if cipher is None:
                cipher = AESGCM(self._unwrap(person, stored))
                self._remember(name, cipher)
        return PersonKey(cipher)

    def rewrap(self, person: UUID, stored: WrappedKey) -> WrappedKey:
        """The same key of the person, wrapped with the current key. Raises as `open` does."""
        return self._wrap(person, self._unwrap(person, stored))

    def _wrap(self, person: UUID, secret: bytes) -> WrappedKey:
        kid = self._file.current
        return WrappedKey(kid, _encrypted(AESGCM(self._file.wrapping[kid]), secret, _whose(person, kid)))

    def _unwrap(self, person: UUID, stored: WrappedKey) -> bytes:
        return _decrypted(AESGCM(self._wrapping_key(stored.kid)), stored.wrapped, _whose(person, stored.kid))

    def _wrapping_key(self, kid: str) -> bytes:
        if kid not in self._file.wrapping and self._clock() - self._read_at > _REREAD_SECONDS:
            self._file, self._read_at = KeyFile.read(self._path), self._clock()
        if kid not in self._file.wrapping:
            raise WrappingKeyUnknown(kid)
        return self._file.wrapping[kid]

    def _remembered(self, name: tuple[UUID, str, bytes]) -> AESGCM | None:
        found = self._unwrapped.get(name)
        if found is None or found[1] > self._clock():
            return None if found is None else found[0]
        del self._unwrapped[name]
        return None

    def _remember(self, name: tuple[UUID, str, bytes], cipher: AESGCM) -> None:
        self._unwrapped[name] = (cipher, self._clock() + UNWRAPPED_SECONDS)
        while self._unwrapped and (len(self._unwrapped) > UNWRAPPED_MOST or self._oldest_is_over()):
            self._unwrapped.popitem(last=False)

    def _oldest_is_over(self) -> bool:
        return next(iter(self._unwrapped.values()))[1] <= self._clock()


def _encrypted(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + cipher.encrypt(nonce, plain, place)


def _decrypted(cipher: AESGCM, stored: bytes, place: bytes) -> bytes:
    nonce, sealed = stored[1 : 1 + _NONCE_BYTES], stored[1 + _NONCE_BYTES :]
    if stored[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
        raise NotDecrypted
    try:
        return cipher.decrypt(nonce, sealed, place)
    except InvalidTag:
        raise NotDecrypted from None


def _place(column: "Column[Any]", row: object) -> bytes:
    return _BETWEEN.join((str(column.table).encode(), str(column.name).encode(), str(row).encode()))


def _whose(person: UUID, kid: str) -> bytes:
    return _BETWEEN.join((b"person_key", person.bytes, kid.encode()))
