"""Brings a service's database to the newest revision; alembic without an `env.py` in every service.

A service keeps only its revisions, in `<package>/versions/`. They run as the owner of the tables, one process at a
time, each run in one transaction; the runtime role then gets its rights, which for the audit are to read and to append.
"""

import importlib.resources
from typing import Final, cast

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.database import create_engine

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('migration', 0))")
_MIGRATION_SECONDS: Final = 300.0
_RUNTIME_ROLE: Final = text("""
    SELECT rolname FROM pg_roles WHERE rolname = regexp_replace(current_user, '_owner$', '') AND rolname <> current_user
""")
_GRANTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {role}",
)


async def upgrade(package: str, url: str, *, runtime_role: str | None = None) -> None:
    """Run every revision of a package (`kfi_x.migrations`) that the database has not seen, as the role in the URL.

    Rights go to `runtime_role`; by default to the role named like the owner without `_owner`, where there is one.
    """
    engine = create_engine(url, pool_size=1, statement_seconds=_MIGRATION_SECONDS)
    try:
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await connection.run_sync(_run_revisions, _scripts(package))
            await _grant(connection, runtime_role)
    finally:
        await engine.dispose()


async def is_current(connection: AsyncConnection, package: str) -> bool:
    """True when the database has the newest revision this code knows; readiness asks."""
    heads = set(_scripts(package).get_heads())
    return await connection.run_sync(lambda sync: set(MigrationContext.configure(sync).get_current_heads())) == heads


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
