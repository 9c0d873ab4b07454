"""What a database that was set back does not know of what Kafka shows, and what is to be done about each of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kfi_chassis.declaration import Service
from kfi_chassis.deliveries import Readable, Unreadable
from kfi_chassis.restore.history import History, OwnEvent
from kfi_chassis.retention import sealed_topics

_RECORDED: Final = text("""
    SELECT event_id, EXISTS (SELECT FROM outbox_due AS due WHERE due.position = outbox.position) AS waits
    FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[]))
""")
_AT_THE_SAME_PLACE: Final = text("""
    SELECT topic, key, sequence FROM outbox
    JOIN unnest(CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:sequences AS bigint[])) AS asked (t, k, s)
        ON topic = t AND key = k AND sequence = s
""")
_ON_THE_DESK: Final = text("SELECT event_id FROM dead_letter WHERE event_id = ANY(CAST(:ids AS uuid[]))")
_IN_THE_INBOX: Final = text("""
    SELECT event_id FROM inbox WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[]))
""")


@dataclass(frozen=True)
class Plan:
    """All that is to be done, in the order of the events."""

    to: datetime
    """The time the database was set back to."""
    published: tuple[OwnEvent, ...]
    """All of the service's own events since then, as the outside knows them."""
    to_mark: tuple[OwnEvent, ...]
    """The outbox still has them to publish, but they are on Kafka."""
    to_rebuild: tuple[OwnEvent, ...]
    """On Kafka, and the database does not know them."""
    twice: tuple[OwnEvent, ...]
    """On Kafka under a sequence that the database has given to another event, or to more than one."""
    to_hand_over: tuple[Readable | Unreadable, ...]
    """Dealt with by the consumer, and the database does not know it any more."""
    gone: tuple[str, ...]
    """Topics of which Kafka does not hold everything that would be needed."""

    @property
    def is_empty(self) -> bool:
        """Nothing is to be done."""
        return not (self.to_mark or self.to_rebuild or self.twice or self.to_hand_over)


async def make_plan(service: Service[Any, Any], engine: AsyncEngine, history: History, to: datetime) -> Plan:
    """Compare the database with Kafka; changes nothing."""
    own = await history.own_since(to)
    async with engine.connect() as connection:
        waits = await _recorded(connection, own)
        unknown = [each for each in own if each.envelope.id not in waits and not _sealed(each)]
        twice = await _twice(connection, own, unknown)
        told = await _ids(connection, _ON_THE_DESK, [each.envelope.id for each in unknown])

        async def known(ids: Sequence[UUID]) -> set[UUID]:
            return await _ids(connection, _IN_THE_INBOX, ids, consumer=service.consumer and service.consumer.group)

        forgotten = [] if service.consumer is None else await history.forgotten(service.consumer, to, known)
    return Plan(
        to=to,
        published=tuple(own),
        to_mark=tuple(each for each in own if waits.get(each.envelope.id)),
        to_rebuild=tuple(each for each in unknown if each.place not in twice),
        twice=tuple(each for each in unknown if each.place in twice and each.envelope.id not in told),
        to_hand_over=tuple(forgotten),
        gone=tuple(sorted(history.gone)),
    )


def _sealed(own: OwnEvent) -> bool:
    """Rows of sealed topics go at the broker's acknowledgement, so that none is there says nothing."""
    return own.record.topic in sealed_topics()


async def _recorded(connection: AsyncConnection, own: Sequence[OwnEvent]) -> Mapping[UUID, bool]:
    """The events the outbox has, and whether they wait to be published."""
    rows = await connection.execute(_RECORDED, {"ids": [each.envelope.id for each in own]})
    return {row.event_id: row.waits for row in rows}


async def _twice(
    connection: AsyncConnection, own: Sequence[OwnEvent], unknown: Sequence[OwnEvent]
) -> set[tuple[str, str, int]]:
    """The places that more than one event claims: one of the database and one of Kafka, or two of Kafka."""
    topics, keys, sequences = ([each.place[part] for each in unknown] for part in range(3))
    rows = await connection.execute(_AT_THE_SAME_PLACE, {"topics": topics, "keys": keys, "sequences": sequences})
    places = [each.place for each in own]
    return {(row.topic, row.key, row.sequence) for row in rows} | {one for one in places if places.count(one) > 1}


async def _ids(connection: AsyncConnection, query: Any, ids: Sequence[UUID], **more: object) -> set[UUID]:
    return set(await connection.scalars(query, {"ids": list(ids), **more}))
