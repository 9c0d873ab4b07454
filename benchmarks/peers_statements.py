"""The database's own limit: the statements of `on_batch` by the bare driver, without Kafka, JSON or the chassis."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from benchmarks.delivery_chassis import NOTE
from benchmarks.delivery_course import Course, Round, Stopwatch, event
from kfi_chassis.inbox import RECORD
from kfi_chassis.outbox import INSERT_AND_WAKE
from kfi_chassis.testkit.events import Happened
from kfi_contracts.cloudevents import CloudEvent


class _Statement:
    """A statement of the chassis as its driver gets it."""

    def __init__(self, clause: TextClause) -> None:
        compiled = clause.compile(dialect=dialect())  # type: ignore[no-untyped-call]
        self._sql, self._names = str(compiled), compiled.positiontup or ()

    async def run(self, connection: Any, values: dict[str, Any]) -> None:
        await connection.fetch(self._sql, *(values[name] for name in self._names))


async def statements(course: Course) -> Round:
    """Inbox, effect and outbox rows of a batch in one transaction; everything is ready before the clock starts."""
    group, steps = uuid4().hex, [_Statement(RECORD), _Statement(NOTE), _Statement(INSERT_AND_WAKE)]
    kind = course.answer()
    batches = [_ready(course, kind, group, begin) for begin in range(0, course.events, course.batch)]
    connection = await asyncpg.connect(course.plain_database_url)
    try:
        watch = Stopwatch()
        for batch in batches:
            async with connection.transaction():
                for step, values in zip(steps, batch, strict=True):
                    await step.run(connection, values)
        return watch.stop(course.events)
    finally:
        await connection.close()


def _ready(
    course: Course, kind: type[Happened], group: str, begin: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    numbers = range(begin, min(begin + course.batch, course.events))
    events = [event(kind, number) for number in numbers]
    ids: list[UUID] = [uuid4() for _ in numbers]
    envelopes = [
        CloudEvent.wrap(each, id=name, time=datetime.now(UTC), sequence=each.number + 1)
        for each, name in zip(events, ids, strict=True)
    ]
    inbox = {"consumer": group, "ids": ids}
    effect = {"s": [each.subject_id for each in events], "n": list(numbers)}
    outbox = {
        "ids": ids,
        "topics": [course.target] * len(ids),
        "keys": [each.subject for each in events],
        "sequences": [each.number + 1 for each in events],
        "types": [each.type for each in events],
        "headers": [_headers(envelope) for envelope in envelopes],
        "payloads": [envelope.data for envelope in envelopes],
        "times": [envelope.time for envelope in envelopes],
    }
    return inbox, effect, outbox


def _headers(envelope: CloudEvent) -> str:
    return json.dumps({name: content.decode() for name, content in envelope.to_kafka()[2]})
