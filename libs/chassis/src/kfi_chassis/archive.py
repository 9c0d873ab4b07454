"""An archive that is made while it is sent: a ZIP whose entries are hashed as they pass, with a manifest at its end.

Nothing of it is kept: an entry goes through part by part, so a process needs as much memory for a thousand files as for
one. The manifest names size and SHA-256 of every other entry; its own SHA-256 is known when it is written.
"""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final, cast

MANIFEST: Final = "manifest.json"
FORMAT: Final = "kfi-export/1"
_TEXT: Final = 6
_PLAIN: Final = 0
"""Levels of compression: files that came in are compressed already, and packing them again only costs time."""


@dataclass(frozen=True)
class Entry:
    """One file of an archive; its size in bytes before packing."""

    name: str
    size: int
    sha256: str


class _Pipe:
    """Takes what the archive writes until it is sent."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._waiting.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def taken(self) -> Iterator[bytes]:
        waiting, self._waiting = self._waiting, []
        yield from waiting


class Archive:
    """One archive on its way out; what its methods give is what is to be sent, in their order."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(cast("BinaryIO", self._pipe), "w", zipfile.ZIP_DEFLATED)
        self.entries: list[Entry] = []

    async def file(self, name: str, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """An entry whose content comes part by part and is packed as it is."""
        async for sent in self._entry(name, parts, level=_PLAIN):
            yield sent

    async def lines(self, name: str, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """An entry of text that comes part by part."""
        async for sent in self._entry(name, parts, level=_TEXT):
            yield sent

    async def document(self, name: str, value: object) -> AsyncIterator[bytes]:
        """An entry that is one JSON document, written for people to read."""
        async for sent in self._entry(name, _once(_json(value)), level=_TEXT):
            yield sent

    async def text(self, name: str, text: str) -> AsyncIterator[bytes]:
        """An entry that is one text."""
        async for sent in self._entry(name, _once(text.encode()), level=_TEXT):
            yield sent

    async def end(self, about: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """The manifest, with what is said about the archive; `entries[-1]` is its own entry then."""
        manifest = {"format": FORMAT, **about, "entries": [asdict(entry) for entry in self.entries]}
        async for sent in self.document(MANIFEST, manifest):
            yield sent
        self._zip.close()
        for sent in self._pipe.taken():
            yield sent

    async def _entry(self, name: str, parts: AsyncIterator[bytes], *, level: int) -> AsyncIterator[bytes]:
        digest, size = hashlib.sha256(), 0
        self._zip.compresslevel = level
        with self._zip.open(name, "w") as entry:
            async for part in parts:
                digest.update(part)
                size += len(part)
                entry.write(part)
                for sent in self._pipe.taken():
                    yield sent
        self.entries.append(Entry(name, size, digest.hexdigest()))
        for sent in self._pipe.taken():
            yield sent


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
