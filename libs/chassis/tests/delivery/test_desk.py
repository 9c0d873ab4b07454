"""The desk: letters are listed, shown without what is sealed, replayed in order through the handlers, or discarded."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.accounts import Outcome
from kfi_chassis.audit_verification import verify_all
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.dead_letters import BEHIND_ANOTHER
from kfi_chassis.desk import listing
from kfi_chassis.desk.replay import (
    Attempt,
    Desk,
    LetterChangedError,
    LetterUnknownError,
    NotACodeError,
    NotItsTurnError,
    operator_account,
)
from kfi_chassis.desk.views import LetterLine
from kfi_chassis.testkit.delivery import deliver, raw_record, record_of, records_of
from kfi_chassis.testkit.events import Happened
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.transient import VersionConflict

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
    return Desk(consumer, database.transactions, operator=operator_account("test"))


async def park(database: Any, consumer: Consumer, event: type[Happened], numbers: list[int]) -> list[int]:
    """Deliver the numbers for one subject; returns the letters' numbers in order."""
    subject = uuid4()
    events = [event(subject_id=subject, number=number) for number in numbers]
    await deliver(consumer, database.transactions, records_of(events))
    return [letter.number for letter in await database.letters(consumer.group)]


async def replay(desk: Desk, number: int, reason: str = "OPS-17") -> list[Attempt]:
    return [attempt async for attempt in desk.replay(number, reason)]


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
        await desk.discard(second, "not_wanted")


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
    for reason in ("  ", "", "Erika Mustermann asked", "x" * 81):
        with pytest.raises(NotACodeError):
            await desk.discard(letter, reason)
        with pytest.raises(NotACodeError):
            await replay(desk, letter, reason)


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
    replaying = asyncio.create_task(
        replay(Desk(slow, database.transactions, operator=operator_account("x")), letter.number)
    )
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
        await replay(Desk(away, database.transactions, operator=operator_account("x")), letter)
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

    assert await replay(Desk(busy, database.transactions, operator=operator_account("x")), letter) == [Attempt(letter)]


@pytest.mark.servers
async def test_what_still_cannot_be_read_stays(database: Any, happened: Any, consumer: Consumer, desk: Desk) -> None:
    record = record_of(happened(subject_id=uuid4()))
    broken = raw_record(happened.topic, key=record.key, value=b"{", headers=record.headers)
    await deliver(consumer, database.transactions, [broken])
    [letter] = await database.letters(consumer.group)
    assert (await replay(desk, letter.number))[0].failure == "invalid_data:data:json_invalid"


@pytest.mark.servers
async def test_what_was_decided_stays_in_the_audit(
    database: Any, happened: Any, consumer: Consumer, desk: Desk, rule: Rule
) -> None:
    first, second = await park(database, consumer, happened, [-1, 2])
    await replay(desk, first)
    rule.broken = False
    await replay(desk, first, "OPS-18")
    rows = await database.rows("SELECT * FROM audit WHERE aggregate = 'dead-letter' ORDER BY position")
    assert [(row.action, row.subject, row.reason, row.details["number"]) for row in rows] == [
        ("replay-failed", "operator:test", BROKEN, str(first)),
        ("replayed", "operator:test", "OPS-18", str(first)),
        ("replayed", "operator:test", "OPS-18", str(second)),
    ]
    assert [row.version for row in rows] == [2, 3, 2]
    async with database.transactions.engine.connect() as connection:
        assert await verify_all(connection) == (2, 3)


@pytest.mark.servers
async def test_a_letter_that_somebody_replayed_meanwhile_is_told(
    database: Any, happened: Any, consumer: Consumer, desk: Desk
) -> None:
    [number] = await park(database, consumer, happened, [-1])
    seen = (await desk.letter(number)).version
    await replay(desk, number)
    with pytest.raises(LetterChangedError):
        await desk.discard(number, "OPS-17", seen=seen)
    assert await desk.discard(number, "OPS-17", seen=seen + 1) is None


@pytest.mark.servers
async def test_all_letters_of_a_reason_are_tried_once_each_and_a_failing_one_holds_up_no_other(
    database: Any, happened: Any, consumer: Consumer, rule: Rule
) -> None:
    for numbers in ([-1, 2], [-3], [-4, 5]):
        await park(database, consumer, happened, numbers)
    letters = [letter.number for letter in await database.letters(consumer.group)]
    mended = Consumer(consumer.group)

    @mended.on(happened, hold_key=True)
    async def note(event: Happened, work: Any) -> None:
        if event.number == -3:
            raise Unprocessable(BROKEN)
        await work.note(event)

    desk = Desk(mended, database.transactions, operator=operator_account("test"))
    done = [attempt async for attempt in desk.replay_all(BROKEN, "OPS-17")]
    assert [(each.number, each.failure) for each in done] == [
        (letters[0], None), (letters[1], None), (letters[2], BROKEN), (letters[3], None), (letters[4], None),
    ]  # fmt: skip
    assert await database.effects() == [-1, 2, -4, 5]
    assert [attempt async for attempt in desk.replay_all(BROKEN, "OPS-17", after=letters[2])] == []


@pytest.mark.servers
async def test_the_list_shows_ids_and_reasons(database: Any, happened: Any, consumer: Consumer) -> None:
    await park(database, consumer, happened, [-1, 2])
    shown = listing.letters([LetterLine.of(row, {}) for row in await database.letters(consumer.group)])
    assert BROKEN in shown
    assert BEHIND_ANOTHER in shown
    assert happened.type in shown
    assert listing.letters([]) == "no open dead letters\n"
