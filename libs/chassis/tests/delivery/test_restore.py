"""A database that was set back: what it does not know of Kafka is found, and mended once, whatever comes between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kfi_chassis.broker import Record
from kfi_chassis.consumer import Consumer
from kfi_chassis.deliveries import Readable, Skipped, Unreadable, read
from kfi_chassis.metrics import Metrics
from kfi_chassis.restore import history as history_module
from kfi_chassis.restore.applying import Applying, Done
from kfi_chassis.restore.declaration import Left, Past, Recovery
from kfi_chassis.restore.history import History, OwnEvent
from kfi_chassis.restore.plan import Plan, make_plan
from kfi_chassis.testkit.delivery import record_of
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.work import Work
from kfi_contracts.cloudevents import CloudEvent

PUBLISHED = "position NOT IN (SELECT position FROM outbox_due)"

pytestmark = pytest.mark.servers
Own, Foreign = happened_on("own.v1", kind="own"), happened_on("foreign.v1", kind="foreign")


@dataclass
class Kafka:
    """What lies on Kafka, without one."""

    published: list[OwnEvent] = field(default_factory=list)
    consumed: list[Record] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def publish(self, event: Happened, *, sequence: int, caused_by: Record | None = None) -> OwnEvent:
        cause = None if caused_by is None else str(CloudEvent.from_kafka(caused_by.headers, caused_by.value).id)
        envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=sequence, causationid=cause)
        key, value, headers = envelope.to_kafka()
        record = record_of(event, sequence=sequence)
        own = OwnEvent(
            Record(**{**vars_of(record), "key": key, "value": value, "headers": tuple(headers)}), envelope, event
        )
        self.published.append(own)
        return own

    def consume(self, event: Happened, *, sequence: int = 1) -> Record:
        self.consumed.append(record_of(event, sequence=sequence))
        return self.consumed[-1]

    async def own_since(self, _: datetime) -> list[OwnEvent]:
        return self.published

    async def forgotten(self, consumer: Consumer, _: datetime, known: Any) -> list[Readable | Unreadable]:
        deliveries = [one for one in (read(each, consumer) for each in self.consumed) if not isinstance(one, Skipped)]
        there = await known([each.id for each in deliveries])
        return [each for each in deliveries if each.id not in there]


def vars_of(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


@dataclass
class Restored:
    """A service whose database was set back."""

    database: Any
    service: Any
    kafka: Kafka = field(default_factory=Kafka)

    async def plan(self) -> Plan:
        history: Any = self.kafka
        return await make_plan(self.service, self.database.transactions.engine, history, datetime.now(UTC))

    async def apply(self) -> list[tuple[str, str]]:
        process: Any = SimpleNamespace(service=self.service, transactions=self.database.transactions, metrics=Metrics())
        done: Sequence[Done] = await Applying(process, await self.plan(), operator="test").run()
        return [(one.word, one.reason) for one in done]

    async def places(self) -> list[tuple[str, int, bool]]:
        query = f"SELECT key, sequence, {PUBLISHED} AS published FROM outbox ORDER BY key, sequence"  # noqa: S608 - our own
        return [(row.key, row.sequence, row.published) for row in await self.database.rows(query)]

    async def reasons(self) -> list[str]:
        return [row.reason for row in await self.database.rows("SELECT reason FROM dead_letter ORDER BY number")]


@pytest.fixture
def restored(database: Any, consumer: Consumer) -> Restored:
    recovery = Recovery()

    @recovery.on(Own)
    async def follow(event: Happened, past: Past, work: Any) -> Left | None:
        numbers = (await work.connection.execute(text("SELECT coalesce(max(number), 0) FROM effect"))).scalar_one()
        if event.number > numbers + 1:
            raise LookupError("something comes first")
        await work.note(event)
        return Left("look") if event.text == "look" else None

    @consumer.on(Foreign)
    async def answer(event: Happened, work: Work) -> None:
        work.outbox.add(Own(subject_id=event.subject_id, number=event.number), sequence=event.number)

    return Restored(database, SimpleNamespace(name="testkit", consumer=consumer, recovery=recovery))


async def test_what_was_published_is_rebuilt_in_its_order_and_done_once(restored: Restored) -> None:
    subject = uuid4()
    for number in (1, 2, 3):
        restored.kafka.publish(Own(subject_id=subject, number=number), sequence=number)
    assert len((await restored.plan()).to_rebuild) == 3
    assert await restored.database.effects() == []
    assert await restored.apply() == [("rebuilt", "")] * 3
    assert await restored.apply() == []
    assert await restored.database.effects() == [1, 2, 3]
    assert await restored.places() == [(str(subject), number, True) for number in (1, 2, 3)]
    assert await restored.database.scalar("SELECT count(*) FROM audit WHERE aggregate = 'restore'") == 1


async def test_what_is_refused_waits_for_what_comes_first_and_lies_on_the_desk_in_the_end(restored: Restored) -> None:
    for number in (3, 1, 2, 9):
        restored.kafka.publish(Own(subject_id=uuid4(), number=number), sequence=1)
    assert sorted(await restored.apply()) == [("for a person", "not_rebuilt")] + [("rebuilt", "")] * 3
    assert await restored.database.effects() == [1, 2, 3]
    assert await restored.reasons() == ["restore:not_rebuilt"]
    assert await restored.apply() == []


async def test_what_a_person_has_to_add_keeps_its_place_and_lies_on_the_desk(restored: Restored) -> None:
    own = restored.kafka.publish(Own(subject_id=uuid4(), number=1, text="look"), sequence=1)
    assert await restored.apply() == [("for a person", "look")]
    assert await restored.places() == [(own.envelope.subject, 1, True)]
    assert await restored.reasons() == ["restore:look"]
    assert await restored.apply() == []


async def test_an_event_that_is_on_kafka_is_not_published_again(restored: Restored, record_events: Any) -> None:
    subject = uuid4()
    await record_events(Own(subject_id=subject, number=1))
    ((event_id,),) = await restored.database.rows("SELECT event_id FROM outbox")
    own = restored.kafka.publish(Own(subject_id=subject, number=1), sequence=1)
    envelope = own.envelope.model_copy(update={"id": event_id})
    restored.kafka.published = [OwnEvent(own.record, envelope, own.event)]
    assert await restored.apply() == [("marked", "")]
    assert await restored.places() == [(str(subject), 1, True)]
    assert await restored.apply() == []


async def test_a_header_that_is_no_text_keeps_no_event_from_its_place(restored: Restored) -> None:
    own = restored.kafka.publish(Own(subject_id=uuid4(), number=1), sequence=1)
    headers = (*own.record.headers, ("added-on-the-way", b"\xff"))
    restored.kafka.published[0] = replace(own, record=replace(own.record, headers=headers))
    assert await restored.apply() == [("rebuilt", "")]
    assert [published for _, _, published in await restored.places()] == [True]


async def test_a_number_given_again_is_told_and_nothing_is_overwritten(restored: Restored, record_events: Any) -> None:
    subject = uuid4()
    await record_events(Own(subject_id=subject, number=7))
    restored.kafka.publish(Own(subject_id=subject, number=1), sequence=1)
    assert await restored.apply() == [("for a person", "sequence_issued_twice")]
    assert await restored.places() == [(str(subject), 1, False)]
    assert await restored.database.effects() == []
    assert await restored.apply() == []


async def test_a_forgotten_record_has_its_effect_again_and_no_event_of_it_goes_out_twice(restored: Restored) -> None:
    subject = uuid4()
    record = restored.kafka.consume(Foreign(subject_id=subject, number=1))
    own = restored.kafka.publish(Own(subject_id=subject, number=1), sequence=1, caused_by=record)
    assert sorted(await restored.apply()) == [("handed over", ""), ("rebuilt", "")]
    ((event_id,),) = await restored.database.rows(f"SELECT event_id FROM outbox WHERE {PUBLISHED}")  # noqa: S608 - our own
    assert event_id == own.envelope.id
    assert await restored.apply() == []


@pytest.mark.parametrize(("number", "sequence"), [(1, 1), (2, 2)], ids=["another content", "another place"])
async def test_a_record_that_would_contradict_what_was_published_is_parked(
    restored: Restored, number: int, sequence: int
) -> None:
    subject = uuid4()
    record = restored.kafka.consume(Foreign(subject_id=subject, number=1))
    restored.kafka.publish(Own(subject_id=subject, number=number, text="other"), sequence=sequence, caused_by=record)
    done = await restored.apply()
    assert ("for a person", "unexpected:ContradictsPublished") in done
    assert [published for _, _, published in await restored.places()] == [True]


async def test_an_outage_in_the_middle_is_gone_on_from(restored: Restored, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3):
        restored.kafka.publish(Own(subject_id=uuid4(), number=number), sequence=1)
    follow = restored.service.recovery.rebuilder(Own.type)

    async def breaks(event: Happened, past: Past, work: Any) -> None:
        if event.number == 2:
            raise ConnectionError
        await follow(event, past, work)

    restored.service.recovery.on(Own)(breaks)
    with pytest.raises(ConnectionError):
        await restored.apply()
    restored.service.recovery.on(Own)(follow)
    await restored.apply()
    assert await restored.database.effects() == [1, 2, 3]


async def test_forgotten_records_are_found_behind_ones_that_are_known(
    database: Any, consumer: Consumer, topic: Callable[..., str], publish: Any, members: Any,
    kafka_settings: QuickKafkaSettings, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Somebody started the service before the command: newer records are known again, older ones are not."""
    monkeypatch.setattr(history_module, "_CHUNK", 7)
    event = happened_on(topic(1))

    @consumer.on(event)
    async def nothing(event: Happened, work: Work) -> None: ...

    records = [record_of(event(subject_id=uuid4(), number=number)) for number in range(40)]
    await publish(*records)
    member = await members(consumer)
    await until_dealt_with(database, consumer, 40)
    await member.stop()
    ids: list[UUID] = [CloudEvent.from_kafka(one.headers, one.value).id for one in records]
    lost = ids[10:30]
    await database.execute("DELETE FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))", ids=lost)

    async def known(asked: Sequence[UUID]) -> set[UUID]:
        return set(asked) - set(lost)

    async with History.opened(kafka_settings, "testkit", consumer.group) as history:
        found = await history.forgotten(consumer, datetime.now(UTC) - timedelta(days=1), known)
    assert [each.id for each in found] == lost


async def until_dealt_with(database: Any, consumer: Consumer, count: int) -> None:
    async def all_noted() -> bool:
        query = "SELECT count(*) FROM inbox WHERE consumer = :consumer"
        return bool(await database.scalar(query, consumer=consumer.group) == count)

    await eventually(all_noted, within=20)
