"""The same scenario with a protection taken out must break; else the tests of that protection prove nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_chassis import broker, inbox
from kfi_chassis.accounts import AccountsDoNotBalanceError, Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import raw_record, records_of
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually

pytestmark = pytest.mark.servers

Scenario = Callable[[], Awaitable[RunningConsumer[Any]]]


@pytest.fixture
def scenario(database: Any, topic: Any, publish: Any, kafka_settings: Any) -> Scenario:
    """Ten events stand in the topic twice, a record with a broken header between them; small batches."""

    async def play() -> RunningConsumer[Any]:
        event = happened_on(topic(1))
        consumer = Consumer(f"group-{uuid4().hex[:8]}")

        @consumer.on_batch(event)
        async def note(events: Sequence[Happened], work: Any) -> None:
            await work.note(*events)

        subject = uuid4()
        records = records_of([event(subject_id=subject, number=number) for number in range(10)])
        broken = raw_record(event.topic, key=b"k", value=b"{}", headers=[("ce_id", b"\xff")])
        last = records_of([event(subject_id=uuid4(), number=99)])
        await publish(*records, broken, *records, *last)
        settings = replace(kafka_settings, consumer_batch=4)
        member = RunningConsumer(consumer, database.transactions, settings, Metrics(), grace_seconds=3.0)
        await member.start()
        await eventually(lambda: _has_99(database))
        await member.stop()
        return member

    return play


async def _has_99(database: Any) -> bool:
    return 99 in await database.effects()


def expect_all_is_well(member: RunningConsumer[Any], effects: list[int]) -> None:
    member.accounts.check()
    assert effects == [*range(10), 99]
    assert member.accounts.total(Outcome.PARKED) == 1


async def test_with_all_protection_every_event_has_its_effect_once(database: Any, scenario: Scenario) -> None:
    member = await scenario()
    expect_all_is_well(member, await database.effects())


async def test_without_the_inbox_effects_happen_twice(
    database: Any, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everything_is_new(_connection: Any, _consumer: str, ids: Sequence[UUID]) -> set[UUID]:
        return set(ids)

    monkeypatch.setattr(inbox, "record", everything_is_new)
    member = await scenario()
    with pytest.raises(AssertionError):
        expect_all_is_well(member, await database.effects())
    assert len(await database.effects()) == 21


async def test_without_the_own_parser_a_batch_is_lost_and_the_accounts_tell(
    database: Any, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def parse_as_faststream_does(message: Any, default: Callable[[Any], Awaitable[Any]]) -> Any:
        return await default(message)

    monkeypatch.setattr(broker, "leave_as_it_came", parse_as_faststream_does)
    member = await scenario()
    with pytest.raises(AccountsDoNotBalanceError):
        member.accounts.check()
    assert member.accounts.total(Outcome.PARKED) == 0
