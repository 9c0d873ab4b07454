"""The scanner's protocol, against a small clamd that reads what is sent and answers as clamd does."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from kfi_applications.domain.attachment import FileInfected, Scan
from kfi_applications.files.scanner import Scanner, ScannerUnavailable

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Answer = Callable[[bytes], bytes]


def as_clamd(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@asynccontextmanager
async def clamd(answer: Answer | None = as_clamd) -> AsyncIterator[Scanner]:
    """A scanner that answers like this; without an answer it stays silent."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4)):
            content += await reader.readexactly(length)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer(content))
        writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", 0)
    async with server:
        yield Scanner("127.0.0.1", server.sockets[0].getsockname()[1], timeout_seconds=0.5)


async def test_a_file_of_many_parts_is_sent_whole() -> None:
    sent: list[bytes] = []

    def remember(content: bytes) -> bytes:
        sent.append(content)
        return b"stream: OK\0"

    content = bytes(range(256)) * 2000
    async with clamd(remember) as scanner:
        assert await scanner.scan(io.BytesIO(content)) is Scan.CLEAN
    assert sent == [content]


async def test_a_signature_anywhere_in_the_file_is_refused() -> None:
    async with clamd() as scanner:
        with pytest.raises(FileInfected):
            await scanner.scan(io.BytesIO(b" " * 100_000 + EICAR))


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0", b"stream: OK", b"\0", b"",
        b"OK\0", b"x" * 10_000,
    ],
)  # fmt: skip
async def test_whatever_else_it_says_nothing_counts_as_clean(answer: bytes) -> None:
    async with clamd(lambda _: answer) as scanner:
        with pytest.raises(ScannerUnavailable):
            await scanner.scan(io.BytesIO(b"content"))


async def test_silence_and_absence_are_told() -> None:
    async with clamd(None) as scanner, asyncio.timeout(5):
        with pytest.raises(ScannerUnavailable):
            await scanner.scan(io.BytesIO(b"content"))
    with pytest.raises(ScannerUnavailable):
        await scanner.scan(io.BytesIO(b"content"))


@pytest.mark.parametrize("address", ["clamd", "clamd:", ":3310", "clamd:0", "clamd:99999", "a b:3310", "clamd:3310/x"])
def test_only_an_address_is_an_address(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Scanner.at(address, timeout_seconds=1)
    assert Scanner.at("[::1]:3310", timeout_seconds=1) == Scanner("::1", 3310, 1)
