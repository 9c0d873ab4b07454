"""A list that corrects an earlier one: its difference is shown, confirmed, and then in force."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from services.allocation.tests.arrival_lists import csv_of, person
from services.allocation.tests.arriving import FAMILY, all_portions, events, imported, items, shown, upload, uploaded
from services.allocation.tests.planning import policy_in_force
from services.allocation.tests.proposing import proposed_as

from kfi_allocation.domain.errors import WrongState

pytestmark = pytest.mark.servers


async def test_a_correction_shows_its_difference_and_then_amends_adds_and_cancels(desk: Any) -> None:
    first = await imported(desk, [*FAMILY, person("F-2"), person("F-3"), person("F-4")])
    corrected = [*FAMILY, person("F-1", Vorname="Neu"), person("F-2"), person("F-4", Status="storniert"), person("F-5")]
    list_id = await uploaded(desk, corrected, corrects=first)
    found = (await shown(desk, list_id))["found"]
    assert {name: found[name] for name in ("added", "amended", "cancelled", "unchanged")} == {
        "added": 1, "amended": 1, "cancelled": 2, "unchanged": 1,
    }  # fmt: skip
    (amended,) = await items(desk, f"/arrival-lists/{list_id}/households", difference="amended")
    assert amended["changes"] == {"persons": [2, 3], "adults": [1, 2], "members": [None, None]}
    refused = await desk.act("planner", f"/arrival-lists/{list_id}", "import", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/cancellations-not-confirmed")
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", {"cancellations": 2})
    await all_portions(desk)
    states = {row.reference: row.state for row in await desk.rows(
        "SELECT reference, state FROM household JOIN placement USING (id)")}  # fmt: skip
    assert states == {
        "F-1": "announced", "F-2": "announced", "F-3": "cancelled", "F-4": "cancelled", "F-5": "announced",
    }  # fmt: skip
    homes = await items(desk, "/households", list_id=first)
    assert {home["reference"] for home in homes} == set(states), "corrections belong to the list that announced"
    assert sorted(await events(desk))[:3] == [("household-amended", 2), *[("household-announced", 1)] * 2]


async def test_half_a_list_is_told_and_cancels_nobody_by_silence(desk: Any) -> None:
    first = await imported(desk, [*FAMILY, person("F-2"), person("F-3")])
    list_id = await uploaded(desk, FAMILY, corrects=first, households=3)
    half = await shown(desk, list_id)
    assert (half["whole"], half["found"]["cancelled"], half["found"]["held"]) == (False, 0, 2)
    refused = await desk.act("planner", f"/arrival-lists/{list_id}", "import", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/arrival-list-not-whole")
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", {"although_not_whole": True})
    await all_portions(desk)
    assert await desk.rows("SELECT 1 FROM household WHERE cancelled_on IS NOT NULL") == []


async def test_a_household_with_mistakes_on_a_correction_stays_as_it_was(desk: Any) -> None:
    first = await imported(desk, [*FAMILY, person("F-2")])
    list_id = await uploaded(desk, [*FAMILY, person("F-2", Geburtsdatum="?")], corrects=first)
    assert (await shown(desk, list_id))["found"]["cancelled"] == 0


async def test_only_the_newest_imported_list_of_a_source_is_corrected(desk: Any) -> None:
    first = await imported(desk, FAMILY)
    await uploaded(desk, [*FAMILY, person("F-2")], corrects=first)
    for said in ({"corrects": first}, {"corrects": uuid4()}, {"corrects": first, "source": "other"}):
        answer = await upload(desk, csv_of([person("F-9")]), **said)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/arrival-list-not-correctable")


async def test_a_change_the_placement_cannot_bear_is_refused_and_holds_up_no_other(desk: Any) -> None:
    first = await imported(desk, [*FAMILY, person("F-2")])
    await desk.rows("UPDATE placement SET state = 'agreed', ags = '05515000' WHERE persons = 2 RETURNING id")
    rows = [*FAMILY, person("F-1", Vorname="Neu"), person("F-2", Charter="C-2")]
    list_id = await imported(desk, rows, corrects=first)
    (refused,) = await items(desk, f"/arrival-lists/{list_id}/households", outcome="refused")
    assert (refused["reference"], refused["refusal"]) == ("F-1", WrongState.code)
    homes = {home["reference"]: home for home in await items(desk, "/households")}
    assert (homes["F-1"]["persons"], homes["F-2"]["charter"]) == (2, "C-2")


async def test_what_a_list_changes_of_a_proposed_household_stands_in_the_towns_account(desk: Any) -> None:
    await policy_in_force(desk)
    first = await imported(desk, [*FAMILY, person("F-2")])
    homes = {home["reference"]: home["id"] for home in await items(desk, "/households")}
    await proposed_as(desk, dict.fromkeys(homes.values(), "05515000"))
    corrected = [*FAMILY, person("F-1", Vorname="Neu"), person("F-2", Status="storniert")]
    list_id = await uploaded(desk, corrected, corrects=first)
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", {"cancellations": 1})
    await all_portions(desk)
    booked = await desk.rows("SELECT household_id, sum(persons) AS persons FROM booking GROUP BY 1")
    assert {str(row.household_id): row.persons for row in booked} == {homes["F-1"]: 3, homes["F-2"]: 0}


async def test_another_address_changes_no_placement_and_tells_nobody(desk: Any) -> None:
    first = await imported(desk, FAMILY)
    before = await events(desk)
    await imported(desk, [row | {"Straße": "Neue"} for row in FAMILY], corrects=first)
    (home,) = await items(desk, "/households")
    assert (await desk.get("planner", f"/households/{home['id']}")).json()["contact"]["street"] == "Neue"
    assert await events(desk) == before


async def test_with_an_erased_household_goes_what_lists_changed_of_it(desk: Any) -> None:
    first = await imported(desk, FAMILY)
    await imported(desk, [row | {"Rollstuhl": "ja"} for row in FAMILY], corrects=first)
    assert [row.changes for row in await desk.rows("SELECT changes FROM arrival_entry ORDER BY changes")][-1]

    async def erase(work: Any) -> None:
        ((_, home),) = await work.households.page(list_id=UUID(first), after=None, rows=2)
        await work.households.save(home.erased(work.calendar.today()))
        await work.persons.erase(home.id)

    await desk.run(erase)
    assert {str(row.changes) for row in await desk.rows("SELECT changes FROM arrival_entry")} == {"{}"}
    assert [home["needs"] for home in await items(desk, "/households")] == [[]]
