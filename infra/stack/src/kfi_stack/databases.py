"""Databases and their two roles: the owner changes tables, the runtime role only works with their rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from kfi_stack.credentials import Credentials

# The owner of a database owns its schema `public` too (pg_database_owner); PUBLIC gets nothing.
IN_DATABASE = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {runtime}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {runtime}",
)


@dataclass(frozen=True)
class DatabaseUrls:
    """SQLAlchemy URLs (asyncpg) of one database: as its owner, who migrates, and as the runtime role."""

    owner_url: str
    runtime_url: str


@dataclass(frozen=True)
class Database:
    """A database as it should be; `template` is copied when it is made."""

    name: str
    owner: Credentials
    runtime: Credentials
    template: str = "template1"


def service_database(service: str, owner: Credentials, runtime: Credentials) -> Database:
    """The database of a service: `kfi_<service>`."""
    return Database(f"kfi_{service}", owner, runtime)


def service_roles(service: str) -> tuple[str, str]:
    """The names of a service's owner and runtime role."""
    return f"kfi_{service}_owner", f"kfi_{service}"


async def apply_database(admin_url: str, database: Database) -> DatabaseUrls:
    """Makes the database and its roles as they should be; what is there already stays, passwords are set anew."""
    async with connection_to(admin_url) as admin:
        for role in (database.owner, database.runtime):
            await _apply_role(admin, role)
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database.name):
            await _create(admin, database)
        name, runtime = quoted(database.name), quoted(database.runtime.username)
        await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {runtime}")
    await _apply_rights(admin_url, database)
    return DatabaseUrls(
        with_database(admin_url, database.name, database.owner),
        with_database(admin_url, database.name, database.runtime),
    )


async def drop_database(admin_url: str, name: str) -> None:
    """Drops the database if it exists, ending the connections to it."""
    async with connection_to(admin_url) as admin:
        await admin.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


async def drop_role(admin_url: str, name: str) -> None:
    """Drops the role if it exists; its databases must be gone."""
    async with connection_to(admin_url) as admin:
        await admin.execute(f"DROP ROLE IF EXISTS {quoted(name)}")


async def answers(admin_url: str) -> bool:
    """True if the server takes the connection."""
    try:
        async with connection_to(admin_url):
            return True
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False


async def _apply_role(admin: Any, role: Credentials) -> None:
    name, password = quoted(role.username), role.password.replace("'", "''")
    if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role.username):
        try:
            await admin.execute(f"CREATE ROLE {name}")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await asyncio.sleep(0)  # made by another process in this moment: as good
    await admin.execute(f"ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{password}'")


async def _create(admin: Any, database: Database) -> None:
    name, owner, template = quoted(database.name), quoted(database.owner.username), quoted(database.template)
    await admin.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}")


async def _apply_rights(admin_url: str, database: Database) -> None:
    async with connection_to(with_database(admin_url, database.name)) as inside:
        for statement in IN_DATABASE:
            await inside.execute(
                statement.format(owner=quoted(database.owner.username), runtime=quoted(database.runtime.username))
            )


@asynccontextmanager
async def connection_to(url: str) -> AsyncIterator[Any]:
    """Opens an asyncpg connection by a SQLAlchemy URL and closes it."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1), timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


def with_database(url: str, name: str, credentials: Credentials | None = None) -> str:
    """The same server's URL with another database and, if given, another user; always for asyncpg."""
    parts = urlsplit(url)
    account, _, server = parts.netloc.rpartition("@")
    if credentials:
        account = f"{quote(credentials.username, safe='')}:{quote(credentials.password, safe='')}"
    return urlunsplit(("postgresql+asyncpg", f"{account}@{server}", f"/{quote(name)}", parts.query, ""))


def quoted(identifier: str) -> str:
    """The identifier in double quotes, as SQL wants it."""
    return '"' + identifier.replace('"', '""') + '"'
