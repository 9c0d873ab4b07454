"""The audit: one chain per aggregate that shows every later change, also under concurrency."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kfi_chassis import audit_verification
from kfi_chassis.audit_verification import ChainBroken, verify_all, verify_chain
from kfi_chassis.database import plain_url
from kfi_chassis.identity import Principal
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Work

pytestmark = pytest.mark.servers

ERIKA = Principal(subject="account-1", person="person-1", roles=frozenset({"funding-signatory"}))


async def change(database: Any, *aggregates: UUID, reason: str | None = None) -> None:
    async def use(work: Work) -> None:
        for version, aggregate in enumerate(aggregates, start=1):
            details = {"amount": "1.00", "ü": "ß"}
            work.audit.add(
                aggregate="thing",
                aggregate_id=aggregate,
                version=version,
                action="changed",
                reason=reason,
                details=details,
            )

    await database.transactions.run(use, actor=ERIKA, correlation_id="conversation-1")


async def verified(database: Any, aggregate: UUID) -> int:
    async with database.transactions.engine.connect() as connection:
        return await verify_chain(connection, "thing", aggregate)


async def tamper(database: Any, statement: str) -> None:
    owner = await asyncpg.connect(plain_url(database.owner_url))
    await owner.execute(statement)
    await owner.close()


async def test_a_row_says_who_what_when_why_and_in_which_conversation(database: Any) -> None:
    thing = uuid4()
    await change(database, thing, reason="request")
    [row] = await database.rows("SELECT * FROM audit")
    assert (row.subject, row.person, row.action, row.version) == ("account-1", "person-1", "changed", 1)
    assert (row.reason, row.correlation_id, row.details) == ("request", "conversation-1", {"amount": "1.00", "ü": "ß"})


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
async def test_a_long_chain_is_verified_in_portions(database: Any, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(audit_verification, "PORTION", 2)
    thing = uuid4()
    await change(database, *[thing] * rows)
    assert await verified(database, thing) == rows
    await tamper(database, f"UPDATE audit SET reason = 'another' WHERE number = {rows}")  # noqa: S608 - a number of ours
    with pytest.raises(ChainBroken) as broken:
        await verified(database, thing)
    assert broken.value.number == rows


async def test_a_long_chain_is_not_read_to_be_continued(database: Any) -> None:
    """A budget title's chain has two rows for each of its cases, and every case continues it."""
    thing, other = uuid4(), uuid4()
    await change(database, *[thing] * 400, other)

    async def rows_read(work: Work) -> int:
        for each in (thing, thing, other, uuid4()):
            work.audit.add(aggregate="thing", aggregate_id=each, version=1, action="changed")
        await work.audit.flush(work.connection)
        read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'audit'"
        return int((await work.connection.execute(text(read))).scalar_one())

    assert await database.transactions.run(rows_read, actor=ERIKA) == 2
    assert (await verified(database, thing), await verified(database, other)) == (402, 2)


async def test_a_sound_chain_is_verified_with_its_length(database: Any) -> None:
    thing, other = uuid4(), uuid4()
    await change(database, thing, thing, other)
    await change(database, thing)
    assert (await verified(database, thing), await verified(database, other)) == (3, 1)
    assert await verified(database, uuid4()) == 0
    async with database.transactions.engine.connect() as connection:
        assert await verify_all(connection) == (2, 4)


async def test_all_chains_are_verified_portion_by_portion_and_it_is_told_how_far(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_verification, "PORTION", 2)
    told: list[int] = []
    for length in (1, 2, 3, 1):
        await change(database, *[uuid4()] * length)
    async with database.transactions.engine.connect() as connection:
        assert await verify_all(connection, told.append) == (4, 7)
    assert told == [2, 4, 6, 7]


@pytest.mark.parametrize("portion", [1, 2, 3, 100])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_row_removed_from_any_chain_is_found_among_all(
    database: Any, portion: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_verification, "PORTION", portion)
    before, thing, after = sorted(uuid4() for _ in range(3))
    await change(database, *[before] * 4, *[thing] * 4, *[after] * 4)
    removed = f"aggregate_id = '{thing}' AND number = {number}"
    await tamper(database, f"DELETE FROM audit WHERE {removed}")  # noqa: S608 - ids of ours
    async with database.transactions.engine.connect() as connection:
        with pytest.raises(ChainBroken, match=f"thing {thing} is broken at row {number}"):
            await verify_all(connection)


@pytest.mark.parametrize(
    "change_it",
    [
        "UPDATE audit SET reason = 'another' WHERE number = 2",
        "UPDATE audit SET person = 'person-2' WHERE number = 2",
        "UPDATE audit SET details = '{}' WHERE number = 2",
        "UPDATE audit SET recorded_at = recorded_at - interval '1 day' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET number = number + 10 WHERE number = 2",
    ],
)
async def test_a_changed_or_removed_row_is_found(database: Any, change_it: str) -> None:
    thing = uuid4()
    await change(database, thing, thing, thing)
    await tamper(database, change_it)
    with pytest.raises(ChainBroken) as broken:
        await verified(database, thing)
    assert broken.value.number == 2


async def test_concurrent_transactions_extend_one_chain_without_a_fork(database: Any) -> None:
    things = [uuid4(), uuid4()]
    await asyncio.gather(*(change(database, *(things if turn % 2 else reversed(things))) for turn in range(10)))
    assert [await verified(database, thing) for thing in things] == [10, 10]


async def test_however_many_chains_a_transaction_extends_it_holds_a_bounded_number_of_locks(database: Any) -> None:
    """The server's memory for locks is of fixed size: 50,000 at once are refused."""

    async def use(work: Work) -> int:
        for _ in range(5_000):
            work.audit.add(aggregate="thing", aggregate_id=uuid4(), version=1, action="changed")
        await work.audit.flush(work.connection)
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        return int(await work.connection.scalar(text(held)))

    assert 500 < await database.transactions.run(use, actor=ERIKA) <= 1_024


@pytest.mark.parametrize("statement", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
async def test_the_services_own_role_cannot_change_a_row(database: Any, statement: str) -> None:
    await change(database, uuid4())
    with pytest.raises(ProgrammingError) as refused:
        await database.execute(statement)
    assert is_outage(refused.value)
