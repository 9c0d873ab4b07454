"""The demo service on a real PostgreSQL, reached through a wire that can be cut or frozen."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from kfi_chassis.clock import BerlinCalendar, SystemClock
from kfi_chassis.database import create_engine
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import Principal
from kfi_chassis.metrics import Metrics
from kfi_chassis.migrate import upgrade
from kfi_chassis.process import Database
from kfi_chassis.work import Transactions

DEMO = Path(__file__).parents[1] / "demo_service"
_LOCKS_HELD_HERE = """
    SELECT * FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture(scope="session")
def demo_service() -> Iterator[Any]:
    """The module of the demo service."""
    sys.path.insert(0, str(DEMO))
    from kfi_demo import main  # noqa: PLC0415 - it lies beside the tests and is no installed package

    yield main
    sys.path.remove(str(DEMO))


@dataclass
class Wire:
    """A TCP connection to the database that can be cut (refused) or frozen (silent)."""

    host: str
    port: int
    cut: bool = False
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.frozen.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        there, back = await asyncio.open_connection(self.host, self.port)
        self.open |= {writer, back}
        with contextlib.suppress(ConnectionError, ExceptionGroup, asyncio.CancelledError):
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, back))
                group.create_task(self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(65_536):
            await self.frozen.wait()
            writer.write(content)
            await writer.drain()
        writer.close()

    def break_off(self) -> None:
        """Refuse new connections and reset those there are."""
        self.cut = True
        for writer in self.open:
            writer.transport.abort()
        self.open.clear()

    def mend(self) -> None:
        self.cut = False
        self.frozen.set()

    def freeze(self) -> None:
        self.frozen.clear()


@dataclass
class Demo:
    client: httpx2.AsyncClient
    transactions: Transactions[Any]
    wire: Wire
    beside: AsyncEngine

    async def rows(self, statement: str) -> list[Any]:
        """What the database holds, seen beside the wire and in no hurry."""
        async with self.beside.connect() as connection:
            return list((await connection.execute(text(statement))).all())

    async def until_in_flight(self) -> None:
        """Until a request holds the lock of its key."""
        async with asyncio.timeout(5):
            while not await self.rows(_LOCKS_HELD_HERE):  # noqa: ASYNC110 - a row
                await asyncio.sleep(0.01)

    async def make(self, key: str, name: str = "lamp", role: str = "maker", **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {role}", "Idempotency-Key": key}
        return await self.client.post("/demo/v1/things", json={"name": name, **more}, headers=headers)


class AnyMaker:
    """The token is the account; everybody is a maker."""

    async def verify(self, token: str) -> Principal:
        return Principal(token, token, frozenset({"maker"}))


@dataclass(frozen=True)
class Limits:
    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 3.0


@pytest.fixture
def database(postgres: Any) -> Any:
    """A database of its own for each test."""
    name = f"demo_{uuid4().hex[:12]}"
    return postgres.create_database(name, f"{name}_owner", name)


@pytest.fixture
async def wire(database: Any) -> AsyncIterator[Wire]:
    url = make_url(database.runtime_url)
    wire = Wire(url.host or "127.0.0.1", url.port or 5432)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.listening = server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    yield wire
    wire.mend()
    wire.break_off()
    server.close()


@pytest.fixture
async def demo(database: Any, wire: Any, demo_service: Any) -> AsyncIterator[Demo]:
    await upgrade(demo_service.SERVICE.migrations, database.owner_url)
    url = make_url(database.runtime_url).set(host="127.0.0.1", port=wire.listening)
    engine = create_engine(url.render_as_string(hide_password=False), connect_seconds=2.0, statement_seconds=1.5)
    beside = create_engine(database.runtime_url, pool_size=1)
    clock = SystemClock()
    transactions = Transactions(engine, demo_service.DemoWork, clock=clock, calendar=BerlinCalendar(clock))
    health = Health()
    health.require("database", Database(engine, demo_service.SERVICE.migrations).ready)
    app = create_api(
        "demo",
        Limits(),
        demo_service.routers(),
        transactions=transactions,
        verifier=AnyMaker(),
        health=health,
        metrics=Metrics(),
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://demo") as client:
        yield Demo(client, transactions, wire, beside)
    wire.mend()
    await beside.dispose()
    await engine.dispose()
