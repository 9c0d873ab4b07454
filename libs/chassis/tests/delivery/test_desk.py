"""The desk: letters are listed, shown without what is sealed, replayed in order through the handlers, or discarded."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.dead_letters import BEHIND_ANOTHER, Letter
from kfi_chassis.desk import display
from kfi_chassis.desk.replay import Attempt, Desk, LetterUnknownError, NotItsTurnError
from kfi_chassis.testkit.delivery import deliver, raw_record, record_of, records_of
from kfi_chassis.testkit.events import Happened
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.transient import VersionConflict
from kfi_contracts.notifications import NotificationOrdered

BROKEN = "broken"


class Rule:
    """A rule of the handler that can be mended."""

    def __init__(self) -> None:
        self.broken = True


@pytest.fixture
def rule() -> Rule:
    return Rule()


@pytest.fixture
def consumer(happened: Any, rule: Rule) -> Consumer:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on(happened, hold_key=True)
    async def note(event: Happened, work: Any) -> None:
        if rule.broken and event.number < 0:
            raise Unprocessable(BROKEN)
        await work.note(event)

    return consumer


@pytest.fixture
def desk(consumer: Consumer, database: Any) -> Desk:
    return Desk(consumer, database.transactions, operator="operator:test")


async def park(database: Any, consumer: Consumer, event: type[Happened], numbers: list[int]) -> list[int]:
    """Deliver the numbers for one subject; returns the letters' numbers in order."""
    subject = uuid4()
    events = [event(subject_id=subject, number=number) for number in numbers]
    await deliver(consumer, database.transactions, records_of(events))
    return [letter.number for letter in await database.letters(consumer.group)]


async def replay(desk: Desk, number: int) -> list[Attempt]:
    return [attempt async for attempt in desk.replay(number)]


@pytest.mark.servers
async def test_a_replay_takes_those_that_wait_behind_with_it_in_order(
    database: Any, happened: Any, consumer: Consumer, desk: Desk, rule: Rule
) -> None:
    letters = await park(database, consumer, happened, [1, -1, 2, 3])
    rule.broken = False
    assert await replay(desk, letters[0]) == [Attempt(number) for number in letters]
    assert await database.effects() == [1, -1, 2, 3]
    assert not await database.letters(consumer.group)
    after = await deliver(consumer, database.transactions, records_of([happened(subject_id=uuid4(), number=4)]))
    assert after.total(Outcome.HANDLED) == 1


@pytest.mark.servers
async def test_a_replay_that_fails_again_changes_nothing_and_is_counted(
    database: Any, happened: Any, consumer: Consumer, desk: Desk
) -> None:
    letters = await park(database, consumer, happened, [-1, 2])
    assert await replay(desk, letters[0]) == [Attempt(letters[0], BROKEN)]
    assert await database.effects() == []
    first = (await database.letters(consumer.group))[0]
    assert (first.number, first.attempts, first.reason) == (letters[0], 1, BROKEN)


@pytest.mark.servers
async def test_a_letter_that_waits_cannot_be_replayed_before_its_turn(
    database: Any, happened: Any, consumer: Consumer, desk: Desk
) -> None:
    first, second = await park(database, consumer, happened, [-1, 2])
    with pytest.raises(NotItsTurnError) as refused:
        await replay(desk, second)
    assert refused.value.first == first
    with pytest.raises(NotItsTurnError):
        await desk.discard(second, "not wanted")


@pytest.mark.servers
async def test_after_a_discard_the_next_of_the_key_has_its_turn(
    database: Any, happened: Any, consumer: Consumer, desk: Desk
) -> None:
    first, second = await park(database, consumer, happened, [-1, 2])
    await desk.discard(first, "sent_by_mistake")
    assert await replay(desk, second) == [Attempt(second)]
    assert await database.effects() == [2]
    [row] = await database.rows("SELECT * FROM dead_letter WHERE number = :number", number=first)
    assert (row.resolution, row.resolved_by, row.resolution_reason) == ("discarded", "operator:test", "sent_by_mistake")


@pytest.mark.servers
async def test_a_discard_needs_a_reason(database: Any, happened: Any, consumer: Consumer, desk: Desk) -> None:
    [letter] = await park(database, consumer, happened, [-1])
    with pytest.raises(ValueError, match="why"):
        await desk.discard(letter, "  ")


