"""Copies of a service's database as it is now, and all that stands in one, so that two can be compared."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from kfi_stack.databases import DatabaseUrls, connection_to, quoted, service_roles
from kfi_stack.postgres import binary
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.running_platform import Platform

ITS_OWN = frozenset({
    "outbox.position", "outbox.event_id", "outbox.headers", "outbox.occurred_at", "outbox_due.position",
    "audit.position", "audit.recorded_at", "audit.hash", "audit.previous_hash", "inbox.processed_at",
    "dead_letter.number", "dead_letter.parked_at", "application.texts", "application.applicant_name",
})  # fmt: skip
"""In these two databases differ that took in the same events: numbers of rows, ids of new events, times, hashes, and
what is encrypted, anew at each change."""
COMPUTED: Final = frozenset({"outlook", "outlook_basis"})
"""Computed anew within a minute after something has changed."""
State = Mapping[str, Sequence[str]]


@asynccontextmanager
async def copy_of(platform: Platform, postgres: PostgresServer, service: str) -> AsyncIterator[DatabaseUrls]:
    """A database with the schema, the rights and the rows that the service's has now; dropped in the end."""
    async with _database(postgres, service, "template1") as urls:
        await asyncio.to_thread(_copied, platform.databases[service].owner_url, urls.owner_url)
        yield urls


@asynccontextmanager
async def same_as(copy: DatabaseUrls, postgres: PostgresServer, service: str) -> AsyncIterator[DatabaseUrls]:
    """The same again, of a database that nobody uses."""
    async with _database(postgres, service, urlsplit(copy.owner_url).path.strip("/")) as urls:
        yield urls


@asynccontextmanager
async def _database(postgres: PostgresServer, service: str, template: str) -> AsyncIterator[DatabaseUrls]:
    name = f"kfi_{service}_{uuid4().hex[:12]}"
    try:
        yield await asyncio.to_thread(
            lambda: postgres.create_database(name, *service_roles(service), template=template)
        )
    finally:
        await asyncio.to_thread(postgres.drop_database, name)


def _copied(source: str, target: str) -> None:
    dumped = subprocess.run([binary("pg_dump"), "--dbname", _plain(source)], check=True, capture_output=True)
    into = [binary("psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", _plain(target)]
    subprocess.run(into, check=True, capture_output=True, input=dumped.stdout)


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def state_of(url: str, *, without: Collection[str] = ()) -> State:
    """The rows of all tables as text, sorted, without the tables and columns named (`table`, `table.column`)."""
    async with connection_to(url) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        found = {}
        for table in [each for (each,) in tables if each not in without]:
            rows = await connection.fetch(f"SELECT * FROM {quoted(table)}")  # noqa: S608 - a table of ours
            kept = [{name: row[name] for name in row.keys() if f"{table}.{name}" not in without} for row in rows]  # noqa: SIM118
            found[table] = sorted(map(repr, kept))
        return found


def differences(before: State, after: State) -> State:
    """By table the rows that only one of the two has."""
    both = {table: (Counter(before[table]), Counter(after[table])) for table in before}
    different = {table: sorted(((a - b) + (b - a)).elements()) for table, (a, b) in both.items()}
    return {table: rows for table, rows in different.items() if rows}
