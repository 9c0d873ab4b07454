from functools import partial
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from kfi_chassis.database import create_engine
from kfi_chassis.migrate import upgrade
from kfi_notifications.tables import metadata

pytestmark = pytest.mark.servers


async def test_the_migrated_database_is_the_one_the_code_declares(fresh_database: Any) -> None:
    urls = fresh_database("notifications", partial(upgrade, "kfi_notifications.migrations"))
    engine = create_engine(urls.owner_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [each for each in compare_metadata(context, metadata) if "alembic_version" not in str(each)]
