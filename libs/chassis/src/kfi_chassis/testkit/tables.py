"""The chassis' tables in a database of its own, for tests and benchmarks that have no service."""

from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from kfi_chassis.migrations import create_chassis_tables_v1, queue_the_outbox


class _Statements:
    """Stands in for alembic's operations: keeps what they would execute."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def execute(self, sqltext: str) -> None:
        """Keep one statement."""
        self.all.append(sqltext)


async def create_tables(owner_url: str, *more: str) -> None:
    """Make the chassis' tables as their owner, and then what `more` says, in one transaction."""
    statements = _Statements()
    for step in (create_chassis_tables_v1, queue_the_outbox):
        step(cast("Any", statements))
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        for statement in (*statements.all, *more):
            await connection.execute(text(statement))
    await engine.dispose()
