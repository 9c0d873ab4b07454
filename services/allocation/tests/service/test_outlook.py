"""Each town is told beforehand what may come, from what is stored; another town's outlook is not there for it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.policy_record import PolicyRecord
from kfi_allocation.outlook_inputs import BEFORE_ANY_EXPERIENCE
from kfi_allocation.use_cases.compute_outlook import compute_when_changed
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
TODAY = date(2026, 3, 9)
MUENSTER, DORTMUND = "05515000", "05913000"
OF_MUENSTER = f"/municipalities/{MUENSTER}/outlook"
_LIST = """
    INSERT INTO arrival_list (id, root_id, source, mapping, mapping_document, kind, encoding, separator, said, size,
        sha256, asked, uploaded_by, uploaded_on, state, version, whole, found, done)
    VALUES (:id, :id, 'bamf', 'm', '{}', 'text/csv', 'utf-8', ';', '{}', 1, '', :asked, 'a', :on, 'imported', 1, true,
        '{}', '{}')
    RETURNING id
"""


async def in_force(desk: Any) -> None:
    """The policy of the examples holds."""
    document = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))

    async def add(work: AllocationWork) -> None:
        record = PolicyRecord.draft(uuid4(), policy_from(document), document, by="person-a", on=TODAY)
        await work.policies.add(record)
        record.put_into_force(by="person-b", on=TODAY, another_holds=False)
        await work.policies.save(record)

    await desk.run(add)


async def waiting(desk: Any, *, ags: str | None = None, weeks: int = 3, **facts: Any) -> UUID:
    """A household that is announced; with a town it is bound to its core family there."""
    household_id, list_id = uuid4(), uuid4()
    household = Household(
        id=household_id, list_id=list_id, source="bamf", reference=f"R-{household_id.hex[:8]}",
        group=Group.RESETTLEMENT,
        persons=4, adults=2, children=2, school_children=1, relatives_in=ags, must_join=bool(ags),
        arrival_on=TODAY + timedelta(weeks=weeks), announced_on=TODAY,
    )  # fmt: skip
    household = replace(household, **facts)
    await desk.rows(_LIST, id=list_id, asked=str(list_id), on=TODAY)

    async def add(work: AllocationWork) -> None:
        await work.households.add(household)
        await work.placements.add(
            Placement.announce(
                household_id, list_id=list_id, group=household.group, persons=household.persons,
                arrival_on=household.arrival_on, on=TODAY,
            )
        )  # fmt: skip

    await desk.run(add)
    return household_id


async def computed(desk: Any) -> int:
    return int(await compute_when_changed(desk.transactions))


def span(outlook: dict[str, Any], weeks: int | None) -> dict[str, Any]:
    (found,) = (one for one in outlook["spans"] if one["weeks"] == weeks)
    return dict(found)


async def test_a_town_reads_what_is_to_come_and_since_when_it_is_told_so(desk: Any) -> None:
    await in_force(desk)
    await waiting(desk, ags=MUENSTER)
    assert await computed(desk) == 396
    answer = await desk.get("muenster", OF_MUENSTER)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    outlook = answer.json()
    assert (outlook["as_of"], outlook["promised"]) == ("2026-03-09", "0.9")
    assert span(outlook, 2)["persons"] == {"least": 0, "most": 0}
    assert span(outlook, 4)["until"] == "2026-04-06"
    assert span(outlook, 4)["persons"]["most"] == 4
    assert span(outlook, 4)["school_children"]["most"] == 1
    assert span(outlook, 4)["certain"]["households"] == 0


async def test_nothing_is_computed_again_while_nothing_changes_and_all_of_it_when_a_list_does(desk: Any) -> None:
    await in_force(desk)
    household_id = await waiting(desk, ags=MUENSTER)
    assert await computed(desk) == 396
    assert await computed(desk) == 0
    await waiting(desk, ags=MUENSTER)
    assert await computed(desk) > 0
    assert (await desk.get("muenster", OF_MUENSTER)).headers["ETag"] == '"2"'

    async def cancel(work: AllocationWork) -> None:
        found = await work.placements.get_to_change(household_id)
        found.cancel(TODAY)
        await work.placements.save(found)

    await desk.run(cancel)
    assert await computed(desk) > 0
    assert span((await desk.get("muenster", OF_MUENSTER)).json(), 4)["households"]["most"] == 1


async def test_the_next_day_is_told_anew_and_a_town_whose_figures_stay_hears_nothing(desk: Any) -> None:
    await in_force(desk)
    await waiting(desk, ags=MUENSTER)
    await computed(desk)
    desk.calendar.day = TODAY + timedelta(days=1)
    assert await computed(desk) == 0
    answer = await desk.get("muenster", OF_MUENSTER)
    assert (answer.headers["ETag"], answer.json()["as_of"]) == ('"1"', "2026-03-10")


async def test_who_has_its_town_is_certain_and_an_upheld_objection_takes_that_back(desk: Any) -> None:
    await in_force(desk)
    household_id = await waiting(desk)
    await desk.rows(
        "UPDATE placement SET state = 'proposed', ags = :ags WHERE id = :id RETURNING id", id=household_id, ags=MUENSTER
    )
    await computed(desk)
    assert span((await desk.get("muenster", OF_MUENSTER)).json(), 4)["certain"]["persons"] == 4
    await desk.rows("UPDATE placement SET excluded = ARRAY[ags] WHERE id = :id RETURNING id", id=household_id)
    await computed(desk)
    told = span((await desk.get("muenster", OF_MUENSTER)).json(), 4)
    assert (told["certain"]["persons"], told["persons"]["most"]) == (0, 0)


async def test_an_outlook_is_read_by_the_town_itself_and_by_the_office(desk: Any) -> None:
    await in_force(desk)
    assert (await desk.get("muenster", OF_MUENSTER)).status_code == 404
    assert (await desk.get("planner", "/outlook")).json() == {"items": [], "next": None}
    await waiting(desk, ags=MUENSTER)
    await computed(desk)
    for who, status in (("dortmund", 404), ("planner", 200), ("auditor", 200), ("caseworker", 403), ("operator", 403)):
        assert (await desk.get(who, OF_MUENSTER)).status_code == status, who
    assert (await desk.get("muenster", "/outlook")).status_code == 403
    first = (await desk.get("planner", "/outlook", limit=100)).json()
    second = (await desk.get("planner", "/outlook", limit=100, cursor=first["next"])).json()
    ags = [one["ags"] for one in (*first["items"], *second["items"])]
    assert len(ags) == 200
    assert ags == sorted(set(ags))


async def test_without_a_policy_nothing_is_told(desk: Any) -> None:
    assert await computed(desk) == 0
    assert (await desk.get("planner", OF_MUENSTER)).status_code == 404


def test_before_any_experience_one_in_twenty_is_expected_to_be_cancelled() -> None:
    assert BEFORE_ANY_EXPERIENCE == (1, 20)
