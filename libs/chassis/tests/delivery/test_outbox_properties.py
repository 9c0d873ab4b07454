"""The fourteen properties an outbox must have, 1 to 9, by number, on a real PostgreSQL and a real Kafka."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kfi_chassis import publisher, relay, retention
from kfi_chassis.identity import SYSTEM
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.transient import Contention
from kfi_chassis.work import VersionConflict, Work

from .outbox_rows import UNPUBLISHED, numbers_by_subject

pytestmark = pytest.mark.servers


async def test_property_01_rows_carry_all_the_relay_needs_and_a_sequence_is_given_once(
    database: Any, happened: Any, record_events: Any
) -> None:
    subject = uuid4()
    await record_events(happened(subject_id=subject, number=1))
    [row] = await database.rows("SELECT * FROM outbox")
    assert (row.topic, row.key, row.sequence, row.type) == (happened.topic, str(subject), 1, happened.type)
    assert row.headers["ce_id"] == str(row.event_id)
    assert row.headers["ce_sequence"] == "0000000001"
    assert Happened.read(row.payload).number == 1
    assert row.parked_reason is None
    assert await database.scalar("SELECT position FROM outbox_due") == row.position

    async def again(work: Work) -> None:
        work.outbox.add(happened(subject_id=subject, number=2), sequence=1)

    with pytest.raises(IntegrityError):
        await database.transactions.run(again, actor=SYSTEM("test"))


async def test_property_02_events_are_written_in_the_callers_transaction_and_never_committed(
    database: Any, happened: Any
) -> None:
    async def fail_after_flush(work: Work) -> None:
        work.outbox.add(happened(subject_id=uuid4()), sequence=1)
        await work.flush()
        assert (await work.connection.execute(text(UNPUBLISHED))).scalar_one() == 1
        raise LookupError

    with pytest.raises(LookupError):
        await database.transactions.run(fail_after_flush, actor=SYSTEM("test"))
    assert await database.scalar("SELECT count(*) FROM outbox") == 0


async def test_property_03_order_per_key_and_one_active_relay(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any
) -> None:
    event = happened_on(topic(4))
    subjects = [uuid4() for _ in range(9)]
    first, second = relays(), relays()
    await eventually(lambda: first.relay.active or second.relay.active)
    for number in range(40):
        await record_events(*(event(subject_id=subject, number=number) for subject in subjects))
        if number == 20:
            active = first if first.relay.active else second
            active.stop.set()
    records = await records_in(event.topic, 360)
    assert not (first.relay.active and second.relay.active)
    assert numbers_by_subject(records) == {subject: list(range(40)) for subject in subjects}


async def test_property_04_transactions_of_one_aggregate_cannot_overtake_each_other(
    database: Any, topic: Any, relays: Any, records_in: Any
) -> None:
    event = happened_on(topic(2))
    subject = uuid4()
    await database.execute("INSERT INTO aggregate VALUES (:id, 0)", id=subject)
    relays()

    async def save(work: Work) -> None:
        read = text("SELECT version FROM aggregate WHERE id = :id")
        version = (await work.connection.execute(read, {"id": subject})).scalar_one()
        await asyncio.sleep(0)
        update = text("UPDATE aggregate SET version = version + 1 WHERE id = :id AND version = :version")
        if (await work.connection.execute(update, {"id": subject, "version": version})).rowcount == 0:
            raise VersionConflict
        work.outbox.add(event(subject_id=subject, number=version + 1), sequence=version + 1)

    async def insist() -> None:
        saved = 0
        while saved < 5:
            with contextlib.suppress(Contention):
                await database.transactions.run(save, actor=SYSTEM("test"))
                saved += 1

    await asyncio.gather(*(insist() for _ in range(4)))
    records = await records_in(event.topic, 20)
    assert numbers_by_subject(records)[subject] == list(range(1, 21))


async def test_property_05_an_unreachable_broker_is_no_attempt_and_is_tried_for_ever(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, kafka_settings: Any
) -> None:
    event = happened_on(topic(1))
    lost = relays(replace(kafka_settings, kafka_bootstrap="127.0.0.1:9"))
    await record_events(event(subject_id=uuid4(), number=1))
    reasons = ("KafkaConnectionError", "NoBrokersAvailable")
    await eventually(lambda: sum(lost.value("outbox_publish_failures_total", reason=r) for r in reasons) >= 2)
    assert await database.scalar(UNPUBLISHED) == 1
    assert await database.scalar("SELECT parked_reason FROM outbox") is None
    assert lost.relay.progressing()
    await lost.end()
    relays()
    assert len(await records_in(event.topic, 1)) == 1


@pytest.mark.parametrize("neighbours", [0, 30])
async def test_property_06_an_event_the_broker_refuses_is_parked_and_holds_its_key_only(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, neighbours: int
) -> None:
    """The large event goes out in one batch with small ones; only it may be blamed for the batch."""
    event = happened_on(topic(1, **{"max.message.bytes": "20000"}))
    held, free = uuid4(), uuid4()
    noise = "".join(str(uuid4()) for _ in range(2500))
    await record_events(
        *(event(subject_id=uuid4(), number=1) for _ in range(neighbours)),
        event(subject_id=held, number=1),
        event(subject_id=held, number=2, text=noise),
        event(subject_id=held, number=3),
        event(subject_id=free, number=1),
    )
    run = relays()
    await record_events(event(subject_id=free, number=2))
    records = await records_in(event.topic, 3 + neighbours)
    numbers = numbers_by_subject(records)
    assert (numbers[held], numbers[free]) == ([1], [1, 2])
    [parked] = await database.rows("SELECT * FROM outbox WHERE parked_reason IS NOT NULL")
    assert (parked.key, parked.sequence, parked.parked_reason) == (str(held), 2, "too_large")
    await eventually(lambda: run.value("outbox_parked") == 1)


async def test_property_06_a_topic_with_an_impossible_name_is_parked_and_one_not_there_yet_is_waited_for(
    database: Any,
    kafka: Any,
    topic: Any,
    relays: Any,
    record_events: Any,
    records_in: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "_REST_SECONDS", 0.3)
    sound, later = happened_on(topic(1)), happened_on(f"chassis.later.{uuid4().hex}")
    await record_events(happened_on("no topic!")(subject_id=uuid4()), later(subject_id=uuid4()))
    relays()
    await record_events(sound(subject_id=uuid4()))
    await records_in(sound.topic, 1)
    assert await database.scalar("SELECT parked_reason FROM outbox WHERE topic = 'no topic!'") == "invalid_topic"
    assert await database.scalar("SELECT parked_reason FROM outbox WHERE topic = :topic", topic=later.topic) is None
    kafka.create_topic(later.topic, 1)
    await eventually(lambda: database.scalar("SELECT count(*) = 1 FROM outbox_due"), within=15)
    kafka.delete_topic(later.topic)


async def test_property_07_a_commit_wakes_the_relay_and_a_poll_finds_what_no_one_announced(
    database: Any, topic: Any, relays: Any, record_events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = happened_on(topic(1))
    monkeypatch.setattr(relay, "_POLL_SECONDS", 60.0)
    run = relays()
    await record_events(event(subject_id=uuid4()))
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 1)
    await record_events(event(subject_id=uuid4()))
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 2, within=2)
    await run.end()

    monkeypatch.setattr(relay, "_POLL_SECONDS", 0.2)
    run = relays()
    await eventually(lambda: run.relay.active)
    unannounced = """
        WITH added AS (
            INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload)
            SELECT gen_random_uuid(), topic, 'other', 1, type, headers, payload FROM outbox LIMIT 1
            RETURNING position
        ) INSERT INTO outbox_due SELECT position FROM added
    """
    await database.execute(unannounced)
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 1, within=3)


async def test_property_07_many_events_of_one_transaction_notify_once(
    database: Any, happened: Any, record_events: Any
) -> None:
    heard: list[str] = []
    async with database.transactions.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await driver.add_listener("outbox", lambda *_: heard.append("woken"))
        await record_events(*(happened(subject_id=uuid4()) for _ in range(20)))
        await connection.execute(text("SELECT 1"))
        await driver.reset()
    assert heard == ["woken"]


async def test_property_08_an_event_is_due_until_the_ack_and_old_rows_go_in_batches(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = happened_on(topic(1))
    relays()
    await record_events(*(event(subject_id=uuid4()) for _ in range(7)))
    await records_in(event.topic, 7)
    await eventually(lambda: database.scalar(f"SELECT ({UNPUBLISHED}) = 0"))
    assert await retention.purge(database.transactions) == 0
    monkeypatch.setattr(retention, "_BATCH", 3)
    age = retention.PUBLISHED_KEPT + timedelta(days=1)
    await database.execute("UPDATE outbox SET occurred_at = occurred_at - CAST(:age AS interval)", age=age)
    await record_events(event(subject_id=uuid4()))
    await eventually(lambda: database.scalar(f"SELECT ({UNPUBLISHED}) = 0"))
    assert [await retention.purge(database.transactions) for _ in range(4)] == [3, 3, 1, 0]
    assert await database.scalar("SELECT count(*) FROM outbox") == 1


async def test_property_08_rows_of_sealed_topics_go_with_the_ack(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any
) -> None:
    event = happened_on(topic(1))
    relays(delete_after_ack=[event.topic])
    await record_events(event(subject_id=uuid4()))
    await records_in(event.topic, 1)
    await eventually(lambda: database.scalar("SELECT count(*) = 0 FROM outbox"))


async def test_property_09_the_outbox_is_measured(
    database: Any, topic: Any, relays: Any, record_events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_MEASURE_SECONDS", 0.0)
    event, stuck = happened_on(topic(1)), happened_on(f"chassis.missing.{uuid4().hex}")
    run = relays()
    await record_events(event(subject_id=uuid4()), event(subject_id=uuid4()), stuck(subject_id=uuid4()))
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 2)
    await eventually(lambda: run.value("outbox_pending") == 1 and run.value("outbox_oldest_age_seconds") > 0)
    assert run.value("outbox_insert_to_publish_seconds_count") >= 1
    assert run.value("outbox_relay_active") == 1
    assert run.value("outbox_parked") == 0
