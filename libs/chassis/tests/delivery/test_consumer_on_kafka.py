"""The consumer on a real Kafka: what the broker and the group do to it costs no event and doubles none."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.testkit.delivery import raw_record, record_of, records_of
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually

pytestmark = pytest.mark.servers


def consumer_of(event: type[Happened], group: str | None = None) -> Consumer:
    """Notes events in sets; negative numbers break a rule."""
    consumer = Consumer(group or f"group-{uuid4().hex[:8]}")

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Any) -> None:
        if any(happened.number < 0 for happened in events):
            raise Unprocessable("negative_number")
        await work.note(*events)

    return consumer


async def committed(kafka: Any, group: str, topic: str, partitions: int) -> list[int]:
    """The group's offsets at the broker."""
    client = AIOKafkaConsumer(group_id=group, enable_auto_commit=False, **kafka.client_settings())
    client.assign([TopicPartition(topic, number) for number in range(partitions)])
    await client.start()
    try:
        return [await client.committed(TopicPartition(topic, number)) or 0 for number in range(partitions)]
    finally:
        await client.stop()


def events_for(event: type[Happened], subjects: int, each: int) -> list[Any]:
    names = [uuid4() for _ in range(subjects)]
    return records_of([event(subject_id=name, number=number) for number in range(each) for name in names])


async def test_events_published_before_the_first_member_came_are_taken(
    database: Any, kafka: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(2))
    await publish(*events_for(event, 4, 5))
    consumer = consumer_of(event)
    member = await members(consumer)
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 20)
    await member.stop()
    assert sum(await committed(kafka, consumer.group, event.topic, 2)) == 20


async def test_tombstones_and_broken_headers_cost_only_themselves(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(1))
    good = events_for(event, 1, 6)
    bad = [
        raw_record(event.topic, key=b"k", value=None),
        raw_record(event.topic, key=b"k", value=b"{}", headers=[("ce_id", None)]),
        raw_record(event.topic, key=b"k", value=b"{}", headers=[("content-type", b"\xff\xfe")]),
        raw_record(event.topic, key=None, value=b"{}", headers=[("ce_type", b"\xff")]),
    ]
    await publish(*good[:3], *bad, *good[3:])
    member = await members(consumer_of(event))
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 6)
    assert member.accounts.total(Outcome.PARKED) == 4
    assert await database.effects() == list(range(6))


async def test_a_copy_that_stands_in_the_topic_twice_is_handled_once(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(2))
    records = events_for(event, 5, 4)
    await publish(*records, *records)
    member = await members(consumer_of(event))
    await eventually(lambda: member.accounts.total(Outcome.DUPLICATE) == 20)
    assert member.accounts.total(Outcome.HANDLED) == 20
    assert len(await database.effects()) == 20


async def test_parked_records_are_passed_and_the_offset_moves_on(
    database: Any, kafka: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(1))
    subject = uuid4()
    await publish(*records_of([event(subject_id=subject, number=number) for number in (1, -1, 2)]))
    consumer = consumer_of(event)
    member = await members(consumer)
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 2)
    await member.stop()
    assert await committed(kafka, consumer.group, event.topic, 1) == [3]


async def test_a_held_record_is_never_passed_by_the_offset_and_comes_again(
    database: Any, kafka: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(1))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    outage = True

    @consumer.on(event)
    async def note(happened: Happened, work: Any) -> None:
        if outage and happened.number == 3:
            raise ConnectionResetError
        await work.note(happened)

    subject = uuid4()
    await publish(*records_of([event(subject_id=subject, number=number) for number in range(6)]))
    member = await members(consumer, consumer_batch=2)
    await eventually(lambda: member.accounts.total(Outcome.HELD) >= 3)
    assert await committed(kafka, consumer.group, event.topic, 1) <= [3]
    outage = False
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 6)
    assert await database.effects() == list(range(6))


async def test_a_partition_that_waits_holds_up_no_other(database: Any, topic: Any, members: Any, publish: Any) -> None:
    event = happened_on(topic(2))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    waiting = True

    @consumer.on(event)
    async def note(happened: Happened, work: Any) -> None:
        if waiting and happened.number == 13:
            raise ConnectionResetError
        await work.note(happened)

    await publish(record_of(event(subject_id=uuid4(), number=13)), partition=0)
    member = await members(consumer)
    await eventually(lambda: member.accounts.total(Outcome.HELD) >= 2)
    await publish(*(record_of(event(subject_id=uuid4(), number=number)) for number in range(5)), partition=1)
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 5)
    waiting = False
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 6)


async def test_a_batch_in_flight_ends_before_its_partitions_move_and_nothing_is_handled_twice(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    """A second member joins while the first one is inside a handler; the first is waited for, then partitions move."""
    event = happened_on(topic(4))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    inside, go_on = asyncio.Event(), asyncio.Event()

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Any) -> None:
        inside.set()
        await go_on.wait()
        await work.note(*events)

    await publish(*events_for(event, 12, 5))
    first = await members(consumer, consumer_batch=10)
    await inside.wait()
    give_up, asked = first.on_partitions_revoked, asyncio.Event()

    async def asked_to_give_up(revoked: Any) -> None:
        asked.set()
        await give_up(revoked)

    first.on_partitions_revoked = asked_to_give_up
    second = await members(consumer, instance="second", consumer_batch=10)
    await asked.wait()
    go_on.set()
    both = (first, second)
    await eventually(lambda: sum(m.accounts.total(Outcome.HANDLED) for m in both) == 60, within=20)
    await eventually(lambda: all(len(m._assignment.partitions) == 2 for m in both), within=20)
    assert sum(m.accounts.total(Outcome.DUPLICATE) for m in both) == 0
    assert len(await database.effects()) == 60


