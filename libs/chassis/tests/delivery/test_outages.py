"""PostgreSQL and Kafka killed and frozen under load: nothing lost, nothing twice, nothing parked, nothing rebalanced.

The servers here are this module's own; they are stopped as a crash or a stalled disk would stop them.
"""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis import assignment, publisher, running_consumer
from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import RunningConsumer
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Work

from .stage import Server, Stage, attempts, consumer_of, under_load

pytestmark = pytest.mark.servers


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
    member = RunningConsumer(consumer_of(event), transactions, settings, Metrics(), grace_seconds=3.0)
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
    late = RunningConsumer(consumer_of(stage.event), stage.transactions, settings, Metrics(), grace_seconds=3.0)
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
