"""Brings rows of the outbox to Kafka, in order per key, and tells which of them the broker has.

Within a partition one batch waits for the acknowledgement of the one before; partitions go side by side. So whatever
happens, the first copies of a key's events stand in the topic in their order; copies made by a retry carry the same id.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from aiokafka.producer.message_accumulator import BatchBuilder
from pydantic_core import from_json

from kfi_chassis.broker import KafkaSettings, make_producer
from kfi_chassis.partitioning import partition_for

ROUND_SECONDS: Final = 8.0
"""A round is over after this time, acknowledged or not; see the relay for what hangs on it."""
_TOPIC_SECONDS: Final = 0.5
"""How long a topic is looked for; the other topics of the round wait as long."""
_THROW_AWAY_SECONDS: Final = 0.5
_REST_SECONDS: Final = 3.0
_REFUSALS: Final[Mapping[type[Exception], str]] = {
    MessageSizeTooLargeError: "too_large",
    RecordListTooLargeError: "too_large",
    InvalidTopicError: "invalid_topic",
}

_LEGAL_TOPIC: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")


class OutboxRow(NamedTuple):
    """One recorded event on its way."""

    position: int
    topic: str
    key: str
    headers: str
    payload: bytes
    occurred_at: datetime


@dataclass
class Round:
    """What became of the rows of one round; a row in none of the lists is tried again."""

    acked: list[OutboxRow] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class Publisher:
    """Publishes through one idempotent producer, which is thrown away after every failure."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._singly: set[TopicPartition] = set()
        self._resting: dict[str, float] = {}

    def resting_topics(self) -> list[str]:
        """Topics that could not be reached a moment ago; the rows of all others go on meanwhile."""
        now = time.monotonic()
        self._resting = {topic: until for topic, until in self._resting.items() if until > now}
        return list(self._resting)

    async def publish(self, rows: Sequence[OutboxRow]) -> Round:
        """Publish rows in their order. Does not raise for the broker: failures are in the round, with what arrived."""
        this_round = Round()
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                producer = await self._started()
                queues = await self._by_partition(producer, rows, this_round)
                async with asyncio.TaskGroup() as group:
                    for partition, queue in queues.items():
                        group.create_task(self._drain(producer, partition, queue, this_round))
        except (TimeoutError, KafkaError, OSError) as error:
            this_round.failures.append(type(error).__name__)
        if this_round.failures or this_round.refused:
            # a batch that was not written leaves a gap in the producer's sequence numbers, which the broker refuses
            await self.abandon()
        return this_round

    async def abandon(self) -> None:
        """Let go of the producer at once, without sending what it still holds; the next round makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _throw_away(producer)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = make_producer(self._settings)
            try:
                await producer.start()
            except BaseException:
                await _throw_away(producer)
                raise
            self._producer = producer
        return self._producer

    async def _by_partition(
        self, producer: AIOKafkaProducer, rows: Sequence[OutboxRow], this_round: Round
    ) -> dict[TopicPartition, list[OutboxRow]]:
        by_topic: dict[str, list[OutboxRow]] = defaultdict(list)
        for row in rows:
            by_topic[row.topic].append(row)
        queues: dict[TopicPartition, list[OutboxRow]] = defaultdict(list)
        for topic, topic_rows in by_topic.items():
            if not _LEGAL_TOPIC.fullmatch(topic):
                this_round.refused |= {row.position: "invalid_topic" for row in topic_rows}
                continue
            partitions = await self._partitions(producer, topic, this_round)
            if not partitions:
                continue
            places = [TopicPartition(topic, partition) for partition in partitions]
            for row in topic_rows:
                queues[places[partition_for(row.key.encode(), len(places))]].append(row)
        return queues

    async def _partitions(self, producer: AIOKafkaProducer, topic: str, this_round: Round) -> list[int]:
        try:
            async with asyncio.timeout(_TOPIC_SECONDS):
                return sorted(await producer.partitions_for(topic))
        except (TimeoutError, KafkaError) as error:
            # not there yet, or not allowed yet: that is for the operator, and no fault of the event
            self._rest(topic, error, this_round)
        return []

    def _rest(self, topic: str, error: Exception, this_round: Round) -> None:
        self._resting[topic] = time.monotonic() + _REST_SECONDS
        this_round.failures.append(f"{type(error).__name__}:{topic}")

    async def _drain(
        self, producer: AIOKafkaProducer, partition: TopicPartition, queue: list[OutboxRow], this_round: Round
    ) -> None:
        """Send the rows of one partition batch by batch, stopping at the first that fails."""
        most = 1 if partition in self._singly else len(queue)
        while queue:
            builder, batch = _fill(producer, queue[:most])
            try:
                await (await producer.send_batch(builder, partition.topic, partition=partition.partition))
            except tuple(_REFUSALS) as refusal:
                self._refuse(partition, batch, _REFUSALS[type(refusal)], this_round)
                return
            except (KafkaError, OSError) as error:
                self._rest(partition.topic, error, this_round)
                return
            this_round.acked.extend(batch)
            del queue[: len(batch)]
        self._singly.discard(partition)

    def _refuse(self, partition: TopicPartition, batch: list[OutboxRow], reason: str, this_round: Round) -> None:
        """Find out which one it was: a refused batch goes again row by row, a row refused alone is the one."""
        if len(batch) == 1:
            this_round.refused[batch[0].position] = reason
        else:
            self._singly.add(partition)
            this_round.failures.append(reason)


def _fill(producer: AIOKafkaProducer, rows: Sequence[OutboxRow]) -> tuple[BatchBuilder, list[OutboxRow]]:
    """Put as many rows as fit into one batch, in their order; a row larger than a batch gets one of its own."""
    builder = producer.create_batch()
    batch = []
    for row in rows:
        headers = [(name, text.encode()) for name, text in from_json(row.headers).items()]
        if builder.append(timestamp=None, key=row.key.encode(), value=row.payload, headers=headers) is None:
            break
        batch.append(row)
    builder.close()
    return builder, batch


async def _throw_away(producer: AIOKafkaProducer) -> None:
    """Close without flushing, with nothing sent any more once the connections are closed; never raises for aiokafka.

    aiokafka itself only knows an orderly stop, which waits for a broker that may never answer.
    """
    producer._closed = True
    accumulator, sender = producer._message_accumulator, producer._sender.sender_task
    for batch in {*accumulator._pending_batches, *chain.from_iterable(accumulator._batches.values())}:
        batch.future.cancel()
    closing = [asyncio.ensure_future(producer.client.close())]
    if sender is not None:
        sender.cancel()
        closing.append(sender)
    _, late = await asyncio.wait(closing, timeout=_THROW_AWAY_SECONDS)
    for task in late:
        task.cancel()  # the sender waits for its requests once; asked again it lets go of them too
    for task in closing:
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
