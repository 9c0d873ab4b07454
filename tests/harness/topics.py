"""All readable events that stand on the domain topics, as they stand there."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from kfi_chassis.broker import Record
from kfi_contracts import ALL_EVENTS, event_for
from kfi_contracts.cloudevents import CloudEvent, InvalidEnvelope
from kfi_contracts.event import Event
from kfi_contracts.notifications import NotificationOrdered
from kfi_stack.running_platform import Platform

from .bus import Place

READING_SECONDS = 60.0
TOPICS = sorted({event.topic for event in ALL_EVENTS})


@dataclass(frozen=True)
class Copy:
    """One record that stands on a topic, and what it says."""

    place: Place
    offset: int
    key: str
    envelope: CloudEvent
    event: Event
    record: Record

    @property
    def id(self) -> UUID:
        """The id by which it is known as the same event."""
        return self.envelope.id

    @property
    def digest(self) -> str:
        """Of key, value and headers."""
        return hashlib.sha256(repr((self.record.key, self.record.value, self.record.headers)).encode()).hexdigest()


def of_its_own(copies: Sequence[Copy]) -> list[Copy]:
    """The events that the aggregate of the key counts itself: a notification's order is counted by whoever orders."""
    return [copy for copy in copies if not isinstance(copy.event, NotificationOrdered)]


async def copies_since(platform: Platform, began: datetime) -> list[Copy]:
    """Every event since then, by partition in its order; what other tests wrote and nobody can read is left out."""
    settings = platform.servers.kafka.client_settings()
    async with asyncio.timeout(READING_SECONDS), AIOKafkaConsumer(**settings) as consumer:
        await consumer._client.force_metadata_update()  # a consumer without a subscription knows of no topic
        known = {topic: consumer._client.cluster.partitions_for_topic(topic) or () for topic in TOPICS}
        places = [TopicPartition(topic, number) for topic in TOPICS for number in sorted(known[topic])]
        starts = await consumer.offsets_for_times(dict.fromkeys(places, int(began.timestamp() * 1000)))
        ends = await consumer.end_offsets(places)
        asked = {place: start.offset for place, start in starts.items() if start and start.offset < ends[place]}
        records = await _records(consumer, asked, ends)
    return [copy for place in asked for copy in _copies(records[place])]


async def _records(
    consumer: AIOKafkaConsumer, asked: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, list[Record]]:
    found: dict[TopicPartition, list[Record]] = {place: [] for place in asked}
    consumer.assign(list(asked))
    for place, start in asked.items():
        consumer.seek(place, start)
    while any([await consumer.position(place) < ends[place] for place in asked]):
        for place, records in (await consumer.getmany(timeout_ms=100)).items():
            found[place] += [record for record in records if record.offset < ends[place]]
    return found


def _copies(records: Sequence[Record]) -> Iterator[Copy]:
    for record in records:
        try:
            envelope = CloudEvent.from_kafka(record.headers, record.value)
            model = event_for(envelope.type)
            key = str(UUID((record.key or b"").decode()))
            if model is not None:
                place = (record.topic, record.partition)
                yield Copy(place, record.offset, key, envelope, model.read(envelope.data), record)
        except (InvalidEnvelope, ValueError):
            continue