@pytest.mark.servers
async def test_a_letter_is_resolved_once(
    database: Any, happened: Any, consumer: Consumer, desk: Desk, rule: Rule
) -> None:
    [letter] = await park(database, consumer, happened, [-1])
    rule.broken = False
    ended = await asyncio.gather(replay(desk, letter), replay(desk, letter), return_exceptions=True)
    assert sorted(type(one) for one in ended if isinstance(one, Exception)) == [LetterUnknownError]
    assert await database.effects() == [-1]
    with pytest.raises(LetterUnknownError):
        await replay(desk, 999)


@pytest.mark.servers
async def test_an_event_that_comes_while_its_key_is_replayed_is_not_left_behind(
    database: Any, happened: Any, consumer: Consumer, rule: Rule
) -> None:
    """The desk is inside the handler of the last letter when the next event of the key is delivered."""
    inside, go_on = asyncio.Event(), asyncio.Event()
    slow = Consumer(consumer.group)

    @slow.on(happened, hold_key=True)
    async def note_slowly(event: Happened, work: Any) -> None:
        inside.set()
        await go_on.wait()
        await work.note(event)

    subject = uuid4()
    first, second = records_of([happened(subject_id=subject, number=number) for number in (-1, 2)])
    await deliver(consumer, database.transactions, [first])
    [letter] = await database.letters(consumer.group)
    replaying = asyncio.create_task(replay(Desk(slow, database.transactions, operator="x"), letter.number))
    await inside.wait()
    delivering = asyncio.create_task(deliver(consumer, database.transactions, [second]))
    waits = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    await eventually(lambda: database.scalar(waits))
    go_on.set()
    await replaying
    assert (await delivering).total(Outcome.HANDLED) == 1
    assert await database.effects() == [-1, 2]
    assert not await database.letters(consumer.group)


@pytest.mark.servers
async def test_an_outage_during_a_replay_is_told_and_counts_no_try(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    [letter] = await park(database, consumer, happened, [-1])
    away = Consumer(consumer.group)

    @away.on(happened, hold_key=True)
    async def outage(event: Happened, work: Any) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await replay(Desk(away, database.transactions, operator="x"), letter)
    assert (await database.letters(consumer.group))[0].attempts == 0


@pytest.mark.servers
async def test_a_conflict_during_a_replay_is_tried_again(database: Any, happened: Any, consumer: Consumer) -> None:
    [letter] = await park(database, consumer, happened, [-1])
    conflicts = [VersionConflict(), VersionConflict()]
    busy = Consumer(consumer.group)

    @busy.on(happened)
    async def conflict(event: Happened, work: Any) -> None:
        if conflicts:
            raise conflicts.pop()
        await work.note(event)

    assert await replay(Desk(busy, database.transactions, operator="x"), letter) == [Attempt(letter)]


@pytest.mark.servers
async def test_what_still_cannot_be_read_stays(database: Any, happened: Any, consumer: Consumer, desk: Desk) -> None:
    record = record_of(happened(subject_id=uuid4()))
    broken = raw_record(happened.topic, key=record.key, value=b"{", headers=record.headers)
    await deliver(consumer, database.transactions, [broken])
    [letter] = await database.letters(consumer.group)
    assert (await replay(desk, letter.number))[0].failure == "invalid_data:data:json_invalid"


@pytest.mark.servers
async def test_the_list_shows_ids_and_reasons(database: Any, happened: Any, consumer: Consumer) -> None:
    await park(database, consumer, happened, [-1, 2])
    shown = display.listing(await database.letters(consumer.group))
    assert BROKEN in shown
    assert BEHIND_ANOTHER in shown
    assert happened.type in shown
    assert display.listing([]) == "no open dead letters\n"


def letter_of(topic: str, value: bytes, headers: Any = ()) -> Letter:
    record = raw_record(topic, key=b"Erika Mustermann", value=value, headers=headers, offset=1)
    return Letter(7, "g", record, uuid4(), "de.nrw.kfi.x.y.v1", "missing", True, datetime.now(UTC), 0, None)


@pytest.mark.parametrize("topic", [NotificationOrdered.topic, "unknown.topic"])
def test_a_page_never_shows_what_is_sealed_or_not_known_to_be_open(topic: str) -> None:
    headers = [
        ("ce_id", b"0b1c"),
        ("ce_subject", b"Erika Mustermann"),
        ("Erika Mustermann", b"x"),
        ("ce_type", b"\xff"),
    ]
    page = display.page(letter_of(topic, b'{"name": "Erika Mustermann"}', headers))
    assert "Erika" not in page
    assert "ce_id: 0b1c" in page
    assert "missing" in page


def test_a_page_of_an_open_topic_shows_its_content() -> None:
    page = display.page(letter_of("applications.application.v1", b'{"application_id": "1"}'))
    assert '{"application_id": "1"}' in page
