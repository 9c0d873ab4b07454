"""Where a case spends its time from click to letter, from the timestamps it leaves behind anyway.

clicked     the generator's clock: the signature is asked for
recorded    `ce_time` of the order: the use case has decided, the transaction is about to commit
on Kafka    the record's timestamp: the relay gives it to the producer
taken       inbox, `processed_at`: the consumer's transaction begins
accepted    audit `ordered`: the order is checked and kept
claimed, opened, written   the service's log, `document_written`
prepared    audit `prepared`: about to be stored
spooled     the spool's manifest entry gets its name: the letter is there
dispatched  audit `dispatched`: about to be stored
told        the record's timestamp of `NotificationDispatched`
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.capacity_platform import rows
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.topics import NOTIFICATIONS, ORDERS
from kfi_stack.running_platform import Platform

MOMENTS: Final = (
    "clicked", "recorded", "on Kafka", "taken", "accepted", "claimed", "opened", "written", "prepared", "spooled",
    "dispatched", "told",
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
    told = [
        *((letter, {"spooled": at}) for letter, at in spooled(platform).items()),
        *_written(platform),
        *await _recorded(platform, list(found)),
        *await _ordered(platform, set(found)),
        *await _told(platform),
    ]
    for letter, moments in told:
        if letter in found:
            found[letter] |= moments
    return {letters[letter]: moments for letter, moments in found.items()}


async def _recorded(platform: Platform, letters: Sequence[str]) -> list[tuple[str, Moments]]:
    audited = await rows(platform, "notifications", _AUDIT, letters)
    return [(row["id"], {_ACTIONS[row["action"]]: row["at"]}) for row in audited if row["action"] in _ACTIONS]


async def _ordered(platform: Platform, letters: Collection[str]) -> list[tuple[str, Moments]]:
    events: dict[str, str] = {}
    found: dict[str, Moments] = {}
    for record in await records(platform, ORDERS.name):
        letter = (record.key or b"").decode()
        if letter in letters:
            envelope = CloudEvent.from_kafka(record.headers, record.value)
            events[str(envelope.id)] = letter
            found[letter] = {"recorded": envelope.time.timestamp(), "on Kafka": record.timestamp / 1000}
    for row in await rows(platform, "notifications", _INBOX, list(events)):
        found[events[row["id"]]]["taken"] = row["at"]
    return list(found.items())


async def _told(platform: Platform) -> list[tuple[str, Moments]]:
    return [
        ((record.key or b"").decode(), {"told": record.timestamp / 1000})
        for record in await records(platform, NOTIFICATIONS.name)
        if b"dispatched" in (dict(record.headers)["ce_type"] or b"")
    ]


def _written(platform: Platform) -> Iterator[tuple[str, Moments]]:
    """When documents were claimed, opened and written, by notification."""
    log = platform.services["notifications"].program(platform.folder / "logs").log_file
    for line in log.read_text("utf-8").splitlines():
        if '"document_written"' in line:
            told = json.loads(line)
            written = datetime.fromisoformat(told["time"]).timestamp()
            opened = written - told["writing_ms"] / 1000
            claimed = opened - told["opening_ms"] / 1000
            yield told["notification"], {"claimed": claimed, "opened": opened, "written": written}


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
