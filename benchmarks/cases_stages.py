"""Where a case spends its time from click to letter, from the timestamps it leaves behind anyway.

clicked     the generator's clock: the signature is asked for
recorded    `ce_time` of the order: the use case has decided, the transaction is about to commit
on Kafka    the record's timestamp: the relay gives it to the producer
taken       inbox, `processed_at`: the consumer's transaction begins
accepted    audit `ordered`: the order is checked and kept
claimed, opened, written   the service's log `document_written`
prepared    audit `prepared`: about to be stored
spooled     the spool's manifest entry gets its name: the letter is there
dispatched  audit `dispatched`: about to be stored
told        the record's timestamp of `NotificationDispatched`
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.capacity_platform import rows
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.topics import NOTIFICATIONS, ORDERS
from kfi_stack.running_platform import Platform

MOMENTS: Final = (
    "clicked", "recorded", "on Kafka", "taken", "accepted", "prepared", "spooled", "dispatched", "told",
)  # fmt: skip
Moments = dict[str, float]
"""Unix time of what happened to one letter."""

_LETTERS = "SELECT id::text, concerns::text FROM notification WHERE channel = 'letter' AND concerns::text = ANY($1)"
_AUDIT = """
    SELECT aggregate_id::text AS id, action, extract(epoch FROM recorded_at)::float AS at
    FROM audit WHERE aggregate = 'notification' AND aggregate_id::text = ANY($1)
"""
_INBOX = """
    SELECT event_id::text AS id, extract(epoch FROM processed_at)::float AS at
    FROM inbox WHERE event_id::text = ANY($1)
"""
_ACTIONS: Final = {"ordered": "accepted", "prepared": "prepared", "dispatched": "dispatched"}


async def letters_of(platform: Platform, cases: Sequence[str]) -> dict[str, str]:
    """The case of each letter there is, by the letter's id."""
    return {row["id"]: row["concerns"] for row in await rows(platform, "notifications", _LETTERS, cases)}


def spooled(platform: Platform) -> dict[str, float]:
    """When the manifest entry of each letter got its name: the change time of the file, which the rename sets."""
    return {path.stem: path.stat().st_ctime for path in platform.spool.glob("*/*.json")}


async def moments_of(platform: Platform, clicked: Mapping[str, float]) -> dict[str, Moments]:
    """All moments of the letters of these cases (id to click), by case."""
    letters = await letters_of(platform, list(clicked))
    found: dict[str, Moments] = {letter: {"clicked": clicked[case]} for letter, case in letters.items()}
    for letter, at in spooled(platform).items():
        if letter in found:
            found[letter]["spooled"] = at
    for row in await rows(platform, "notifications", _AUDIT, list(found)):
        if row["action"] in _ACTIONS:
            found[row["id"]][_ACTIONS[row["action"]]] = row["at"]
    events = await _add_orders(platform, found)
    for row in await rows(platform, "notifications", _INBOX, list(events)):
        found[events[row["id"]]]["taken"] = row["at"]
    for record in await records(platform, NOTIFICATIONS.name):
        letter = (record.key or b"").decode()
        if letter in found and b"dispatched" in dict(record.headers)["ce_type"]:
            found[letter]["told"] = record.timestamp / 1000
    return {letters[letter]: moments for letter, moments in found.items()}


async def _add_orders(platform: Platform, found: Mapping[str, Moments]) -> dict[str, str]:
    events: dict[str, str] = {}
    for record in await records(platform, ORDERS.name):
        letter = (record.key or b"").decode()
        if letter in found:
            envelope = CloudEvent.from_kafka(record.headers, record.value)
            events[str(envelope.id)] = letter
            found[letter] |= {"recorded": envelope.time.timestamp(), "on Kafka": record.timestamp / 1000}
    return events


async def records(platform: Platform, topic: str) -> list[Any]:
    """All records of a topic there are now."""
    found: list[Any] = []
    async with AIOKafkaConsumer(**platform.servers.kafka.client_settings(), enable_auto_commit=False) as consumer:
        partitions = [TopicPartition(topic, number) for number in await _partitions(platform, topic)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                found += batch
    return found


async def _partitions(platform: Platform, topic: str) -> list[int]:
    admin = AIOKafkaAdminClient(**platform.servers.kafka.client_settings())
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic])
        return [one["partition"] for one in described["partitions"]]
    finally:
        await admin.close()
