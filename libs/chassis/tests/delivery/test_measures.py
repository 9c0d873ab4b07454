"""What the gauges say is so: deadlines missed, a service's own measures, records lost sight of, a batch that hangs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from prometheus_client import Gauge

from kfi_chassis.accounts import Accounts, Outcome
from kfi_chassis.assignment import Assignment
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.work import Transactions, Work
from kfi_chassis.worker import RunningWorker, Worker

TODAY = date(2026, 3, 9)
OFTEN = timedelta(seconds=0.02)


@dataclass
class Settings:
    database_url: str


class OwnMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self.rooms = Gauge("rooms", "Rooms", registry=self.registry)


@pytest.fixture
async def run(database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[Worker], OwnMetrics]]:
    """Runs a worker until the test ends, and gives its metrics."""
    monkeypatch.setattr("kfi_chassis.worker._MEASURE", OFTEN)
    database.calendar.day = TODAY
    stop, tasks = asyncio.Event(), []

    def begin(worker: Worker) -> OwnMetrics:
        metrics = OwnMetrics()
        running = RunningWorker(worker, database.transactions, Settings(database.url), metrics)
        tasks.append(asyncio.create_task(running.run(stop)))
        return metrics

    yield begin
    stop.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks)


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.servers
async def test_a_deadline_is_missed_from_the_day_after_its_day_until_it_is_closed(database: Any, run: Any) -> None:
    subject = uuid4()

    async def schedule(work: Work) -> None:
        work.deadlines.schedule("unheard", subject, TODAY)
        work.deadlines.schedule("unheard", uuid4(), TODAY + timedelta(days=2))

    async def cancel(work: Work) -> None:
        work.deadlines.cancel("unheard", subject)

    await database.transactions.run(schedule, actor=SYSTEM("test"))
    metrics = run(Worker())
    await eventually(lambda: sample(metrics, "worker_last_step_timestamp_seconds", worker="measure deadlines"))
    assert sample(metrics, "deadline_missed", kind="unheard") is None
    database.calendar.day = TODAY + timedelta(days=2)
    await eventually(lambda: sample(metrics, "deadline_missed", kind="unheard") == 1)
    assert sample(metrics, "deadline_oldest_missed_days", kind="unheard") == 2
    await database.transactions.run(cancel, actor=SYSTEM("test"))
    await eventually(lambda: sample(metrics, "deadline_missed", kind="unheard") is None)


@pytest.mark.servers
async def test_a_service_sets_gauges_of_its_own(database: Any, run: Any) -> None:
    worker = Worker()

    @worker.measure("rooms", every=OFTEN)
    async def rooms(_transactions: Transactions[Work], metrics: OwnMetrics) -> None:
        metrics.rooms.inc()

    metrics = run(worker)
    await eventually(lambda: (sample(metrics, "rooms") or 0) > 2)
    assert b"\nrooms " in metrics.exposition()[0]


@pytest.mark.servers
async def test_the_audit_is_verified_by_every_worker(database: Any, run: Any) -> None:
    metrics = run(Worker())
    await eventually(lambda: sample(metrics, "audit_last_round_timestamp_seconds"))


def consumer_of(handle: Callable[[Any], Any]) -> tuple[RunningConsumer[Work], Metrics]:
    metrics = Metrics()
    settings = QuickKafkaSettings(kafka_bootstrap="nowhere:1")
    running: RunningConsumer[Work] = RunningConsumer(
        Consumer(group="test"), SimpleNamespace(engine=None), settings, metrics  # type: ignore[arg-type]
    )  # fmt: skip
    running._guard = SimpleNamespace(handle=handle)  # type: ignore[assignment]
    return running, metrics


def record(offset: int) -> Any:
    return SimpleNamespace(topic="t", partition=0, offset=offset)


def unaccounted(metrics: Metrics) -> float | None:
    return sample(metrics, "consumer_unaccounted_records", consumer="test", topic="t", partition="0")


async def test_what_is_dealt_with_is_accounted_for() -> None:
    async def handle(records: list[Any]) -> list[Outcome]:
        return [Outcome.HANDLED for _ in records]

    consumer, metrics = consumer_of(handle)
    await consumer.take([record(0), record(1)])
    await consumer.take([record(2)])
    assert unaccounted(metrics) == 0


async def test_offsets_that_are_passed_over_are_unaccounted() -> None:
    async def handle(records: list[Any]) -> list[Outcome]:
        return [Outcome.HANDLED for _ in records]

    consumer, metrics = consumer_of(handle)
    await consumer.take([record(0)])
    await consumer.take([record(3)])
    assert unaccounted(metrics) == 2


async def test_a_record_without_an_outcome_is_unaccounted() -> None:
    async def forget(records: list[Any]) -> list[Outcome]:
        return [Outcome.HANDLED for _ in records[:-1]]

    consumer, metrics = consumer_of(forget)
    with suppress(ValueError):
        await consumer.take([record(0), record(1)])
    assert unaccounted(metrics) == 1


def test_a_record_counted_twice_is_unaccounted_too() -> None:
    accounts = Accounts()
    accounts.polled([record(0)])
    accounts.settle([record(0)], [Outcome.HANDLED])
    accounts.count(record(0), Outcome.HANDLED)
    assert accounts[TopicPartition("t", 0)].unaccounted() == 1


async def test_a_consumer_whose_batch_hangs_is_not_seen_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def hang(records: list[Any]) -> list[Outcome]:
        inside.set()
        await go_on.wait()
        return [Outcome.HANDLED for _ in records]

    async def measured() -> None:
        return

    consumer, metrics = consumer_of(hang)
    monkeypatch.setattr(consumer, "_polling", lambda: True)
    monkeypatch.setattr(consumer, "_measure_dead_letters", measured)
    taking = asyncio.create_task(consumer.take([record(0)]))
    await inside.wait()
    await consumer._look_after()
    assert not sample(metrics, "consumer_last_poll_timestamp_seconds", consumer="test")
    go_on.set()
    await taking
    assert time.time() - (sample(metrics, "consumer_last_poll_timestamp_seconds", consumer="test") or 0) < 5


@pytest.mark.parametrize(
    ("answers", "expected"), [({0: 41_000, 1: 42_000}, 42.0), ({0: None, 1: None}, None), ({}, None)]
)
def test_a_broker_is_heard_when_it_last_answered_for_any_partition(
    answers: dict[int, int | None], expected: float | None
) -> None:
    partitions = [TopicPartition("t", number) for number in (0, 1)]
    kafka = SimpleNamespace(
        assignment=lambda: {each for each in partitions if each.partition in answers},
        last_poll_timestamp=lambda each: answers[each.partition],
    )
    assignment = Assignment(kafka, partitions, accounts=Accounts())
    assert assignment.last_heard() == expected
    assignment.end()
    assert assignment.last_heard() is None


@pytest.mark.parametrize(("partitions", "seen"), [((), True), ((TopicPartition("t", 0),), False)])
async def test_a_consumer_the_broker_does_not_answer_is_not_seen_alive_unless_it_has_nothing_to_ask_for(
    partitions: tuple[TopicPartition, ...], monkeypatch: pytest.MonkeyPatch, *, seen: bool
) -> None:
    async def measured() -> None:
        return

    consumer, metrics = consumer_of(lambda records: records)
    monkeypatch.setattr(consumer, "_polling", lambda: True)
    monkeypatch.setattr(consumer, "_measure_dead_letters", measured)
    consumer._assignment = Assignment(None, partitions, accounts=Accounts())
    await consumer._look_after()
    assert bool(sample(metrics, "consumer_last_poll_timestamp_seconds", consumer="test")) is seen


async def test_every_counter_of_a_partition_is_there_before_it_counts() -> None:
    consumer, metrics = consumer_of(lambda records: records)
    await consumer.on_partitions_assigned([TopicPartition("t", 0)])
    place = {"consumer": "test", "topic": "t", "partition": "0"}
    assert sample(metrics, "consumer_polled_total", **place) == 0
    assert [sample(metrics, "consumer_records_total", **place, outcome=each.value) for each in Outcome] == [0] * 5


@pytest.mark.servers
async def test_every_step_is_there_before_it_fails(run: Any) -> None:
    metrics = run(Worker())
    await eventually(lambda: sample(metrics, "worker_failures_total", worker="purge") == 0)
