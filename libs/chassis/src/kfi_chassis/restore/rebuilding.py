"""The outbox of a transaction that repeats what was done before the database was set back: the published events stand.

What is recorded again, with the same content under the same sequence, is the published event and keeps its id; nothing
of it is published a second time. Anything else at a place that is taken is refused, and so is a second effect of what
has had one.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.clock import Clock
from kfi_chassis.outbox import Outbox
from kfi_chassis.restore.history import OwnEvent
from kfi_chassis.work import Work
from kfi_contracts.event import Event

_KEEP: Final = text("""
    INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload, occurred_at)
    VALUES (:id, :topic, :key, :sequence, :type, CAST(:headers AS jsonb), :payload, :time)
    ON CONFLICT (event_id) DO NOTHING
""")


class ContradictsPublished(Exception):
    """What is done anew does not come out as what was published."""


class PublishedOutbox(Outbox):
    """Records what is new and recognises what is published."""

    def __init__(self, clock: Clock, published: Sequence[OwnEvent]) -> None:
        super().__init__(clock)
        self._at = {each.place: each for each in published}
        self._effects = {(each.envelope.causationid, each.envelope.type) for each in published}
        self.recognised: list[OwnEvent] = []

    def add(self, event: Event, *, sequence: int) -> UUID:
        """Record an event, or recognise it. Raises ContradictsPublished."""
        there = self._at.get((event.topic, event.subject, sequence))
        if there is not None:
            if there.event != event:
                raise ContradictsPublished
            self.recognised.append(there)
            return there.envelope.id
        if self.cause.causation_id is not None and (self.cause.causation_id, event.type) in self._effects:
            raise ContradictsPublished
        return super().add(event, sequence=sequence)

    async def flush(self, connection: AsyncConnection) -> None:
        """Write both kinds."""
        await super().flush(connection)
        for each in self.recognised:
            await keep_published(connection, each)


def rebuilding(work_class: type[Work], published: Sequence[OwnEvent]) -> type[Work]:
    """The service's own transaction with such an outbox."""

    class Rebuilding(work_class):  # type: ignore[misc, valid-type]
        outbox: PublishedOutbox

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.outbox = PublishedOutbox(self.clock, published)
            self.follow(self.cause)

    return Rebuilding


async def keep_published(connection: AsyncConnection, own: OwnEvent) -> None:
    """Put an event into the outbox as it lies on Kafka, so that nothing else ever gets its place."""
    headers = dict(_readable(own.record.headers))
    topic, key, sequence = own.place
    await connection.execute(
        _KEEP,
        {
            "id": own.envelope.id,
            "topic": topic,
            "key": key,
            "sequence": sequence,
            "type": own.envelope.type,
            "headers": json.dumps(headers),
            "payload": own.record.value,
            "time": own.envelope.time,
        },
    )


def _readable(headers: Sequence[tuple[str, bytes | None]]) -> Iterator[tuple[str, str]]:
    """Headers as the outbox keeps them; the relay writes UTF-8 alone, so what is none was not its own."""
    for name, value in headers:
        with suppress(UnicodeDecodeError):
            yield name, (value or b"").decode()