async def test_what_was_paused_is_not_paused_after_it_moved_and_its_timer_is_dropped(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(2))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    outage = True

    @consumer.on(event)
    async def note(happened: Happened, work: Any) -> None:
        if outage:
            raise ConnectionResetError
        await work.note(happened)

    for partition in (0, 1):
        await publish(record_of(event(subject_id=uuid4(), number=partition)), partition=partition)
    first = await members(consumer)
    await eventually(lambda: len(first._assignment.paused) == 2)
    before = first._assignment
    second = await members(consumer, instance="second")
    await eventually(lambda: len(second._assignment.partitions) == 1, within=20)
    assert not before.paused
    outage = False
    await eventually(lambda: database.scalar("SELECT count(*) = 2 FROM effect"), within=20)
    await eventually(lambda: not first._assignment.paused and not second._assignment.paused)


async def test_a_rolling_restart_of_static_members_delivers_nothing_twice(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(4))
    consumer = consumer_of(event)
    first, second = await members(consumer, instance="one"), await members(consumer, instance="two")
    await eventually(lambda: all(len(m._assignment.partitions) == 2 for m in (first, second)), within=20)
    everybody = [first, second]
    for instance, leaving in (("one", first), ("two", second)):
        await publish(*events_for(event, 20, 5))
        await leaving.stop()
        everybody.append(await members(consumer, instance=instance))
        await eventually(lambda: len(everybody[-1]._assignment.partitions) == 2, within=20)
    await publish(*events_for(event, 20, 5))
    await eventually(lambda: sum(m.accounts.total(Outcome.HANDLED) for m in everybody) == 300, within=20)
    assert sum(m.accounts.total(Outcome.DUPLICATE) for m in everybody) == 0


async def test_a_consume_task_that_ended_turns_liveness_red(topic: Any, members: Any) -> None:
    member = await members(consumer_of(happened_on(topic(1))))
    await eventually(lambda: member._open)
    assert member.progressing()
    for task in member._subscriber.tasks:
        task.cancel()
    await eventually(lambda: not member.progressing())


async def test_a_consume_loop_that_crashes_again_and_again_turns_liveness_red(topic: Any, members: Any) -> None:
    member = await members(consumer_of(happened_on(topic(1))))
    await eventually(lambda: member._open)

    async def crash(**_: Any) -> None:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name")

    member._subscriber.consumer.getmany = crash
    await eventually(lambda: not member.progressing())


async def test_a_batch_that_takes_too_long_turns_liveness_red(topic: Any, members: Any, publish: Any) -> None:
    event = happened_on(topic(1))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    go_on = asyncio.Event()

    @consumer.on(event)
    async def dawdle(happened: Happened, work: Any) -> None:
        await go_on.wait()

    await publish(*events_for(event, 1, 1))
    member = await members(consumer, consumer_max_poll_interval_ms=300)
    await eventually(lambda: not member.progressing())
    go_on.set()
    await eventually(member.progressing)


async def test_a_handler_that_leaks_a_cancellation_does_not_end_the_consumer(
    database: Any, topic: Any, members: Any, publish: Any
) -> None:
    event = happened_on(topic(1))
    consumer = Consumer(f"group-{uuid4().hex[:8]}")
    leaks = 2

    @consumer.on(event)
    async def leak(happened: Happened, work: Any) -> None:
        nonlocal leaks
        if leaks:
            leaks -= 1
            raise asyncio.CancelledError
        await work.note(happened)

    await publish(*events_for(event, 1, 3))
    member = await members(consumer)
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == 3)
    assert member.progressing()


async def test_the_metrics_say_the_same_as_the_accounts(database: Any, topic: Any, members: Any, publish: Any) -> None:
    event = happened_on(topic(1))
    consumer = consumer_of(event)
    records = events_for(event, 1, 4)
    other = record_of(happened_on(event.topic, kind="unknown")(subject_id=uuid4()))
    await publish(*records, records[0], other)
    member = await members(consumer)
    await eventually(lambda: member.accounts.total(Outcome.SKIPPED) == 1)
    labels = {"consumer": consumer.group, "topic": event.topic, "partition": "0"}
    registry = member._metrics.registry
    assert registry.get_sample_value("consumer_polled_total", labels) == 6
    for outcome, count in (("handled", 4), ("duplicate", 1), ("skipped", 1)):
        assert registry.get_sample_value("consumer_records_total", {**labels, "outcome": outcome}) == count
    await eventually(lambda: registry.get_sample_value("consumer_lag", labels) == 0)
    assert (await member.details())["partitions"][f"{event.topic}/0"]["handled"] == 4
