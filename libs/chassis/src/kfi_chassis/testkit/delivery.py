"""Delivers events to a service's handlers as Kafka would, without one: in batches, twice, keys mixed.

What Kafka guarantees is kept: the events of one key come in their order, and nothing else is sure.
"""

import random
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

from kfi_chassis.accounts import Accounts
from kfi_chassis.broker import Record
from kfi_chassis.guard import Guard
from kfi_chassis.metrics import Metrics
from kfi_chassis.subscriptions import Consumer
from kfi_chassis.work import Transactions
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event

_OFFSETS: Final = count()


def record_of(event: Event, *, sequence: int = 1, event_id: UUID | None = None, offset: int | None = None) -> Record:
    """The Kafka record of an event, on partition 0."""
    envelope = CloudEvent.wrap(event, id=event_id or uuid4(), time=datetime.now(UTC), sequence=sequence)
    key, value, headers = envelope.to_kafka()
    return raw_record(event.topic, key=key, value=value, headers=headers, offset=offset)


def raw_record(
    topic: str,
    *,
    key: bytes | None = None,
    value: bytes | None = None,
    headers: Iterable[tuple[str, bytes | None]] = (),
    offset: int | None = None,
) -> Record:
    """A record with anything in it."""
    return Record(
        topic=topic,
        partition=0,
        offset=next(_OFFSETS) if offset is None else offset,
        timestamp=int(datetime.now(UTC).timestamp() * 1000),
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


def records_of(events: Sequence[Event]) -> list[Record]:
    """The records of events, each subject's sequence counted from 1."""
    sequences: dict[str, int] = defaultdict(int)
    records = []
    for event in events:
        sequences[event.subject] += 1
        records.append(record_of(event, sequence=sequences[event.subject]))
    return records


def every_record_twice(records: Sequence[Record]) -> list[Record]:
    """Duplicate: each record comes again right after itself, and all of them once more at the end."""
    return [copy for record in records for copy in (record, record)] + list(records)


def keys_mixed(records: Sequence[Record], seed: int) -> list[Record]:
    """Reorder as partitions may: the keys' records interleave at random, each key's own order is kept."""
    queues: dict[Any, deque[Record]] = defaultdict(deque)
    for record in records:
        queues[record.key].append(record)
    chance, mixed = random.Random(seed), []  # noqa: S311 - a repeatable order, no secret
    while queues:
        key = chance.choice(sorted(queues, key=repr))
        mixed.append(queues[key].popleft())
        if not queues[key]:
            del queues[key]
    return mixed


async def deliver(
    consumer: Consumer, transactions: Transactions[Any], records: Sequence[Record], *, batch: int = 100
) -> Accounts:
    """Hand records to a consumer's handlers batch by batch, and tell what became of them. Outages are not repeated."""
    guard, accounts = Guard(consumer, transactions, Metrics()), Accounts()
    for start in range(0, len(records), batch):
        together = list(records[start : start + batch])
        accounts.polled(together)
        outcomes = await guard.handle(together)
        for record, outcome in zip(together, outcomes, strict=True):
            accounts.count(record, outcome)
    return accounts
