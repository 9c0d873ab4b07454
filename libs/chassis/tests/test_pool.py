"""A connection of the pool is alive when it is used, and is not asked for it at each use."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from kfi_chassis import database
from kfi_chassis.database import connect, create_engine
from kfi_chassis.testkit.polling import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
async def engine(postgres: Any) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres.admin_url, pool_size=1)
    yield engine
    await engine.dispose()


@pytest.fixture
def pings(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every time a connection is asked whether it lives."""
    asked: list[Any] = []
    ping = engine.dialect.do_ping
    monkeypatch.setattr(engine.dialect, "do_ping", lambda connection: (asked.append(connection), ping(connection))[1])
    return asked


async def process_id(engine: AsyncEngine) -> int:
    """Which server process the pool's only connection talks to."""
    async with engine.connect() as connection:
        return int((await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one())


async def ended(postgres: Any, process: int) -> None:
    """The server ends that process, as at its own restart."""
    admin = await connect(postgres.admin_url, name="test")
    assert await admin.fetchval("SELECT pg_terminate_backend($1)", process)
    await admin.close()


async def test_a_connection_just_used_is_not_asked(engine: AsyncEngine, pings: list[Any]) -> None:
    assert len({await process_id(engine) for _ in range(5)}) == 1
    assert pings == []


async def test_a_connection_that_was_quiet_is_asked(
    engine: AsyncEngine, pings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "QUIET_SECONDS", 0.0)
    assert len({await process_id(engine) for _ in range(3)}) == 1
    assert len(pings) == 2


async def test_a_connection_the_server_has_closed_is_replaced_without_asking(
    engine: AsyncEngine, pings: list[Any], postgres: Any
) -> None:
    async with engine.connect() as held:
        driver: Any = (await held.get_raw_connection()).driver_connection
    first = await process_id(engine)
    await ended(postgres, first)
    await eventually(driver.is_closed)
    assert await process_id(engine) != first
    assert pings == []


async def test_a_quiet_connection_that_does_not_answer_is_replaced(
    engine: AsyncEngine, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await process_id(engine)
    await ended(postgres, first)
    monkeypatch.setattr(database, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr("asyncpg.Connection.is_closed", nobody_has_told_yet(asyncpg.Connection.is_closed))
    assert await process_id(engine) != first


def nobody_has_told_yet(is_closed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """What a connection says of itself: at the first time of asking nothing bad."""
    first = iter([False])
    return lambda connection: next(first, None) is None and is_closed(connection)
