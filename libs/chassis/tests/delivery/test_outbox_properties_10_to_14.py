"""The fourteen properties of the outbox, 10 to 14: killed, stopped, and what surrounds it."""

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.database import create_engine
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.work import Transactions

from .outbox_rows import UNPUBLISHED, numbers_by_subject

pytestmark = pytest.mark.servers


async def test_property_10_killed_between_ack_and_update_it_sends_the_same_events_again(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, kafka: Any
) -> None:
    """A relay process kills itself there; the next relay must deliver all, with the same ids, in order."""
    event = happened_on(topic(2))
    subjects = [uuid4() for _ in range(5)]
    await record_events(*(event(subject_id=subject, number=n) for n in range(6) for subject in subjects))
    arguments = [database.url, kafka.bootstrap, kafka.security, kafka.admin.username, kafka.admin.password]
    script = Path(__file__).with_name("relay_that_dies.py")
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), *arguments)
    assert await process.wait() == -9
    assert await database.scalar(UNPUBLISHED) == 30
    relays()
    records = await records_in(event.topic, 60)
    ids = [dict(record.headers)["ce_id"] for record in records]
    assert (len(ids), len(set(ids))) == (60, 30)
    assert numbers_by_subject(records) == {subject: list(range(6)) for subject in subjects}


async def test_property_11_a_stop_finishes_the_batch_and_a_cancellation_ends_at_once(
    database: Any, topic: Any, relays: Any, record_events: Any, happened: Any
) -> None:
    event = happened_on(topic(2))
    run = relays()
    await eventually(lambda: run.relay.active)
    publish, began = run.relay._publisher.publish, asyncio.Event()

    async def publish_slowly(rows: Any) -> Any:
        began.set()
        await asyncio.sleep(0.2)
        return await publish(rows)

    run.relay._publisher.publish = publish_slowly
    await record_events(*(event(subject_id=uuid4()) for _ in range(50)))
    await began.wait()
    await run.end()
    assert await database.scalar(UNPUBLISHED) == 0

    second = relays()
    await eventually(lambda: second.relay.active)
    second.relay._publisher.publish = lambda _: asyncio.Event().wait()
    await record_events(event(subject_id=uuid4()))
    second.stop.set()
    second.task.cancel()
    async with asyncio.timeout(2):
        await second.end()


async def test_property_12_the_inbox_knows_a_consumers_events_by_their_ids(database: Any) -> None:
    keys = """
        SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_index
        JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        WHERE indrelid = 'inbox'::regclass AND indisprimary
    """
    assert await database.scalar(keys) == "consumer,event_id"
    await database.execute("INSERT INTO inbox VALUES ('a', :id), ('b', :id)", id=uuid4())
    assert await database.scalar("SELECT min(processed_at) <= now() FROM inbox")


async def test_property_13_autovacuum_keeps_up_with_the_outbox_however_large_it_is(database: Any) -> None:
    options = await database.scalar("SELECT reloptions FROM pg_class WHERE relname = 'outbox'")
    assert "autovacuum_vacuum_scale_factor=0" in options
    assert any(option.startswith("autovacuum_vacuum_threshold=") for option in options)


async def test_property_14_tests_and_testkit_use_a_real_postgresql(database: Any) -> None:
    assert type(database.transactions) is Transactions
    assert database.transactions.engine.dialect.driver == create_engine(database.url).dialect.driver == "asyncpg"
    assert await database.scalar("SHOW server_version_num") >= "180000"
