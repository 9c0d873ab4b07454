"""What Kafka knows of a service: the events it published itself, and the records it has dealt with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from kfi_chassis.broker import KafkaSettings, Record, committed_offsets, make_reader
from kfi_chassis.deliveries import Readable, Skipped, Unreadable, read
from kfi_chassis.subscriptions import Consumer
from kfi_contracts import ALL_EVENTS, event_for
from kfi_contracts.cloudevents import CloudEvent, InvalidEnvelope
from kfi_contracts.event import Event

MARGIN: Final = timedelta(minutes=15)
"""How far clocks may differ: events are looked for from so long before the time the database was set back to."""
KNOWN_IN_A_ROW: Final = 1000
"""So many records known in a row, and all before are known too: a relay that died sends no more than this twice."""
_CHUNK: Final = 2000
_POLL_MS: Final = 500

Known = Callable[[Sequence[UUID]], Awaitable[set[UUID]]]


@dataclass(frozen=True)
class OwnEvent:
    """An event of the service's own, as it lies on Kafka."""

    record: Record
    envelope: CloudEvent
    event: Event

    @property
    def place(self) -> tuple[str, str, int]:
        """Topic, key and sequence: no two events share them."""
        return self.record.topic, self.envelope.subject, self.envelope.sequence


class History:
    """Reads topics from outside of any consumer group; commits nothing."""

    def __init__(self, kafka: AIOKafkaConsumer, service: str, committed: Mapping[TopicPartition, int]) -> None:
        self._kafka = kafka
        self._committed = committed
        self._source = f"/kfi/{service}"
        self.gone: set[str] = set()
        """Topics of which Kafka does not hold any more all that would be needed."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: KafkaSettings, service: str, group: str | None) -> "AsyncIterator[History]":
        """Connect as the user of the settings."""
        committed = {} if group is None else await committed_offsets(settings, group)
        kafka = make_reader(settings)
        await kafka.start()
        try:
            yield cls(kafka, service, committed)
        finally:
            # aiokafka 0.14 lets out of `stop` that it cancelled a fetch which rested after an error; that must not hide
            # why whoever reads here gives up.
            await asyncio.gather(kafka.stop(), return_exceptions=True)

    async def own_since(self, time: datetime) -> list[OwnEvent]:
        """The service's own events since a time, less the margin, each id once, in their order per key."""
        topics = {event.topic for event in ALL_EVENTS if self._source in event.sources()}
        found: dict[UUID, OwnEvent] = {}
        for partition in await self._partitions(topics):
            for record in await self._since(partition, time - MARGIN):
                own = self._own(record)
                if own is not None:
                    found.setdefault(own.envelope.id, own)
        return sorted(found.values(), key=lambda own: (own.envelope.time, own.envelope.sequence))

    async def forgotten(self, consumer: Consumer, time: datetime, known: Known) -> list[Readable | Unreadable]:
        """The records the group has committed and the database does not know, in their order per partition."""
        forgotten: list[Readable | Unreadable] = []
        for partition in await self._partitions(consumer.topics()):
            forgotten += await self._forgotten_in(partition, consumer, time - MARGIN, known)
        return forgotten

    async def _forgotten_in(
        self, partition: TopicPartition, consumer: Consumer, since: datetime, known: Known
    ) -> list[Readable | Unreadable]:
        """Backwards from the committed offset, until enough records in a row are known and old."""
        begin = (await self._kafka.beginning_offsets([partition]))[partition]
        end = self._committed.get(partition, 0)
        found: list[Readable | Unreadable] = []
        in_a_row = 0
        while end > begin:
            start = max(begin, end - _CHUNK)
            records = await self._range(partition, start, end)
            deliveries = [each for each in (read(one, consumer) for one in records) if not isinstance(each, Skipped)]
            remembered = await known([each.id for each in deliveries])
            for each in reversed(deliveries):
                in_a_row = in_a_row + 1 if each.id in remembered else 0
                if each.id not in remembered:
                    found.append(each)
            if in_a_row >= KNOWN_IN_A_ROW and all(_time_of(record) < since for record in records[:1]):
                break
            end = start
        else:
            if begin and in_a_row == 0:
                self.gone.add(partition.topic)
        return found[::-1]

    async def _since(self, partition: TopicPartition, time: datetime) -> list[Record]:
        begin = (await self._kafka.beginning_offsets([partition]))[partition]
        found = (await self._kafka.offsets_for_times({partition: int(time.timestamp() * 1000)}))[partition]
        if found is None:
            return []
        if begin and found.offset == begin:
            self.gone.add(partition.topic)
        end = (await self._kafka.end_offsets([partition]))[partition]
        return await self._range(partition, found.offset, end)

    async def _range(self, partition: TopicPartition, start: int, end: int) -> list[Record]:
        """The records of a partition from one offset up to, and without, another."""
        self._kafka.assign([partition])
        self._kafka.seek(partition, start)
        records: list[Record] = []
        while await self._kafka.position(partition) < end:
            taken: dict[Any, list[Record]] = await self._kafka.getmany(timeout_ms=_POLL_MS)
            records += [record for batch in taken.values() for record in batch if record.offset < end]
        return records

    async def _partitions(self, topics: Sequence[str] | set[str]) -> list[TopicPartition]:
        first = [TopicPartition(topic, 0) for topic in topics]
        self._kafka.assign(first)
        await self._kafka.end_offsets(first)  # by then it knows the other partitions as well
        numbers = {topic: self._kafka.partitions_for_topic(topic) or () for topic in sorted(topics)}
        return [TopicPartition(topic, number) for topic in numbers for number in sorted(numbers[topic])]

    def _own(self, record: Record) -> OwnEvent | None:
        try:
            envelope = CloudEvent.from_kafka(record.headers, record.value)
            model = event_for(envelope.type)
            if model is None or envelope.source != self._source:
                return None
            return OwnEvent(record, envelope, model.read(envelope.data))
        except (InvalidEnvelope, ValidationError):
            return None


def _time_of(record: Record) -> datetime:
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)
