"""The migration and the declared tables are the same; the owner migrates and the runtime role may do just its part."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from kfi_chassis.database import plain_url
from kfi_chassis.migrate import upgrade
from kfi_chassis.tables import chassis_tables

REVISION = """
from alembic import op
from kfi_chassis.migrations import create_chassis_tables_v1, queue_the_outbox

revision = "{revision}"
down_revision = {down}


def upgrade() -> None:
    {step}
"""


@pytest.fixture
def revisions(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A service's package of revisions with the first one."""
    package = f"revisions_{uuid4().hex}"
    versions = tmp_path / package / "versions"
    versions.mkdir(parents=True)
    (tmp_path / package / "__init__.py").touch()
    first = REVISION.format(revision="0001", down=None, step="create_chassis_tables_v1(op); queue_the_outbox(op)")
    (versions / "0001_begin.py").write_text(first)
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    yield package, versions
    sys.path.remove(str(tmp_path))


@pytest.fixture
def empty(postgres: Any) -> Iterator[Any]:
    name = f"kfi_empty_{uuid4().hex[:8]}"
    yield postgres.create_database(name, "kfi_empty_owner", "kfi_empty")
    postgres.drop_database(name)


@pytest.mark.servers
async def test_the_migration_makes_the_declared_tables(empty: Any, revisions: Any) -> None:
    await upgrade(revisions[0], empty.owner_url)
    metadata = MetaData()
    chassis_tables(metadata)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    engine = create_async_engine(empty.owner_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


@pytest.mark.servers
async def test_upgrading_again_changes_nothing_and_a_new_revision_is_run(empty: Any, revisions: Any) -> None:
    package, versions = revisions
    owner = await asyncpg.connect(plain_url(empty.owner_url))
    for _ in range(2):
        await upgrade(package, empty.owner_url)
        assert await owner.fetchval("SELECT array_agg(revision ORDER BY position) FROM schema_revision") == ["0001"]
    added = REVISION.format(revision="0002", down='"0001"', step="op.execute('CREATE TABLE added (n int)')")
    (versions / "0002_add.py").write_text(added)
    await upgrade(package, empty.owner_url)
    assert await owner.fetchval("SELECT count(*) FROM added") == 0
    assert await owner.fetchval("SELECT array_agg(revision ORDER BY position) FROM schema_revision") == ["0001", "0002"]
    await owner.close()


@pytest.mark.servers
async def test_a_failing_revision_leaves_nothing_half(empty: Any, revisions: Any) -> None:
    package, versions = revisions
    step = "op.execute('CREATE TABLE half (n int)'); raise LookupError"
    (versions / "0002_fails.py").write_text(REVISION.format(revision="0002", down='"0001"', step=step))
    with pytest.raises(LookupError):
        await upgrade(package, empty.owner_url)
    owner = await asyncpg.connect(plain_url(empty.owner_url))
    assert await owner.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await owner.close()


@pytest.mark.servers
@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("SELECT * FROM audit", True),
        ("DELETE FROM outbox", True),
        ("UPDATE audit SET reason = 'x'", False),
        ("DELETE FROM audit", False),
        ("TRUNCATE audit", False),
        ("CREATE TABLE mine (n int)", False),
        ("DROP TABLE inbox", False),
        ("UPDATE alembic_version SET version_num = '0'", False),
        ("UPDATE schema_revision SET compatible_from = '0001'", False),
    ],
)
async def test_the_runtime_role_works_with_rows_and_only_appends_to_the_audit(
    empty: Any, revisions: Any, statement: str, *, allowed: bool
) -> None:
    await upgrade(revisions[0], empty.owner_url)
    runtime = await asyncpg.connect(plain_url(empty.runtime_url))
    try:
        if allowed:
            await runtime.execute(statement)
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await runtime.execute(statement)
    finally:
        await runtime.close()
