"""PostgreSQL and Kafka killed and frozen under load: nothing lost, nothing twice, nothing parked, nothing rebalanced.

The servers here are this module's own; they are stopped as a crash or a stalled disk would stop them.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kfi_chassis import assignment, publisher, running_consumer
from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

pytestmark = pytest.mark.servers

SUBJECTS = [uuid4() for _ in range(12)]


@dataclass
class Server:
    """One server process that can be frozen, thawed, killed and started again."""

    supervisor: Any
    make_program: Callable[[], Any]
    running: Any = None

    def start(self) -> None:
        self.running = self.supervisor.start(self.make_program())

    def kill(self) -> None:
        self.running.kill()
        self.supervisor.forget(self.running)

    def freeze(self) -> None:
        for process in self._family():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def _family(self) -> list[int]:
        """The server and its children; PostgreSQL has one per connection, each in a session of its own."""
        children = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children").read_text()
        return [self.running.pid, *map(int, children.split())]


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Any]:
    from kfi_stack.supervisor import Supervisor  # noqa: PLC0415 - a run without servers need not load it

    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def own_postgres(supervisor: Any) -> Iterator[tuple[Server, str]]:
    from kfi_stack.credentials import Credentials  # noqa: PLC0415
    from kfi_stack.ports import free_port  # noqa: PLC0415
    from kfi_stack.postgres import Postgres  # noqa: PLC0415

    folder = Path(os.path.realpath(f"/tmp/kfi-outages-{uuid4().hex[:8]}"))  # noqa: S108 - its user must reach it
    made = Postgres(folder, free_port(), Credentials("admin", secrets.token_hex(8)))
    server = Server(supervisor, made.program)
    server.start()
    yield server, made.admin_url
    server.running.kill()
    supervisor.forget(server.running)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def own_kafka(supervisor: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    from kfi_stack.credentials import Credentials  # noqa: PLC0415
    from kfi_stack.kafka import Kafka  # noqa: PLC0415
    from kfi_stack.kafka_server import KafkaServer  # noqa: PLC0415
    from kfi_stack.ports import free_ports  # noqa: PLC0415

    admin, controller = (Credentials(name, secrets.token_hex(8)) for name in ("admin", "controller"))
    node = Kafka(tmp_path_factory.mktemp("kafka"), *free_ports(2), admin, controller)
    server = Server(supervisor, node.program)
    server.start()
    yield server, KafkaServer(node.bootstrap, "SASL_PLAINTEXT", admin, {})
    server.running.kill()
    supervisor.forget(server.running)


@dataclass
class Stage:
    """A producing service with its relay and a consuming one, on one database, with a count of what went in."""

    transactions: Transactions[Any]
    relay: Relay
    member: RunningConsumer[Any]
    event: type[Happened]
    assignments: list[int]
    recorded: int = 0

    async def record(self) -> None:
        """One event for each subject, in one transaction.

        A commit the server never answered may have been stored all the same; then the sequence is taken.
        """
        number = self.recorded + 1

        async def use(work: Work) -> None:
            for subject in SUBJECTS:
                work.outbox.add(self.event(subject_id=subject, number=number), sequence=number)

        with contextlib.suppress(IntegrityError):
            await self.transactions.run(use, actor=SYSTEM("test"))
        self.recorded = number

    async def effects(self) -> dict[UUID, list[int]]:
        async with self.transactions.engine.connect() as connection:
            rows = (await connection.execute(text("SELECT subject, number FROM effect ORDER BY place"))).all()
        return {subject: [row.number for row in rows if row.subject == subject] for subject in SUBJECTS}

    async def settled(self) -> bool:
        return all(numbers[-1:] == [self.recorded] for numbers in (await self.effects()).values())

    async def check(self) -> None:
        """Everything recorded had its effect once and in order, and every record is accounted for."""
        await eventually(self.settled, within=30)
        assert await self.effects() == {subject: list(range(1, self.recorded + 1)) for subject in SUBJECTS}
        await eventually(self.member._idle.is_set)
        self.member.accounts.check()
        assert self.member.accounts.total(Outcome.PARKED) == 0
        assert self.member.progressing()
        assert self.relay.progressing()


@pytest.fixture
async def stage(
    own_postgres: tuple[Server, str],
    own_kafka: tuple[Server, Any],
    migrate_chassis: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    from kfi_stack.postgres_server import PostgresServer  # noqa: PLC0415

    monkeypatch.setattr(assignment, "COMMIT_SECONDS", 1.0)
    monkeypatch.setattr(publisher, "ROUND_SECONDS", 2.0)
    url = PostgresServer(own_postgres[1]).fresh_database("chassis", migrate_chassis).runtime_url
    cluster = own_kafka[1]
    event = happened_on(f"outages.{uuid4().hex}")
    cluster.create_topic(event.topic, 4)
    settings = QuickKafkaSettings(
        cluster.bootstrap, cluster.security, cluster.admin.username, cluster.admin.password, instance=uuid4().hex
    )
    transactions = transactions_on(url, Work, statement_seconds=1.0)
    relay = Relay(url, settings, Metrics())
    member = RunningConsumer(_consumer(event), transactions, settings, Metrics(), grace_seconds=3.0)
    assignments: list[int] = []
    assigned = member.on_partitions_assigned

    async def count(partitions: Any) -> None:
        assignments.append(len(partitions))
        await assigned(partitions)

    member.on_partitions_assigned = count  # type: ignore[method-assign]
    stop = asyncio.Event()
    tasks = [asyncio.create_task(relay.run(stop)), asyncio.create_task(member.run(stop))]
    yield Stage(transactions, relay, member, event, assignments)
    stop.set()
    await asyncio.gather(*tasks)
    await transactions.engine.dispose()
    member.accounts.check()


def _consumer(event: type[Happened]) -> Consumer:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Work) -> None:
        statement = "INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:s AS uuid[]), CAST(:n AS int[]))"
        values = {"s": [happened.subject_id for happened in events], "n": [happened.number for happened in events]}
        await work.connection.execute(text(statement), values)

    return consumer


async def under_load(stage: Stage, outage: Callable[[], Any], *, recording: bool) -> None:
    """Record all the time, let the outage happen in the middle, and record on after it."""
    await stage.record()
    await eventually(stage.settled, within=20)
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            try:
                await stage.record()
            except Exception as error:
                if recording or not is_outage(error):
                    raise
            await asyncio.sleep(0.01)

    loading = asyncio.create_task(load())
    await eventually(lambda: stage.recorded > 5)
    await outage()
    after = stage.recorded
    await eventually(lambda: stage.recorded > after + 5, within=20)
    stop.set()
    await loading


async def attempts(stage: Stage, count: int) -> AsyncIterator[Exception]:
    """What a caller of the service is told meanwhile."""
    for _ in range(count):
        try:
            await stage.record()
        except Exception as error:  # noqa: BLE001 - the caller looks at it
            yield error


async def test_postgresql_killed_under_load(stage: Stage, own_postgres: tuple[Server, str]) -> None:
    server, _ = own_postgres

    async def outage() -> None:
        server.kill()
        await eventually(lambda: stage.member.accounts.total(Outcome.HELD) > 0 or not stage.relay.active)
        await asyncio.to_thread(server.start)

    await under_load(stage, outage, recording=False)
    await stage.check()
    assert len(stage.assignments) == 1


async def test_postgresql_frozen_under_load(stage: Stage, own_postgres: tuple[Server, str]) -> None:
    server, _ = own_postgres

    async def outage() -> None:
        server.freeze()
        try:
            refusals = [error async for error in attempts(stage, 2)]
            assert all(is_outage(error) for error in refusals)
        finally:
            server.thaw()

    await under_load(stage, outage, recording=False)
    await stage.check()
    assert len(stage.assignments) == 1


async def test_the_broker_killed_under_load(stage: Stage, own_kafka: tuple[Server, Any]) -> None:
    """Commands go on meanwhile; relay and consumer find back by themselves."""
    server, _ = own_kafka

    async def outage() -> None:
        server.kill()
        before = stage.recorded
        await eventually(lambda: stage.recorded > before + 10)
        await asyncio.to_thread(server.start)

    await under_load(stage, outage, recording=True)
    await stage.check()


async def test_the_broker_frozen_under_load(stage: Stage, own_kafka: tuple[Server, Any]) -> None:
    """Longer than a round of the relay and a commit may take: both give up in time, and nothing is lost by it."""
    server, _ = own_kafka

    async def outage() -> None:
        server.freeze()
        try:
            failures = stage.relay._metrics.outbox_publish_failures_total
            failed = failures.labels("TimeoutError")._value
            before = failed.get()
            await eventually(lambda: failed.get() > before)
        finally:
            server.thaw()

    await under_load(stage, outage, recording=True)
    await stage.check()


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_member_starts_by_itself_when_a_dead_or_frozen_broker_is_back(
    stage: Stage, own_kafka: tuple[Server, Any], monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    server, _ = own_kafka
    monkeypatch.setattr(running_consumer, "_START_SECONDS", 1.0)
    settings = replace(stage.member._settings, instance="late")
    late = RunningConsumer(_consumer(stage.event), stage.transactions, settings, Metrics(), grace_seconds=3.0)
    tried: list[bool] = []
    opened = late._opened

    async def count() -> bool:
        tried.append(await opened())
        return tried[-1]

    late._opened = count  # type: ignore[method-assign]
    (server.freeze if frozen else server.kill)()
    await late.start()
    await eventually(lambda: len(tried) >= 2)
    assert not any(tried)
    assert late.progressing()
    await asyncio.to_thread(server.thaw if frozen else server.start)
    await eventually(lambda: tried[-1], within=20)
    await late.stop()
