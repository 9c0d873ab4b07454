"""The guard on a real database: every record gets one outcome, every effect happens once, no exception passes."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis import dead_letters
from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.testkit.delivery import deliver, every_record_twice, keys_mixed, raw_record, record_of, records_of
from kfi_chassis.testkit.events import Happened

from .handlers import noting, some

pytestmark = pytest.mark.servers

HANDLED, DUPLICATE, SKIPPED, PARKED, HELD = Outcome


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
