"""A database of the chassis alone, with a table of effects, and a topic, for each test."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text

from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.database import plain_url
from kfi_chassis.desk import letters
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.tables import create_tables
from kfi_chassis.testkit.transactions import Calendar, transactions_on
from kfi_chassis.work import Transactions, Work

TABLES = ("outbox", "outbox_due", "inbox", "dead_letter", "deadline", "idempotency_key", "audit", "effect", "aggregate")


class EffectsWork(Work):
    """Writes down what handlers did; nothing keeps a second effect of one event out."""

    async def note(self, *events: Happened) -> None:
        await self.connection.execute(
            text("INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:s AS uuid[]), CAST(:n AS int[]))"),
            {"s": [event.subject_id for event in events], "n": [event.number for event in events]},
        )


async def migrate(owner_url: str) -> None:
    await create_tables(
        owner_url,
        "CREATE TABLE effect (place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject uuid, number int)",
        "CREATE TABLE aggregate (id uuid PRIMARY KEY, version int NOT NULL)",
        "REVOKE UPDATE, DELETE ON audit FROM kfi_chassis",
    )


@dataclass
class Database:
    """A test's own database."""

    url: str
    transactions: Transactions[EffectsWork]
    calendar: Calendar
    owner_url: str

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        async with self.transactions.engine.connect() as connection:
            return list((await connection.execute(text(statement), parameters)).all())

    async def scalar(self, statement: str, **parameters: Any) -> Any:
        return (await self.rows(statement, **parameters))[0][0]

    async def execute(self, statement: str, **parameters: Any) -> None:
        async with self.transactions.engine.begin() as connection:
            await connection.execute(text(statement), parameters)

    async def effects(self, subject: UUID | None = None) -> list[int]:
        """The numbers handlers noted, in the order in which they did."""
        rows = await self.rows("SELECT subject, number FROM effect ORDER BY place")
        return [row.number for row in rows if subject is None or row.subject == subject]

    async def letters(self, consumer: str) -> Sequence[Any]:
        async with self.transactions.engine.connect() as connection:
            return await letters.page(connection, consumer, letters.Wanted(), limit=1000)


@pytest.fixture(scope="session")
def database_urls(postgres: Any) -> Iterator[Any]:
    urls = postgres.fresh_database("chassis", migrate)
    yield urls
    postgres.drop_database(urls.owner_url.rpartition("/")[2])


@pytest.fixture
async def database(database_urls: Any) -> AsyncIterator[Database]:
    """The database, empty; one for all tests, because making one takes longer than most of them."""
    owner = await asyncpg.connect(plain_url(database_urls.owner_url))
    await owner.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY")
    await owner.close()
    calendar = Calendar()
    transactions = transactions_on(database_urls.runtime_url, EffectsWork, calendar=calendar)
    yield Database(database_urls.runtime_url, transactions, calendar, database_urls.owner_url)
    await transactions.engine.dispose()


@pytest.fixture
def consumer() -> Consumer:
    return Consumer(f"group-{uuid4().hex[:8]}")


@pytest.fixture
def happened() -> type[Happened]:
    """An event on a topic that exists in no broker."""
    return happened_on(f"nowhere.{uuid4().hex}")


@pytest.fixture
def topic(kafka: Any) -> Iterator[Callable[..., str]]:
    """Makes topics of a test's own."""
    made: list[str] = []

    def make(partitions: int = 4, **settings: str) -> str:
        made.append(f"chassis.{uuid4().hex}")
        kafka.create_topic(made[-1], partitions, settings or None)
        return made[-1]

    yield make
    for name in made:
        kafka.delete_topic(name)


@pytest.fixture
def kafka_settings(kafka: Any) -> QuickKafkaSettings:
    return QuickKafkaSettings(
        kafka_bootstrap=kafka.bootstrap,
        kafka_security=kafka.security,
        kafka_username=kafka.admin.username,
        kafka_password=kafka.admin.password,
        instance=f"test-{uuid4().hex[:8]}",
    )


@pytest.fixture
async def relays(database: Database, kafka_settings: QuickKafkaSettings) -> AsyncIterator[Callable[..., "RelayRun"]]:
    """Starts relays of the test's outbox and stops them in the end."""
    running: list[RelayRun] = []

    def start(settings: QuickKafkaSettings = kafka_settings, **options: Any) -> RelayRun:
        metrics = Metrics()
        relay = options.pop("relay_class", Relay)(database.url, settings, metrics, **options)
        stop = asyncio.Event()
        running.append(RelayRun(relay, metrics, stop, asyncio.create_task(relay.run(stop))))
        return running[-1]

    yield start
    for run in running:
        await run.end()


@dataclass
class RelayRun:
    """A relay at work."""

    relay: Relay
    metrics: Metrics
    stop: asyncio.Event
    task: "asyncio.Task[None]"

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    async def end(self) -> None:
        self.stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture
def records_in(kafka: Any) -> Callable[..., Awaitable[list[Any]]]:
    """Reads what is in a topic from its beginning: at least `count` records, and whatever more comes at once."""

    async def read(topic: str, count: int, *, within: float = 15.0) -> list[Any]:
        consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **kafka.client_settings())
        await consumer.start()
        found: list[Any] = []
        try:
            async with asyncio.timeout(within):
                found_more: list[Any] = []
                while len(found) < count or found_more:
                    batches = await consumer.getmany(timeout_ms=200)
                    found_more = [record for batch in batches.values() for record in batch]
                    found += found_more
        finally:
            await consumer.stop()
        return found

    return read


@pytest.fixture
def record_events(database: Database) -> Callable[..., Awaitable[None]]:
    """Adds events to the outbox in one transaction, each subject's sequence counted on."""
    sequences: Counter[str] = Counter()

    async def add(*events: Happened) -> None:
        async def use(work: Work) -> None:
            for event in events:
                sequences[event.subject] += 1
                work.outbox.add(event, sequence=sequences[event.subject])

        await database.transactions.run(use, actor=SYSTEM("test"))

    return add


@pytest.fixture
async def members(
    database: Database, kafka_settings: QuickKafkaSettings
) -> AsyncIterator[Callable[..., Awaitable[RunningConsumer[Any]]]]:
    """Starts members of consumer groups; in the end every account of every member must balance."""
    running: list[RunningConsumer[Any]] = []

    async def start(consumer: Consumer, **changes: Any) -> RunningConsumer[Any]:
        settings = replace(kafka_settings, **changes)
        transactions = database.transactions
        running.append(RunningConsumer(consumer, transactions, settings, Metrics(), grace_seconds=5.0))
        await running[-1].start()
        return running[-1]

    yield start
    for member in running:
        await member.stop()
    for member in running:
        member.accounts.check()


@pytest.fixture
async def publish(kafka: Any) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Writes records to a topic as they are, good or bad, each key in the order given."""
    producer = AIOKafkaProducer(**kafka.client_settings())
    await producer.start()

    async def write(*records: Any, partition: int | None = None) -> None:
        sent = [
            await producer.send(r.topic, r.value, r.key, headers=list(r.headers), partition=partition) for r in records
        ]
        await asyncio.gather(*sent)

    yield write
    await producer.stop()


@pytest.fixture(scope="session")
def migrate_chassis() -> Callable[[str], Awaitable[None]]:
    """Brings an empty database to the tables these tests use."""
    return migrate
