"""The fixtures other rooms rely on."""

from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from kfi_stack.databases import connection_to

pytestmark = pytest.mark.servers


async def migrate(owner_url: str) -> None:
    async with connection_to(owner_url) as owner:
        await owner.execute("CREATE TABLE thing (id int PRIMARY KEY); INSERT INTO thing VALUES (1)")


async def test_a_fresh_database_is_migrated_and_nobody_elses(fresh_database: Any) -> None:
    first, second = (fresh_database("probe", migrate) for _ in range(2))
    async with connection_to(first.runtime_url) as one, connection_to(second.runtime_url) as other:
        await one.execute("INSERT INTO thing VALUES (2)")
        assert await one.fetchval("SELECT count(*) FROM thing") == 2
        assert await other.fetchval("SELECT count(*) FROM thing") == 1


async def test_the_runtime_role_changes_rows_but_no_tables(fresh_database: Any) -> None:
    async with connection_to(fresh_database("probe", migrate).runtime_url) as runtime:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await runtime.execute("DROP TABLE thing")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await runtime.execute("CREATE TABLE other (id int)")


async def test_a_topic_made_for_a_test_carries_its_records(kafka: Any) -> None:
    kafka.create_topic("probe.thing.v1", 3)
    async with AIOKafkaProducer(**kafka.client_settings(), enable_idempotence=True) as producer:
        await producer.send_and_wait("probe.thing.v1", b"value", key=b"key")
    consumer = AIOKafkaConsumer("probe.thing.v1", **kafka.client_settings(), auto_offset_reset="earliest")
    async with consumer:
        assert (await consumer.getone()).value == b"value"
