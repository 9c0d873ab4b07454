"""The guard on a real database: every record gets one outcome, every effect happens once, no exception passes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kfi_chassis import dead_letters
from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.guard import Guard
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import deliver, every_record_twice, keys_mixed, raw_record, record_of, records_of
from kfi_chassis.testkit.events import Happened
from kfi_chassis.work import VersionConflict, Work

pytestmark = pytest.mark.servers

HANDLED, DUPLICATE, SKIPPED, PARKED, HELD = Outcome


@pytest.fixture
def consumer() -> Consumer:
    return Consumer(f"group-{uuid4().hex[:8]}")


def noting(consumer: Consumer, event: type[Happened], *, hold_key: bool = False) -> None:
    """A handler that notes its event; negative numbers break a rule."""

    @consumer.on(event, hold_key=hold_key)
    async def note(happened: Happened, work: Any) -> None:
        if happened.number < 0:
            raise Unprocessable("negative_number")
        await work.note(happened)


def some(event: type[Happened], numbers: Sequence[int], subject: UUID | None = None) -> list[Any]:
    subject = subject or uuid4()
    return records_of([event(subject_id=subject, number=number) for number in numbers])


async def test_each_event_has_its_effect_once_and_in_order(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    accounts = await deliver(consumer, database.transactions, some(happened, range(20)), batch=7)
    accounts.check()
    assert await database.effects() == list(range(20))
    assert accounts.total(HANDLED) == 20


async def test_a_second_delivery_does_nothing(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    records = some(happened, range(5))
    await deliver(consumer, database.transactions, records)
    accounts = await deliver(consumer, database.transactions, records)
    assert accounts.total(DUPLICATE) == 5
    assert await database.effects() == list(range(5))


async def test_a_copy_within_one_batch_is_a_duplicate(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    accounts = await deliver(consumer, database.transactions, every_record_twice(some(happened, range(5))))
    accounts.check()
    assert (accounts.total(HANDLED), accounts.total(DUPLICATE)) == (5, 10)
    assert sorted(await database.effects()) == list(range(5))


async def test_the_order_of_a_key_survives_any_mixing_of_keys(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    subjects = [uuid4() for _ in range(3)]
    events = [happened(subject_id=subject, number=number) for number in range(8) for subject in subjects]
    await deliver(consumer, database.transactions, keys_mixed(records_of(events), seed=7), batch=5)
    for subject in subjects:
        assert await database.effects(subject) == list(range(8))


async def test_one_bad_record_costs_only_itself(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    accounts = await deliver(consumer, database.transactions, some(happened, [0, 1, -1, 2, 3]))
    accounts.check()
    assert await database.effects() == [0, 1, 2, 3]
    [letter] = await database.letters(consumer.group)
    assert (letter.reason, accounts.total(PARKED)) == ("negative_number", 1)


async def test_a_parked_record_is_kept_as_it_came(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    [record] = some(happened, [-1])
    odd = raw_record(
        record.topic, key=record.key, value=record.value, headers=[*record.headers, ("x", None), ("y\0", b"\xff")]
    )
    await deliver(consumer, database.transactions, [odd])
    [row] = await database.rows("SELECT * FROM dead_letter")
    assert (bytes(row.key), bytes(row.value), row.offset) == (odd.key, odd.value, odd.offset)
    async with database.transactions.engine.connect() as connection:
        letter = await dead_letters.letter(connection, consumer.group, row.number)
    assert letter is not None
    assert letter.record.headers == odd.headers


async def test_parking_twice_parks_once(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    records = [*some(happened, [-1]), raw_record(happened.topic, value=None, offset=3)]
    first = await deliver(consumer, database.transactions, records)
    second = await deliver(consumer, database.transactions, records)
    assert (first.total(PARKED), second.total(PARKED), second.total(DUPLICATE)) == (2, 0, 2)
    assert len(await database.letters(consumer.group)) == 2


async def test_a_type_nobody_subscribed_to_is_skipped(database: Any, happened: Any, consumer: Consumer) -> None:
    accounts = await deliver(consumer, database.transactions, some(happened, range(3)))
    accounts.check()
    assert accounts.total(SKIPPED) == 3
    assert await database.scalar("SELECT count(*) FROM inbox") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": None}, "tombstone"),
        ({"value": b""}, "tombstone"),
        ({"value": b"\xff{"}, "invalid_data:data:json_invalid"),
        ({"value": b'{"subject_id": "x"}'}, "invalid_data:subject_id:uuid_parsing"),
        ({"value": b'{"subject_id": "%s", "mood": "new"}' % str(uuid4()).encode()}, "invalid_data:mood:enum"),
        ({"headers": [("ce_source", None)]}, "null_header"),
        ({"headers": [("ce_source", b"\xff")]}, "not_utf8"),
        ({"without": "ce_id"}, "missing_attribute"),
        ({"headers": [("ce_specversion", b"2.0")]}, "unsupported_specversion"),
    ],
)
async def test_what_cannot_be_read_is_parked_with_its_reason(
    database: Any, happened: Any, consumer: Consumer, change: dict[str, Any], reason: str
) -> None:
    noting(consumer, happened)
    before, [sound], after = some(happened, [1]), some(happened, [2]), some(happened, [3])
    replaced = dict(change.get("headers", ()))
    headers = [(name, replaced.get(name, value)) for name, value in sound.headers if name != change.get("without")]
    broken = raw_record(sound.topic, key=sound.key, value=change.get("value", sound.value), headers=headers)
    if "value" in change and change["value"] is None:
        broken = raw_record(sound.topic, key=sound.key, value=None, headers=headers)
    accounts = await deliver(consumer, database.transactions, [*before, broken, *after])
    accounts.check()
    assert await database.effects() == [1, 3]
    [letter] = await database.letters(consumer.group)
    assert letter.reason == reason


async def test_unknown_fields_of_a_newer_producer_are_ignored(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened)
    [record] = some(happened, [4])
    newer = raw_record(record.topic, key=record.key, value=record.value[:-1] + b',"added":1}', headers=record.headers)
    await deliver(consumer, database.transactions, [newer])
    assert await database.effects() == [4]


async def test_later_events_of_a_parked_key_wait_behind_it(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened, hold_key=True)
    held, free = uuid4(), uuid4()
    accounts = await deliver(
        consumer,
        database.transactions,
        [*some(happened, [1, -1, 2], held), *some(happened, [7], free), *some(happened, [3], held)],
        batch=4,
    )
    accounts.check()
    assert await database.effects() == [1, 7]
    reasons = [letter.reason for letter in await database.letters(consumer.group)]
    assert reasons == ["negative_number", "behind_parked", "behind_parked"]


async def test_an_unreadable_event_holds_its_key_as_well(database: Any, happened: Any, consumer: Consumer) -> None:
    noting(consumer, happened, hold_key=True)
    [first, second, third] = some(happened, [1, 2, 3])
    broken = raw_record(second.topic, key=second.key, value=b"{", headers=second.headers)
    await deliver(consumer, database.transactions, [first, broken, third])
    assert await database.effects() == [1]
    assert len(await database.letters(consumer.group)) == 2


async def test_without_holding_later_events_of_a_parked_key_go_on(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    noting(consumer, happened)
    await deliver(consumer, database.transactions, some(happened, [1, -1, 2]))
    assert await database.effects() == [1, 2]


async def test_a_batch_handler_gets_neighbours_together_and_after_a_failure_one_by_one(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    lists: list[list[int]] = []

    @consumer.on_batch(happened)
    async def note_all(events: Sequence[Happened], work: Any) -> None:
        lists.append([event.number for event in events])
        if any(event.number < 0 for event in events):
            raise Unprocessable("negative_number")
        await work.note(*events)

    await deliver(consumer, database.transactions, some(happened, [1, 2, 3]))
    await deliver(consumer, database.transactions, some(happened, [4, -1, 5]))
    assert lists == [[1, 2, 3], [4, -1, 5], [4], [-1], [5]]
    assert await database.effects() == [1, 2, 3, 4, 5]


async def test_a_conflict_is_tried_again_in_a_fresh_transaction(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    tries: list[Work] = []

    @consumer.on(happened)
    async def conflict_twice(event: Happened, work: Any) -> None:
        tries.append(work)
        await work.note(event)
        if len(tries) < 3:
            raise VersionConflict

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    accounts.check()
    assert await database.effects() == [1]
    assert len(set(map(id, tries))) == len(tries) == 3


async def test_a_conflict_that_stays_holds_its_partition_and_parks_nothing(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def conflict(event: Happened, work: Any) -> None:
        if event.number == 2:
            raise VersionConflict
        await work.note(event)

    outcomes = await Guard(consumer, database.transactions, Metrics()).handle(some(happened, [1, 2, 3]))
    assert outcomes == [HANDLED, HELD, HELD]
    assert await database.effects() == [1]
    assert not await database.letters(consumer.group)


async def test_deadlocks_and_serialisation_failures_are_conflicts(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    states = ["40001", "40P01"]

    @consumer.on(happened)
    async def fail_as_postgres_does(event: Happened, work: Any) -> None:
        if states:
            raise_it = f"DO $$ BEGIN RAISE EXCEPTION USING errcode = '{states.pop()}'; END $$"
            await work.connection.execute(text(raise_it))
        await work.note(event)

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    assert accounts.total(HANDLED) == 1


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57014", "55P03"])
async def test_an_outage_gives_back_and_parks_nothing(
    database: Any, happened: Any, consumer: Consumer, state: str
) -> None:
    @consumer.on(happened)
    async def outage(event: Happened, work: Any) -> None:
        await work.connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING errcode = '{state}'; END $$"))

    accounts = await deliver(consumer, database.transactions, some(happened, [1, 2]))
    accounts.check()
    assert accounts.total(HELD) == 2
    assert not await database.letters(consumer.group)
    assert await database.scalar("SELECT count(*) FROM inbox") == 0


async def test_an_error_nobody_expected_parks_without_its_text(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def defect(event: Happened, work: Any) -> None:
        raise KeyError("Erika Mustermann")

    await deliver(consumer, database.transactions, some(happened, [1]))
    [letter] = await database.letters(consumer.group)
    assert letter.reason == "unexpected:KeyError"


@pytest.mark.parametrize("leaked", [asyncio.CancelledError, SystemExit])
async def test_a_cancellation_that_leaks_out_of_a_handler_is_held_and_does_not_pass(
    database: Any, happened: Any, consumer: Consumer, leaked: type[BaseException]
) -> None:
    @consumer.on(happened)
    async def leak(event: Happened, work: Any) -> None:
        raise leaked

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    assert accounts.total(HELD) == 1


async def test_the_cancellation_of_the_consumer_itself_passes(database: Any, happened: Any, consumer: Consumer) -> None:
    began = asyncio.Event()

    @consumer.on(happened)
    async def wait_for_ever(event: Happened, work: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(deliver(consumer, database.transactions, some(happened, [1])))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.scalar("SELECT count(*) FROM inbox") == 0


async def test_what_follows_from_an_event_names_it_as_its_cause(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def answer(event: Happened, work: Any) -> None:
        work.outbox.add(event, sequence=event.number)

    ids = [uuid4(), uuid4()]
    subject = uuid4()
    records = [record_of(happened(subject_id=subject, number=n + 1), event_id=i) for n, i in enumerate(ids)]
    await deliver(consumer, database.transactions, records)
    rows = await database.rows("SELECT headers FROM outbox ORDER BY position")
    assert [row.headers["ce_causationid"] for row in rows] == [str(i) for i in ids]
    assert [row.headers["ce_correlationid"] for row in rows] == [str(i) for i in ids]


async def test_effects_inbox_and_outbox_commit_together_or_not_at_all(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def half_way(event: Happened, work: Any) -> None:
        await work.note(event)
        work.outbox.add(event, sequence=1)
        raise Unprocessable("too_late")

    await deliver(consumer, database.transactions, some(happened, [1]))
    assert await database.effects() == []
    assert await database.scalar("SELECT count(*) FROM outbox") == 0


async def test_an_outage_is_met_once_and_not_once_per_record(database: Any, happened: Any, consumer: Consumer) -> None:
    tries: list[int] = []

    @consumer.on(happened)
    async def outage(event: Happened, work: Any) -> None:
        tries.append(event.number)
        raise ConnectionResetError

    await deliver(consumer, database.transactions, some(happened, range(10)))
    assert tries == [0]


async def test_an_outage_that_begins_while_records_go_one_by_one_stops_all_partitions(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    tries: list[int] = []

    @consumer.on(happened)
    async def first_a_rule_then_an_outage(event: Happened, work: Any) -> None:
        tries.append(event.number)
        raise Unprocessable("negative_number") if event.number < 0 else ConnectionResetError

    records = some(happened, [-1, 1, 2, 3])
    elsewhere = [replace(record, partition=1) for record in some(happened, [4, 5])]
    outcomes = await Guard(consumer, database.transactions, Metrics()).handle([*records, *elsewhere])
    assert outcomes == [PARKED, *[HELD] * 5]
    assert tries == [-1, -1, 1]
