"""Rows are asked for by as many keys as there are."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, MetaData, Table, Uuid, select

from kfi_chassis.among import among
from kfi_chassis.database import create_engine

pytestmark = pytest.mark.servers
MORE_THAN_A_STATEMENT_TAKES_PARAMETERS = 32_768


async def test_rows_are_found_by_more_keys_than_a_statement_takes_parameters(postgres: Any) -> None:
    table = Table("asked", MetaData(), Column("id", Uuid), prefixes=["TEMPORARY"])
    ids = [uuid4() for _ in range(MORE_THAN_A_STATEMENT_TAKES_PARAMETERS)]
    engine = create_engine(postgres.admin_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        await connection.execute(table.insert(), [{"id": ids[0]}, {"id": ids[-1]}, {"id": uuid4()}])
        found = (await connection.execute(select(table.c.id).where(among(table.c.id, ids)))).scalars().all()
        none = (await connection.execute(select(table.c.id).where(among(table.c.id, [])))).scalars().all()
    await engine.dispose()
    assert (set(found), list(none)) == ({ids[0], ids[-1]}, [])
