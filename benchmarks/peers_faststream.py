"""FastStream as most people use it: a handler of a model per message, its own transaction, no batch; or no database.

All of them with FastStream's own parser, JSON decoder and injection.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.security import SASLScram512
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.delivery_course import Course, Round, Stopwatch
from kfi_chassis.testkit.events import Happened, Mood
from kfi_contracts.cloudevents import CloudEvent

_NEW = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :id) ON CONFLICT DO NOTHING RETURNING true")
_EFFECT = text("INSERT INTO effect (subject, number) VALUES (:subject, :number)")
_ANSWER = text("""
    WITH added AS (
        INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload, occurred_at)
        VALUES (:id, :topic, :key, :sequence, :type, CAST(:headers AS jsonb), :payload, :time) RETURNING position
    ) INSERT INTO outbox_due SELECT position FROM added
""")


class Heard(BaseModel):
    """The event as a model of the usual, converting kind: FastStream decodes the JSON and then validates."""

    subject_id: UUID
    number: int
    mood: Mood
    text: str


class _Count:
    done = 0


async def one_by_one(course: Course) -> Round:
    """The naive inbox: one message, one transaction (inbox, effect, outbox), one commit of the offset."""
    engine, count, answer, group = create_async_engine(course.database_url), _Count(), course.answer(), uuid4().hex

    async def handle(event: Heard, message: KafkaMessage) -> None:
        async with engine.begin() as connection:
            known = {"consumer": group, "id": UUID(message.headers["ce_id"])}
            if await connection.scalar(_NEW, known):
                await connection.execute(_EFFECT, {"subject": event.subject_id, "number": event.number})
                await _record(connection, answer(**event.model_dump()))
        count.done += 1

    try:
        return await _consumed(course, handle, count, group_id=group, ack_policy=AckPolicy.NACK_ON_ERROR)
    finally:
        await engine.dispose()


async def bare(course: Course) -> Round:
    """A handler that does nothing, with FastStream's default policy: offsets committed by a timer, at most once."""
    count = _Count()

    async def handle(event: Heard) -> None:  # noqa: ARG001 - reading it is all there is
        count.done += 1

    return await _consumed(course, handle, count, group_id=uuid4().hex)


async def bare_committed(course: Course) -> Round:
    """A handler that does nothing, its offset committed after each message."""
    count = _Count()

    async def handle(event: Heard) -> None:  # noqa: ARG001 - reading it is all there is
        count.done += 1

    return await _consumed(course, handle, count, group_id=uuid4().hex, ack_policy=AckPolicy.NACK_ON_ERROR)


async def bare_batches(course: Course) -> Round:
    """A batch handler that does nothing, its offsets committed after each batch."""
    count = _Count()

    async def handle(events: list[Heard]) -> None:
        count.done += len(events)

    batches = {"batch": True, "max_records": course.batch, "ack_policy": AckPolicy.NACK_ON_ERROR}
    return await _consumed(course, handle, count, group_id=uuid4().hex, **batches)


async def _consumed(course: Course, handle: Callable[..., Awaitable[None]], count: _Count, **options: Any) -> Round:
    security = SASLScram512(username=course.username, password=course.password, use_ssl=False)
    broker = KafkaBroker(course.bootstrap, security=security, logger=None)
    broker.subscriber(course.source, auto_offset_reset="earliest", **options)(handle)
    await broker.start()
    try:
        return await Stopwatch.watch(lambda: count.done, course.events)
    finally:
        await broker.stop()


async def _record(connection: AsyncConnection, event: Happened) -> None:
    now, name = datetime.now(UTC), uuid4()
    envelope = CloudEvent.wrap(event, id=name, time=now, sequence=event.number + 1)
    key, value, _ = envelope.to_kafka()
    row = {
        "id": name,
        "topic": event.topic,
        "key": key.decode(),
        "sequence": event.number + 1,
        "type": event.type,
        "headers": envelope.model_dump_json(exclude_none=True),
        "payload": value,
        "time": now,
    }
    await connection.execute(_ANSWER, row)
