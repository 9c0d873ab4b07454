"""The URL of a database is read as libpq reads it, by every connection of a service alike."""

from typing import Any

import pytest

from kfi_chassis.database import connect, create_engine

pytestmark = pytest.mark.servers


async def ask_by_engine(url: str) -> None:
    engine = create_engine(url)
    try:
        async with engine.connect() as connection:
            assert await connection.exec_driver_sql("SELECT 1")
    finally:
        await engine.dispose()


async def ask_alone(url: str) -> None:
    connection = await connect(url, name="test")
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def speaks_tls(url: str) -> bool:
    connection = await connect(url, name="test")
    answer = await connection.fetchval("SHOW ssl")
    await connection.close()
    return bool(answer == "on")


@pytest.mark.parametrize("ask", [ask_by_engine, ask_alone])
async def test_sslmode_in_the_url_is_obeyed(postgres: Any, ask: Any) -> None:
    """Where TLS is required and the server speaks none, as the embedded one, no connection comes about."""
    await ask(f"{postgres.admin_url}?sslmode=disable")
    required = f"{postgres.admin_url}?sslmode=require"
    if await speaks_tls(postgres.admin_url):
        await ask(required)
        return
    with pytest.raises(ConnectionError):
        await ask(required)
