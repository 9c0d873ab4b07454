"""The ledger on PostgreSQL: numbers without gaps, nothing overwritten, and sums that are those of every entry."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kfi_allocation.domain.account.document import as_document
from kfi_allocation.domain.account.entries import Entry
from kfi_allocation.domain.account.questions import extract
from kfi_allocation.domain.account.statement import Account
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.quota_ledger import BookedBecause, NewEntry
from kfi_allocation.domain.refusals import BookingNotPossible
from kfi_allocation.promises import INVARIANTS
from kfi_allocation.work import AllocationWork
from kfi_chassis.database import create_engine

pytestmark = pytest.mark.servers
POLICY = policy_from(json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8")))
MUENSTER, DORTMUND = "05515000", "05913000"
OWN = {
    "a-ledger-has-no-gap", "nobody-is-taken-back-who-was-not-booked", "nowhere-lives-less-than-nobody",
    "a-policy-in-force-is-of-two-persons",
}  # fmt: skip


def intake(work: AllocationWork, ags: str = MUENSTER, persons: int = 4, days: int = 0) -> NewEntry:
    on = work.calendar.today() + timedelta(days=days)
    return NewEntry(ags, on, Entry.INTAKE, persons, BookedBecause.ARRIVED)


async def test_entries_of_many_at_once_get_numbers_without_gaps(desk: Any) -> None:
    async def book(work: AllocationWork) -> int:
        return (await work.ledger.book(intake(work))).number

    async def fail(work: AllocationWork) -> None:
        await work.ledger.book(intake(work))
        raise ZeroDivisionError

    async def failing() -> None:
        with pytest.raises(ZeroDivisionError):
            await desk.run(fail)

    found = await asyncio.gather(*(desk.run(book) if number % 3 else failing() for number in range(15)))
    assert sorted(number for number in found if number) == list(range(1, 11))


async def test_a_whole_plan_is_booked_at_once_in_its_order(desk: Any) -> None:
    placed = {uuid4(): (MUENSTER if number % 2 else DORTMUND, 1 + number % 5) for number in range(40)}
    await desk.run(lambda work: work.ledger.book(intake(work)))
    await desk.run(lambda work: work.ledger.placed(placed, work.calendar.today()))
    rows = await desk.rows("SELECT number, household_id, ags, persons FROM booking WHERE number > 1 ORDER BY number")
    assert [(row.number, row.household_id, (row.ags, row.persons)) for row in rows] == [
        (number, home, figures) for number, (home, figures) in enumerate(placed.items(), start=2)
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE booking SET persons = 9", "DELETE FROM booking", "UPDATE ledger SET last = last + 1",
        "DELETE FROM ledger", "UPDATE ledger SET name = 'other'", "TRUNCATE booking",
    ],
)  # fmt: skip
async def test_the_service_can_overwrite_nothing_that_is_booked(desk: Any, sql: str) -> None:
    async def book(work: AllocationWork) -> None:
        await work.ledger.book(intake(work))

    async def overwrite(work: AllocationWork) -> None:
        await work.connection.execute(text(sql))

    await desk.run(book)
    with pytest.raises(Exception, match=r"nothing is overwritten|permission denied"):
        await desk.run(overwrite)
    assert [(row.number, row.persons) for row in await desk.rows("SELECT * FROM booking")] == [(1, 4)]


async def test_the_database_takes_no_entry_that_is_none(desk: Any) -> None:
    async def book(work: AllocationWork) -> None:
        await work.ledger.book(intake(work, persons=-1))

    with pytest.raises(IntegrityError):
        await desk.run(book)


async def test_a_correction_meets_an_entry_also_of_two_at_once(desk: Any) -> None:
    async def book(work: AllocationWork) -> None:
        await work.ledger.book(intake(work))

    async def take_back(work: AllocationWork) -> None:
        entry = NewEntry(MUENSTER, work.calendar.today(), Entry.CORRECTION, -3, BookedBecause.MISTAKE, corrects=1)
        await work.ledger.book(entry)

    await desk.run(book)
    found = await asyncio.gather(desk.run(take_back), desk.run(take_back), return_exceptions=True)
    assert [type(one) for one in found if one is not None] == [BookingNotPossible]


async def test_the_sums_are_those_of_every_entry_and_a_towns_part_is_the_extract_of_the_whole(desk: Any) -> None:
    homes = [uuid4() for _ in range(6)]

    async def live(work: AllocationWork) -> None:
        today = work.calendar.today()
        towns = (MUENSTER, DORTMUND, "05711000")
        await work.ledger.placed({home: (towns[n % 3], n + 1) for n, home in enumerate(homes)}, today)
        await work.ledger.placed({homes[0]: (DORTMUND, 1)}, today)
        await work.ledger.will_not_come(homes[1:2], today)
        await work.ledger.arrived(homes[2], "05711000", 2, today)
        await work.ledger.another_figure(homes[2], "05711000", 1, today)
        await work.ledger.book(intake(work, days=3))

    async def accounts(work: AllocationWork) -> tuple[Account, Account, Account]:
        today = work.calendar.today()
        whole, part = await work.ledger.account(today, POLICY), await work.ledger.account(today, POLICY, ags=DORTMUND)
        every = [entry for town in whole.towns for entry in await work.ledger.of_town(town)]
        return whole, part, Account(
            today, whole.announced, POLICY.version, (POLICY.account,), whole.series,
            tuple(sorted(every, key=lambda entry: entry.number)), {},
        )  # fmt: skip

    await desk.run(live)
    whole, part, every = await desk.run(accounts)
    assert as_document(part) == as_document(extract(every, DORTMUND))
    assert {ags: whole.published[ags] for ags in (MUENSTER, DORTMUND, "05711000")} == {
        MUENSTER: 4, DORTMUND: 1 + 5, "05711000": 3 + 6,
    }  # fmt: skip
    assert sum(whole.published.values()) == 19
    rows = await desk.rows("SELECT aggregate, count(*) FROM audit GROUP BY 1")
    assert {row.aggregate for row in rows} == {"town-account"}


async def test_what_the_worker_looks_for_would_find_a_broken_ledger(desk: Any, database: Any) -> None:
    async def live(work: AllocationWork) -> None:
        await work.ledger.book(intake(work))
        await work.ledger.book(intake(work))

    async def broken() -> set[str]:
        counted = {name: await desk.rows(f"SELECT count(*) FROM ({INVARIANTS[name]}) AS broken") for name in OWN}  # noqa: S608
        return {name for name, ((many,),) in counted.items() if many}

    await desk.run(live)
    assert await broken() == set()
    engine = create_engine(database.owner_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM booking WHERE number = 1"))
        await connection.execute(
            text("INSERT INTO booking SELECT 0, ags, counts_on, 'correction', -9, NULL, NULL, 2, because,"
                 " household_id, booked_by, booked_on, recorded_at FROM booking")
        )  # fmt: skip
    await engine.dispose()
    assert await broken() == {"a-ledger-has-no-gap", "nobody-is-taken-back-who-was-not-booked"}
