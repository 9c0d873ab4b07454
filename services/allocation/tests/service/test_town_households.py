"""A town fetches a household with its own right, and says that it took note of a proposal."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from services.allocation.tests.doors.told import DORTMUND, MUENSTER, Reader, hear, positioned
from services.allocation.tests.doors.told import proposed as said_proposed
from services.allocation.tests.placements import announced, decided, proposed
from sqlalchemy import text

from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Household, Member
from kfi_allocation.domain.placement import Placement

pytestmark = pytest.mark.servers


_LIST = text("""
    INSERT INTO arrival_list (id, root_id, source, mapping, mapping_document, kind, encoding, separator, said, size,
        sha256, asked, uploaded_by, uploaded_on, state, version, whole, found, done)
    VALUES (:id, :id, 'a-test', '-', '{}', 'csv', 'utf-8', ';', '{}', 0, '-', gen_random_uuid(), '-',
        '2026-03-02', 'imported', 1, true, '{}', '{}')
""")


def told(answer: Any, status: int, slug: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem


async def stored(desk: Any, placement: Placement) -> str:
    household = Household(
        id=placement.id, list_id=placement.list_id, source="a-test", reference=f"R-{placement.id}",
        group=Group.RESETTLEMENT,
        persons=4, adults=2, children=2, school_children=1, members=(Member("Beispiel", "Amina", date(1990, 5, 1)),),
        announced_on=date(2026, 3, 2),
    )  # fmt: skip

    async def store(work: Any) -> None:
        await work.connection.execute(_LIST, {"id": placement.list_id})
        await work.households.add(household)
        await work.placements.add(placement)

    await desk.run(store)
    return str(placement.id)


def path(household: str, ags: str = MUENSTER) -> str:
    return f"/municipalities/{ags}/households/{household}"


async def put_receipt(desk: Any, household: str, who: str = "muenster", ags: str = MUENSTER) -> Any:
    headers = {"Authorization": f"Bearer {who}"}
    return await desk.client.put(f"/allocation/v1{path(household, ags)}/receipt", headers=headers)


async def test_the_town_of_a_household_reads_it_and_that_is_recorded(desk: Any) -> None:
    household = await stored(desk, decided())
    answer = await desk.get("muenster", path(household))
    assert answer.json()["members"][0]["last_name"] == "Beispiel"
    rows = await desk.rows("SELECT person FROM audit WHERE action = 'read-household'")
    assert [row.person for row in rows] == ["muenster"]


async def test_before_it_is_settled_the_town_sees_what_to_prepare_and_no_person(desk: Any) -> None:
    household = await stored(desk, proposed())
    answer = await desk.get("muenster", path(household))
    assert (answer.json()["persons"], answer.json()["members"]) == (4, [])
    assert "Beispiel" not in answer.text


async def test_no_other_town_and_nobody_else_reads_it_here(desk: Any) -> None:
    household = await stored(desk, decided())
    told(await desk.get("dortmund", path(household)), 404, "not-found")
    told(await desk.get("dortmund", path(household, DORTMUND)), 404, "not-found")
    told(await desk.get("planner", path(household)), 403, "forbidden")
    assert await desk.rows("SELECT 1 FROM audit WHERE action = 'read-household'") == []


async def test_what_was_erased_is_gone_for_the_town(desk: Any) -> None:
    household = await stored(desk, decided())

    async def erase(work: Any) -> None:
        await work.households.save((await work.households.get_to_change(UUID(household))).erased(date(2037, 1, 4)))
        await work.persons.erase(UUID(household))

    await desk.run(erase)
    told(await desk.get("muenster", path(household)), 410, "person-erased")


async def test_a_town_takes_note_once_and_its_feed_says_so(desk: Any) -> None:
    household = await stored(desk, proposed())
    await hear(desk, said_proposed(MUENSTER, UUID(household)))
    first = await put_receipt(desk, household)
    desk.calendar.day = date(2026, 3, 20)
    again = await put_receipt(desk, household)
    assert (first.status_code, first.json(), again.json()) == (200, first.json(), first.json())
    await positioned(desk)
    town = Reader(desk, "muenster", MUENSTER)
    types = [each["type"].split(".")[-2] for each in await town.read()]
    assert types == ["placement-proposed", "placement-received"]
    assert (await town.begin())["households"][0]["received_on"] == "2026-03-09"
    assert len(await desk.rows("SELECT 1 FROM audit WHERE action = 'receive-proposal'")) == 1


async def test_nothing_is_received_that_was_not_proposed_to_this_town(desk: Any) -> None:
    waiting, theirs = await stored(desk, announced()), await stored(desk, proposed())
    told(await put_receipt(desk, waiting), 404, "not-found")
    told(await put_receipt(desk, theirs, "dortmund", DORTMUND), 404, "not-found")
    told(await put_receipt(desk, theirs, "dortmund"), 404, "not-found")
