"""An endpoint of a town on the machine itself: it answers as a test says, and keeps what came."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Came:
    """One request."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Town:
    """What the endpoint got, and what it answers next; without an answer it is 204."""

    port: int = 0
    came: list[Came] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    silent: bool = False

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook?town=1"

    def answer(self, status: int, *headers: str, body: bytes = b"") -> None:
        """Answer the next request so."""
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers))
        self.answers.append(head.encode() + b"\r\n" + body)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.came.append(Came(headers, body))
            if self.silent:
                await self.held.wait()
            writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[Town]:
    """An endpoint that listens."""
    town = Town()
    server = await asyncio.start_server(town.serve, "127.0.0.1", 0, ssl=tls)
    town.port = server.sockets[0].getsockname()[1]
    try:
        yield town
    finally:
        town.held.set()
        server.close()
