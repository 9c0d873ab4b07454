"""Records that were deleted before anybody read them are told, by whoever comes next, however long nobody was there."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.deletion import delete_before
from kfi_chassis.testkit.delivery import records_of
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually

pytestmark = pytest.mark.servers
Run = Callable[[], Awaitable[RunningConsumer[Any]]]


@pytest.fixture
def event(topic: Any) -> type[Happened]:
    return happened_on(topic(1))


@pytest.fixture
def send(event: type[Happened], publish: Any) -> Callable[[int], Awaitable[None]]:
    subject = uuid4()

    async def send(count: int) -> None:
        await publish(*records_of([event(subject_id=subject, number=number) for number in range(count)]))

    return send


@pytest.fixture
def run(event: type[Happened], database: Any, kafka_settings: Any) -> Run:
    """Starts a member of one and the same group; the test stops it, and looks at its accounts."""
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on(event)
    async def note(happened: Happened, work: Any) -> None:
        await work.note(happened)

    async def start() -> RunningConsumer[Any]:
        member = RunningConsumer(consumer, database.transactions, kafka_settings, Metrics(), grace_seconds=5.0)
        await member.start()
        return member

    return start


async def dealt_with(member: RunningConsumer[Any], count: int) -> None:
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == count, within=20)
    await member.stop()


async def missed_by_the_next(run: Run, topic: str, *, reads: int) -> float | None:
    """How many records the next member of the group misses, once it has read so many."""
    member = await run()
    await dealt_with(member, reads)
    labels = {"consumer": member._consumer.group, "topic": topic, "partition": "0"}
    return member._metrics.registry.get_sample_value("consumer_unaccounted_records", labels)


async def test_records_deleted_while_no_consumer_ran_are_told(event: Any, send: Any, run: Run, kafka: Any) -> None:
    await send(3)
    await dealt_with(await run(), 3)
    await send(4)
    await delete_before(5, TopicPartition(event.topic, 0), kafka.client_settings())
    assert await missed_by_the_next(run, event.topic, reads=2) == 2


async def test_what_retention_takes_after_it_was_read_is_not_missed(
    event: Any, send: Any, run: Run, kafka: Any
) -> None:
    await send(3)
    await dealt_with(await run(), 3)
    await delete_before(3, TopicPartition(event.topic, 0), kafka.client_settings())
    await send(2)
    assert await missed_by_the_next(run, event.topic, reads=2) == 0


async def test_a_group_that_begins_late_misses_nothing_from_before_its_time(
    event: Any, send: Any, run: Run, kafka: Any
) -> None:
    await send(3)
    await delete_before(2, TopicPartition(event.topic, 0), kafka.client_settings())
    assert await missed_by_the_next(run, event.topic, reads=1) == 0
