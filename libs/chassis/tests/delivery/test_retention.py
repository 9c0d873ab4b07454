"""What is past its time goes; sealed content first, opened by nobody."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis import retention
from kfi_chassis.consumer import Consumer
from kfi_chassis.testkit.delivery import deliver, raw_record
from kfi_contracts.notifications import NotificationOrdered

pytestmark = pytest.mark.servers


async def park_on(database: Any, topic: str, consumer: Consumer) -> None:
    await deliver(consumer, database.transactions, [raw_record(topic, key=b"k", value=b"content")])


OLDER = {
    "parked": "UPDATE dead_letter SET parked_at = parked_at - CAST(:by AS interval)",
    "resolved": "UPDATE dead_letter SET resolved_at = resolved_at - CAST(:by AS interval)",
    "used": "UPDATE idempotency_key SET recorded_at = recorded_at - CAST(:by AS interval)",
    "processed": "UPDATE inbox SET processed_at = processed_at - CAST(:by AS interval)",
}


async def make_older(database: Any, what: str, by: timedelta) -> None:
    await database.execute(OLDER[what], by=by)


async def test_parked_orders_lose_their_content_after_thirty_days_and_open_letters_of_others_stay(
    database: Any,
) -> None:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    for topic in (NotificationOrdered.topic, "applications.application.v1"):
        await park_on(database, topic, consumer)
    assert await retention.purge(database.transactions) == 0
    await make_older(database, "parked", retention.SEALED_LETTERS_KEPT + timedelta(hours=1))
    assert await retention.purge(database.transactions) == 1
    sealed, other = await database.rows("SELECT * FROM dead_letter ORDER BY number")
    assert (sealed.value, bytes(sealed.headers), sealed.resolution) == (None, b"[]", "expired")
    assert (bytes(other.value), other.resolution) == (b"content", None)


async def test_resolved_letters_and_used_keys_go_and_the_inbox_stays(database: Any) -> None:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    await park_on(database, "applications.application.v1", consumer)
    resolve = "UPDATE dead_letter SET resolved_at = now(), resolution = 'discarded'"
    await database.execute(resolve)
    key = "INSERT INTO idempotency_key VALUES ('s', 'o', 'k', 'h', 'r')"
    await database.execute(key)
    assert await retention.purge(database.transactions) == 0
    await make_older(database, "resolved", retention.RESOLVED_LETTERS_KEPT + timedelta(hours=1))
    await make_older(database, "used", retention.IDEMPOTENCY_KEYS_KEPT + timedelta(hours=1))
    await make_older(database, "processed", timedelta(days=4000))
    assert await retention.purge(database.transactions) == 2
    assert await database.scalar("SELECT count(*) FROM inbox") == 1
