"""Events recorded in the transaction that causes them; the relay brings them to the broker.

Rows are written through the caller's connection and never committed here. Lock or version the aggregate's row first
(repositories do), so that two transactions of one aggregate cannot write their events in the wrong order; the unique
sequence per key refuses it otherwise.
"""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.cause import Cause
from kfi_chassis.clock import Clock
from kfi_chassis.tables import OUTBOX_CHANNEL
from kfi_contracts import outgoing
from kfi_contracts.event import Event

MAX_EVENT_BYTES: Final = 900_000
"""Below the broker's usual limit of 1 MiB for a batch, with room for what surrounds the record."""

INSERT_AND_WAKE: Final = text(f"""
    WITH added AS (
        INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload, occurred_at)
        SELECT id, topic, key, sequence, type, headers::jsonb, payload, occurred_at
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:sequences AS bigint[]),
            CAST(:types AS text[]), CAST(:headers AS text[]), CAST(:payloads AS bytea[]), CAST(:times AS timestamptz[])
        ) AS event (id, topic, key, sequence, type, headers, payload, occurred_at)
        RETURNING position
    ), due AS (
        INSERT INTO outbox_due SELECT position FROM added
    )
    SELECT pg_notify('{OUTBOX_CHANNEL}', '')
""")  # noqa: S608 - the channel is a constant of ours


class EventTooLarge(ValueError):
    """The event would not pass the broker, so it is refused while its transaction can still say so."""

    def __init__(self, event_type: str, size: int, limit: int) -> None:
        super().__init__(f"an event {event_type} of {size} bytes is over the limit of {limit} bytes")
        self.size = size
        self.limit = limit


class _Row(NamedTuple):
    id: UUID
    topic: str
    key: str
    sequence: int
    type: str
    headers: str
    payload: bytes
    occurred_at: datetime


class Outbox:
    """The events of one transaction, written in one statement when it ends."""

    def __init__(self, clock: Clock, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._clock = clock
        self._max_event_bytes = max_event_bytes
        self._rows: list[_Row] = []
        self.cause = Cause.begin()

    def add(self, event: Event, *, sequence: int) -> UUID:
        """Record an event and return its id, which stays the same at every delivery.

        `sequence` counts the events of the aggregate from 1 without gaps. Raises EventTooLarge at once.
        """
        event_id, now = uuid4(), self._clock.now()
        key, data, headers = outgoing.write(
            event,
            id=event_id,
            time=now,
            sequence=sequence,
            correlationid=self.cause.correlation_id,
            causationid=self.cause.causation_id,
            traceparent=self.cause.traceparent,
        )
        texts = to_json(headers)
        size = len(key.encode()) + len(data) + len(texts)
        if size > self._max_event_bytes:
            raise EventTooLarge(event.type, size, self._max_event_bytes)
        self._rows.append(_Row(event_id, event.topic, key, sequence, event.type, texts.decode(), data, now))
        return event_id

    async def flush(self, connection: AsyncConnection) -> None:
        """Write the recorded events in one statement, which also wakes the relay when the transaction commits."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        columns = ("ids", "topics", "keys", "sequences", "types", "headers", "payloads", "times")
        await connection.execute(INSERT_AND_WAKE, dict(zip(columns, zip(*rows, strict=True), strict=True)))
