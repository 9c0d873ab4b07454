"""The database is the one the code declares, and its guards hold without the code."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from kfi_allocation.promises import INVARIANTS
from kfi_allocation.tables import METADATA
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


async def test_an_empty_service_knows_who_asks_and_breaks_no_promise(desk: Any) -> None:
    assert (await desk.client.get("/allocation/v1/openapi.json")).status_code == 200
    assert (await desk.client.get("/dead-letters")).status_code in {401, 404}
    counted = {
        name: await desk.rows(f"SELECT count(*) AS n FROM ({query}) AS broken")  # noqa: S608 - ours
        for name, query in INVARIANTS.items()
    }
    assert {name: rows[0].n for name, rows in counted.items()} == dict.fromkeys(INVARIANTS, 0)
