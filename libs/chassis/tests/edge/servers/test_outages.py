"""While PostgreSQL is away or frozen a request is answered 503 in time, nothing is stored half, and it heals."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from kfi_chassis.database import create_engine
from kfi_chassis.process import Database

pytestmark = pytest.mark.servers


async def ready(demo: Any) -> int:
    return int((await demo.client.get("/health/ready")).status_code)


async def test_a_database_that_is_away_is_503_and_readiness_is_red(demo: Any) -> None:
    assert (await demo.make(str(uuid4()))).status_code == 201
    demo.wire.break_off()
    answer = await demo.make(str(uuid4()))
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert await ready(demo) == 503
    assert (await demo.client.get("/health/live")).status_code == 200


async def test_a_frozen_database_is_503_before_the_caller_gives_up(demo: Any) -> None:
    assert (await demo.make(str(uuid4()))).status_code == 201
    demo.wire.freeze()
    began = time.monotonic()
    answer = await demo.make(str(uuid4()))
    assert answer.status_code == 503
    assert time.monotonic() - began < 8
    assert await ready(demo) == 503


async def test_it_heals_by_itself(demo: Any) -> None:
    assert await ready(demo) == 200
    demo.wire.break_off()
    assert await ready(demo) == 503
    demo.wire.mend()
    assert await ready(demo) == 200
    assert (await demo.make(str(uuid4()))).status_code == 201


async def test_a_connection_lost_in_the_middle_leaves_nothing_half_and_the_request_can_be_sent_again(demo: Any) -> None:
    key = str(uuid4())
    request = asyncio.create_task(demo.make(key, hold=1.0))
    await demo.until_in_flight()
    demo.wire.break_off()
    assert (await request).status_code == 503
    demo.wire.mend()
    assert await demo.rows("SELECT * FROM thing") == []
    again = await demo.make(key, hold=1.0)
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_an_older_schema_than_the_code_expects_is_not_ready(demo: Any, database: Any, demo_service: Any) -> None:
    owner = create_engine(database.owner_url, pool_size=1)
    async with owner.begin() as connection:
        await connection.execute(text("DELETE FROM schema_revision"))
    assert await Database(owner, demo_service.SERVICE.migrations).ready() is False
    await owner.dispose()
