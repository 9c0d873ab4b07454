"""A file on its way in: named by its header, written to a nameless temporary file, hashed as it comes."""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast
from urllib.parse import unquote

from kfi_applications.domain.attachment import (
    FileNotWhatItSays,
    Kind,
    ReceivedFile,
    Scan,
    is_usable_name,
)
from kfi_applications.files.content import must_be
from kfi_applications.files.scanner import Scanner

IN_MEMORY_BYTES: Final = 262_144
"""A smaller file never touches the disk; a larger one lies in a temporary file that has no name."""
_ENCODED: Final = re.compile(
    r"""attachment\s*;\s*(?:filename="[^"\\]*"\s*;\s*)?filename\*=UTF-8''(?P<name>[A-Za-z0-9!#$&+.^_`|~%-]+)""", re.I
)
_PLAIN: Final = re.compile(r'attachment\s*;\s*filename="(?P<name>[\x20-\x21\x23-\x5b\x5d-\x7e]+)"', re.I)


@dataclass(frozen=True)
class Incoming:
    """A file that came in whole; its content can be read from the start as often as needed."""

    file: BinaryIO
    size: int
    sha256: str


def name_in(disposition: str) -> str | None:
    """The file's name in a Content-Disposition (RFC 6266, RFC 8187), in one spelling; None when it is not usable."""
    encoded = _ENCODED.fullmatch(disposition)
    plain = encoded or _PLAIN.fullmatch(disposition)
    if plain is None:
        return None
    try:
        name = unquote(plain["name"], errors="strict") if encoded else plain["name"]
    except UnicodeDecodeError:
        return None
    name = unicodedata.normalize("NFC", name)
    return name if is_usable_name(name) else None


@asynccontextmanager
async def received(parts: AsyncIterator[bytes]) -> AsyncIterator[Incoming]:
    """Write the parts away as they come; what was written goes when the block ends."""
    digest, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        async for part in parts:
            digest.update(part)
            size += len(part)
            spooled.write(part)
        yield Incoming(cast("BinaryIO", spooled), size, digest.hexdigest())


async def examined(incoming: Incoming, *, name: str, kind: Kind, scanner: Scanner | None) -> ReceivedFile:
    """The file, when it is what it says and the scanner has nothing against it.

    Raises FileNotWhatItSays, FileInfected, ScannerUnavailable; without a scanner the file counts as unscanned.
    """
    if incoming.size == 0:
        raise FileNotWhatItSays("The file is empty.", fix="Send the file with its content.")
    await asyncio.to_thread(must_be, kind, incoming.file)
    scan = Scan.UNSCANNED if scanner is None else await scanner.scan(incoming.file)
    return ReceivedFile(name, kind, incoming.size, incoming.sha256, scan)
