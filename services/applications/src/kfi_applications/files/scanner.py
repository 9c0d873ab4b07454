"""The virus scanner: clamd over TCP, one session per file (clamd(8), command INSTREAM)."""

import asyncio
import re
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

from kfi_applications.domain.attachment import FileInfected, Scan

PART_BYTES: Final = 65_536
_ANSWER_BYTES: Final = 4_096
_ADDRESS: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")


class ScannerUnavailable(Exception):
    """The scanner cannot be reached, does not answer in time, or says that it cannot scan."""


@dataclass(frozen=True)
class Scanner:
    """One clamd; its settings StreamMaxLength and MaxFileSize must be as large as the largest attachment."""

    host: str
    port: int
    timeout_seconds: float = 30.0

    @classmethod
    def at(cls, address: str, *, timeout_seconds: float) -> Self:
        """The scanner at `host:port`. Raises ValueError for what is no such address."""
        found = _ADDRESS.fullmatch(address)
        if found is None or not 0 < int(found["port"]) < 65536:
            raise ValueError("not host:port")
        return cls(found["host"].strip("[]"), int(found["port"]), timeout_seconds)

    async def scan(self, file: BinaryIO) -> Scan:
        """Have the whole file looked at. Raises FileInfected, ScannerUnavailable: nothing counts as clean unseen."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                answer = await self._session(file)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):  # TimeoutError is an OSError
            raise ScannerUnavailable from None
        if answer.endswith(b" FOUND"):
            raise FileInfected(
                "The scanner found harmful content in the file.",
                fix="Check the computer the file comes from, and send a file that is clean.",
            )
        if answer != b"stream: OK":
            raise ScannerUnavailable
        return Scan.CLEAN

    async def _session(self, file: BinaryIO) -> bytes:
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=_ANSWER_BYTES)
        try:
            writer.write(b"zINSTREAM\0")
            file.seek(0)
            while part := file.read(PART_BYTES):
                writer.write(len(part).to_bytes(4) + part)
                await writer.drain()
            writer.write((0).to_bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).removesuffix(b"\0")
        finally:
            writer.close()
