"""A stream of events through the chassis' own relay and consumer, without a service around them.

It knows what went in, so it can say what was lost, doubled or overtaken on the way, and how long nothing came.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.testkit.tables import create_tables
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.work import Transactions, Work
from kfi_contracts.cloudevents import CloudEvent
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.postgres_server import PostgresServer

GROUP = "stream"
EVERY_SECONDS = 0.01
CATCH_UP_SECONDS = 60.0
EFFECTS = """
CREATE TABLE effect (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject uuid NOT NULL, number int NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp())
"""
NOTE = "INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:subjects AS uuid[]), CAST(:numbers AS int[]))"
LONGEST_GAP = """
    SELECT max(gap) FROM (SELECT noted_at - lag(noted_at) OVER (ORDER BY noted_at) AS gap FROM effect) AS gaps
"""


@dataclass
class Stream:
    """One outbox with its relay, one consumer with its effects, and how many events of each key were recorded."""

    transactions: Transactions[Any]
    server: KafkaServer
    event: type[Happened]
    relay: Relay
    member: RunningConsumer[Any]
    keys: tuple[UUID, ...] = field(default_factory=lambda: tuple(uuid4() for _ in range(24)))
    recorded: int = 0

    @contextlib.asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Events are recorded all the time within the block: recording never waits for Kafka."""
        stop = asyncio.Event()

        async def record() -> None:
            while not stop.is_set():
                await self._record()
                await asyncio.sleep(EVERY_SECONDS)

        recording = asyncio.create_task(record())
        try:
            yield
        finally:
            stop.set()
            await recording

    async def has_come_through(self, more: int) -> None:
        """Wait until effects of events that are recorded from now on are there."""
        wanted = self.recorded + more
        await eventually(lambda: self._noted_up_to(wanted), within=CATCH_UP_SECONDS)

    async def none_comes_through_while_recorded(self, more: int) -> bool:
        """Whether no event that is recorded from now on has its effect until so many more are recorded."""
        begin = self.recorded
        await eventually(lambda: self.recorded >= begin + more, within=CATCH_UP_SECONDS)
        return not await self._noted_up_to(begin + 1)

    async def every_event_had_its_effect_once_and_in_order(self) -> None:
        """Wait until the last one is there, then look at all of them, and at the consumer's account."""
        await eventually(lambda: self._noted_up_to(self.recorded), within=CATCH_UP_SECONDS)
        rows = await self._rows("SELECT subject, number FROM effect ORDER BY place")
        effects: dict[UUID, list[int]] = defaultdict(list)
        for row in rows:
            effects[row.subject].append(row.number)
        wrong = {key: told for key in self.keys if (told := differences(effects[key], self.recorded))}
        assert wrong == {}
        await eventually(self.member._idle.is_set)
        self.member.accounts.check()
        assert self.member.accounts.total(Outcome.PARKED) == 0

    async def every_event_is_on_the_topic_in_order(self) -> int:
        """None is lost and the first copies stand in order; how many were sent twice."""
        await eventually(self._nothing_waits, within=CATCH_UP_SECONDS)
        found = await self._published()
        first = {key: list(dict.fromkeys(found[key])) for key in self.keys}
        wrong = {key: told for key in self.keys if (told := differences(first[key], self.recorded))}
        assert wrong == {}
        return sum(map(len, found.values())) - self.recorded * len(self.keys)

    async def longest_silence(self) -> float:
        """Seconds in which no event had its effect, though there was always something to do."""
        ((gap,),) = await self._rows(LONGEST_GAP)
        assert isinstance(gap, timedelta)
        return gap.total_seconds()

    async def _record(self) -> None:
        """One event of each key, in one transaction."""
        number = self.recorded + 1

        async def use(work: Work) -> None:
            for key in self.keys:
                work.outbox.add(self.event(subject_id=key, number=number), sequence=number)

        await self.transactions.run(use, actor=SYSTEM("test"))
        self.recorded = number

    async def _noted_up_to(self, number: int) -> bool:
        ((least,),) = await self._rows(
            "SELECT coalesce(min(last), 0) FROM (SELECT max(number) AS last FROM effect GROUP BY subject) AS each"
        )
        return int(least) >= number

    async def _nothing_waits(self) -> bool:
        ((waiting,),) = await self._rows("SELECT count(*) FROM outbox_due")
        return int(waiting) == 0

    async def _published(self) -> dict[UUID, list[int]]:
        consumer = AIOKafkaConsumer(self.event.topic, auto_offset_reset="earliest", **self.server.client_settings())
        numbers: dict[UUID, list[int]] = defaultdict(list)
        async with consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        event = self.event.read(CloudEvent.from_kafka(record.headers, record.value).data)
                        numbers[event.subject_id].append(event.number)
        return numbers

    async def _rows(self, statement: str) -> Sequence[Any]:
        async with self.transactions.engine.connect() as connection:
            return (await connection.execute(text(statement))).all()


def differences(numbers: Sequence[int], last: int) -> str:
    """What is wrong with numbers that should be 1, 2, 3 ... last; nothing, if nothing is."""
    expected = list(range(1, last + 1))
    if list(numbers) == expected:
        return ""
    lost, surplus = Counter(expected) - Counter(numbers), Counter(numbers) - Counter(expected)
    return f"{lost.total()} lost, {surplus.total()} too many" if lost or surplus else "out of order"


@contextlib.asynccontextmanager
async def stream(postgres: PostgresServer, server: KafkaServer, topic: str) -> AsyncIterator[Stream]:
    """A stream on a database of its own and this topic, with the timeouts of production."""
    urls = postgres.fresh_database("stream", lambda owner_url: create_tables(owner_url, EFFECTS))
    event = happened_on(topic)
    settings = QuickKafkaSettings(
        server.bootstrap, server.security, server.admin.username, server.admin.password,
        kafka_request_timeout_ms=10_000, consumer_session_timeout_ms=10_000, consumer_batch=200, instance="stream-1",
    )  # fmt: skip
    transactions = transactions_on(urls.runtime_url, Work)
    relay = Relay(urls.runtime_url, settings, Metrics())
    member = RunningConsumer(_noting(event), transactions, settings, Metrics(), grace_seconds=3.0)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stop)) for part in (relay, member)]
    yield Stream(transactions, server, event, relay, member)
    stop.set()
    await asyncio.gather(*tasks)
    await transactions.engine.dispose()


def _noting(event: type[Happened]) -> Consumer:
    consumer = Consumer(GROUP)

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Work) -> None:
        values = {"subjects": [one.subject_id for one in events], "numbers": [one.number for one in events]}
        await work.connection.execute(text(NOTE), values)

    return consumer
