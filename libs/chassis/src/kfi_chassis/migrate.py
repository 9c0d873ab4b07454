"""Brings a service's database to the newest revision; alembic without an `env.py` in every service.

A service keeps only its revisions, in `<package>/versions/`. They run as the owner of the tables, one process at a
time, each run in one transaction; the runtime role then gets its rights, which for the audit are to read and to append.

Services go on working meanwhile: no statement waits longer than half a second for a lock, because whatever comes after
it to the same table waits behind it. What was not granted is given back and tried again.
"""

import asyncio
import importlib.resources
import logging
import time
from typing import Final, cast

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kfi_chassis import logs
from kfi_chassis.compatibility import CREATE_TABLE, note_revisions, works_with
from kfi_chassis.database import create_engine

LOCK_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 600.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_MIGRATION_SECONDS: Final = 300.0
_LOCK_NOT_AVAILABLE: Final = "55P03"
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('migration', 0))")
_WAIT_SHORTLY: Final = text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
_RUNTIME_ROLE: Final = text("""
    SELECT rolname FROM pg_roles WHERE rolname = regexp_replace(current_user, '_owner$', '') AND rolname <> current_user
""")
_GRANTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version, schema_revision FROM {role}",
)


class MigrationRefused(Exception):
    """The database stays as it is; the message says why and what to do."""


async def upgrade(package: str, url: str, *, runtime_role: str | None = None) -> None:
    """Run every revision of a package (`kfi_x.migrations`) that the database has not seen, as the role in the URL.

    Rights go to `runtime_role`; by default to the role named like the owner without `_owner`, where there is one.
    A database that is ahead of the package and declared compatible with it is left as it is. Raises MigrationRefused
    for one that is not, and when a lock is not to be had within ten minutes.
    """
    engine = create_engine(url, pool_size=1, statement_seconds=_MIGRATION_SECONDS)
    deadline, pause = time.monotonic() + _PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS
    try:
        while not await _upgraded(engine, _scripts(package), runtime_role):
            if time.monotonic() > deadline:
                raise MigrationRefused("A table stays locked: end the long transaction that pg_stat_activity shows.")
            logs.event("migration_waits_for_a_lock", level=logging.WARNING, seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
    finally:
        await engine.dispose()


def newest_revision(package: str) -> str:
    """The newest revision this release knows; readiness asks whether the database works with it."""
    return _newest(_scripts(package))


async def _upgraded(engine: AsyncEngine, scripts: ScriptDirectory, runtime_role: str | None) -> bool:
    """Try the whole run once; false, and nothing changed, when a lock was not to be had."""
    try:
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await connection.execute(_WAIT_SHORTLY)
            await connection.execute(CREATE_TABLE)
            if not await _is_ahead(connection, scripts):
                await connection.run_sync(_run_revisions, scripts)
                await note_revisions(connection, scripts)
                await _grant(connection, runtime_role)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


async def _is_ahead(connection: AsyncConnection, scripts: ScriptDirectory) -> bool:
    """Whether a later release has migrated already. Raises MigrationRefused where this one is not to run any more."""
    current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    if {script.revision for script in scripts.walk_revisions()}.issuperset(current):
        return False
    newest = _newest(scripts)
    if not await works_with(connection, newest):
        raise MigrationRefused(
            f"The database is at revision {', '.join(current)}, which a release of revision {newest} does not work "
            "with: run a newer release."
        )
    return True


def _newest(scripts: ScriptDirectory) -> str:
    (head,) = scripts.get_heads()
    return head


def _scripts(package: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files(package)))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _run_revisions(connection: Connection, scripts: ScriptDirectory) -> None:
    def to_head(revision: object, _: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", cast("str", revision))  # what alembic's own `upgrade` command calls

    with EnvironmentContext(Config(), scripts, fn=to_head) as environment:
        environment.configure(connection=connection, transaction_per_migration=False)
        environment.run_migrations()


async def _grant(connection: AsyncConnection, runtime_role: str | None) -> None:
    role = runtime_role or (await connection.execute(_RUNTIME_ROLE)).scalar_one_or_none()
    if role is None:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    for grant in _GRANTS:
        await connection.execute(text(grant.format(role=quoted)))
