"""A transaction: committed as a whole or not at all, repeated when it met another, and told when it cannot be."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from kfi_chassis.identity import SYSTEM
from kfi_chassis.outbox import EventTooLarge
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.transient import Contention, VersionConflict
from kfi_chassis.work import Work

pytestmark = pytest.mark.servers

ACTOR = SYSTEM("test")


async def note_one(work: Any, number: int = 1) -> None:
    await work.note(happened_on("nowhere")(subject_id=uuid4(), number=number))


async def test_what_use_returns_comes_back_after_the_commit(database: Any) -> None:
    async def use(work: Any) -> str:
        await note_one(work)
        return "done"

    assert await database.transactions.run(use, actor=ACTOR) == "done"
    assert await database.effects() == [1]


async def test_what_use_raises_rolls_everything_back(database: Any, happened: Any) -> None:
    async def use(work: Any) -> None:
        await note_one(work)
        work.outbox.add(happened(subject_id=uuid4()), sequence=1)
        work.audit.add(aggregate="thing", aggregate_id=uuid4(), version=1, action="x")
        raise LookupError

    with pytest.raises(LookupError):
        await database.transactions.run(use, actor=ACTOR)
    rows = "SELECT (SELECT count(*) FROM effect) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit)"
    assert await database.scalar(rows) == 0


@pytest.mark.parametrize("conflicts", [1, 4])
async def test_a_conflict_is_repeated_with_a_fresh_work(database: Any, conflicts: int) -> None:
    works: list[Work] = []

    async def use(work: Any) -> None:
        works.append(work)
        await note_one(work)
        if len(works) <= conflicts:
            raise VersionConflict

    await database.transactions.run(use, actor=ACTOR)
    assert len({id(work) for work in works}) == conflicts + 1
    assert await database.effects() == [1]


async def test_after_five_conflicts_it_is_contention(database: Any) -> None:
    tries: list[int] = []

    async def use(work: Any) -> None:
        tries.append(1)
        raise VersionConflict

    with pytest.raises(Contention) as told:
        await database.transactions.run(use, actor=ACTOR)
    assert len(tries) == 5
    assert isinstance(told.value.__cause__, VersionConflict)


async def test_a_conflict_not_to_be_repeated_is_told_at_once(database: Any) -> None:
    tries: list[int] = []

    async def use(work: Any) -> None:
        tries.append(1)
        raise VersionConflict(retry=False)

    with pytest.raises(VersionConflict):
        await database.transactions.run(use, actor=ACTOR)
    assert len(tries) == 1


async def test_deadlocked_transactions_both_get_through(database: Any) -> None:
    first, second = uuid4(), uuid4()
    await database.execute("INSERT INTO aggregate VALUES (:a, 0), (:b, 0)", a=first, b=second)
    both_hold_one = asyncio.Barrier(2)
    met = False

    async def lock(one: Any, other: Any) -> None:
        async def use(work: Any) -> None:
            nonlocal met
            bump = text("UPDATE aggregate SET version = version + 1 WHERE id = :id")
            await work.connection.execute(bump, {"id": one})
            if not met:
                await both_hold_one.wait()
                met = True
            await work.connection.execute(bump, {"id": other})

        await database.transactions.run(use, actor=ACTOR)

    await asyncio.gather(lock(first, second), lock(second, first))
    assert [row.version for row in await database.rows("SELECT version FROM aggregate")] == [2, 2]


async def test_events_and_audit_carry_the_conversation_on(database: Any, happened: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async def use(work: Work) -> None:
        work.outbox.add(happened(subject_id=uuid4()), sequence=1)
        work.audit.add(aggregate="thing", aggregate_id=uuid4(), version=1, action="x")
        assert work.correlation_id == "conversation"

    await database.transactions.run(
        use, actor=ACTOR, correlation_id="conversation", causation_id="cause", traceparent=trace
    )
    headers = await database.scalar("SELECT headers FROM outbox")
    assert (headers["ce_correlationid"], headers["ce_causationid"]) == ("conversation", "cause")
    assert headers["ce_traceparent"] == trace
    assert await database.scalar("SELECT correlation_id FROM audit") == "conversation"


async def test_an_event_too_large_for_the_broker_is_refused_when_it_is_recorded(database: Any, happened: Any) -> None:
    async def use(work: Any) -> None:
        await note_one(work)
        work.outbox.add(happened(subject_id=uuid4(), text="x" * 900_000), sequence=1)

    with pytest.raises(EventTooLarge) as refused:
        await database.transactions.run(use, actor=ACTOR)
    assert refused.value.size > refused.value.limit == 900_000
    assert await database.effects() == []


async def test_the_largest_event_that_is_taken_passes_the_broker(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any
) -> None:
    """Text that no compression makes smaller, one byte row at the limit."""
    event = happened_on(topic(1))
    largest = "".join(str(uuid4()) for _ in range(24_900))
    await record_events(event(subject_id=uuid4(), text=largest))
    relays()
    assert len(await records_in(event.topic, 1)) == 1
