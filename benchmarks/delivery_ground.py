"""Prepares the course of each round, the same for every contestant, and checks afterwards that nothing is missing."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from benchmarks import peers_faststream_outbox, peers_txoutbox
from benchmarks.delivery_course import Course, event, records
from benchmarks.ground import BATCH, Ground
from kfi_chassis.broker import make_producer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.work import Work
from kfi_stack.databases import connection_to

PARTITIONS: Final = 4
_TABLES: Final = ("outbox", "outbox_due", "inbox", "effect", peers_txoutbox.TABLE, peers_faststream_outbox.TABLE.name)
_TAKE_OVER: Final = {"txoutbox": peers_txoutbox.TAKE_OVER, "faststream-outbox": peers_faststream_outbox.TAKE_OVER}
_FILL: Final = """
    WITH added AS (
        INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload)
        SELECT event_id, $1, key, sequence, type, headers, payload FROM stock ORDER BY position LIMIT $2
        RETURNING position
    ) INSERT INTO outbox_due SELECT position FROM added
"""
_EFFECTS: Final = """
    SELECT (SELECT count(*) FROM effect) AS effects, (SELECT count(DISTINCT number) FROM effect) AS numbers,
           (SELECT count(*) FROM inbox) AS inbox, (SELECT count(*) FROM outbox) AS outbox
"""


class WrongError(AssertionError):
    """A contestant lost, doubled or disordered events; its figure is worth nothing."""


class DeliveryGround:
    """The tables and topics of the course."""

    def __init__(self, place: Ground) -> None:
        self._place = place
        self._sources: dict[int, str] = {}

    async def lay(self, events: int) -> None:
        """Make the peers' tables, and the rows of the outbox that every relay gets."""
        async with connection_to(self._place.owner_url) as owner:
            await owner.execute(peers_txoutbox.schema())
            for statement in peers_faststream_outbox.schema():
                await owner.execute(statement)
            await self._record(events)
            await owner.execute("CREATE TABLE stock AS SELECT * FROM outbox; TRUNCATE outbox, outbox_due")

    async def course(self, *, rows_for: str | None, events: int) -> Course:
        """Clear all tables; fill the outbox of a relay, or else a topic to read."""
        target, source = self._place.topic(PARTITIONS), await self._source(events)
        async with connection_to(self._place.owner_url) as owner:
            await owner.execute(f"TRUNCATE {', '.join(_TABLES)} RESTART IDENTITY")
            if rows_for is not None:
                await owner.execute(_FILL, target, events)
            if rows_for in _TAKE_OVER:
                await owner.execute(f"{_TAKE_OVER[rows_for]}; TRUNCATE outbox, outbox_due")
            for table in _TABLES:
                await owner.execute(f"VACUUM ANALYZE {table}")
        settings = self._place.settings()
        return Course(
            database_url=self._place.database_url,
            bootstrap=settings.kafka_bootstrap,
            security=settings.kafka_security,
            username=settings.kafka_username or "",
            password=settings.kafka_password or "",
            source=source,
            target=target,
            events=events,
            batch=BATCH,
        )

    async def check_effects(self, course: Course) -> None:
        """Raise WrongError unless each event left exactly one effect, one row of the inbox and one of the outbox."""
        async with connection_to(self._place.owner_url) as owner:
            found = dict(await owner.fetchrow(_EFFECTS))
        if set(found.values()) != {course.events}:
            raise WrongError(f"{course.events} events, but {found}")

    async def check_topic(self, course: Course, *, in_order: bool) -> None:
        """Raise WrongError unless the topic holds each event exactly once and, if asked, those of a key in order."""
        ids: set[bytes] = set()
        last: dict[bytes, int] = {}
        async for record in self._read(course.target, course.events):
            number = json.loads(record.value)["number"]
            if in_order and number <= last.get(record.key, -1):
                raise WrongError(f"event {number} came after {last[record.key]} of its key")
            last[record.key] = number
            ids.add(dict(record.headers)["ce_id"])
        if len(ids) != course.events:
            raise WrongError(f"{len(ids)} different events of {course.events}")

    async def check_count(self, course: Course) -> None:
        """Raise WrongError unless the topic holds as many records as there were events."""
        async for _ in self._read(course.target, course.events):
            pass

    async def _read(self, topic: str, events: int) -> AsyncIterator["ConsumerRecord[bytes, bytes]"]:
        """All records of a topic. Raises WrongError when it holds another number of them."""
        reading = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **self._place.kafka.client_settings())
        await reading.start()
        try:
            ends = await reading.end_offsets([TopicPartition(topic, each) for each in range(PARTITIONS)])
            if sum(ends.values()) != events:
                raise WrongError(f"{sum(ends.values())} records on the topic, for {events} events")
            seen = 0
            while seen < events:
                for each in (await reading.getmany(timeout_ms=1000)).values():
                    for record in each:
                        yield record
                    seen += len(each)
        finally:
            await reading.stop()

    async def _source(self, events: int) -> str:
        """A topic with that many events, filled once."""
        if events not in self._sources:
            topic = self._sources[events] = self._place.topic(PARTITIONS)
            async with make_producer(self._place.settings()) as producer:
                for key, value, headers in records(happened_on(topic), events):
                    sent = await producer.send(topic, value, key=key, headers=headers)
                await producer.flush()
                await sent
        return self._sources[events]

    async def _record(self, events: int) -> None:
        """Write rows as a service does, in transactions of a batch."""
        transactions, kind = transactions_on(self._place.database_url, Work), happened_on("stock", kind="answered")

        async def record(begin: int, work: Work) -> None:
            for number in range(begin, min(begin + BATCH, events)):
                work.outbox.add(event(kind, number), sequence=number + 1)

        for begin in range(0, events, BATCH):
            await transactions.run(partial(record, begin), actor=SYSTEM("benchmark"))
        await transactions.engine.dispose()
