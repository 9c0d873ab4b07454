"""The database is the one the code declares, and its guards hold without the code."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from kfi_applications.tables import METADATA
from kfi_chassis.database import create_engine

pytestmark = pytest.mark.servers


async def test_the_migrated_database_has_the_declared_tables(database: Any) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

    engine = create_engine(database.owner_url, pool_size=1)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert [each for each in found if "alembic_version" not in str(each)] == []


async def test_the_database_itself_refuses_to_overdraw_a_title(desk: Any) -> None:
    with pytest.raises(IntegrityError, match="budget_year_never_overdrawn"):
        await desk.rows("UPDATE budget_year SET reserved = 30000.01 WHERE title = 'NARROW' AND year = 2026 RETURNING 1")


async def test_the_service_may_not_change_what_was_audited(desk: Any) -> None:
    await desk.filed()
    with pytest.raises(DBAPIError, match="permission denied"):
        await desk.rows("UPDATE audit SET person = 'somebody-else' RETURNING 1")
