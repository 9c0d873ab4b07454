"""What towns say to proposals, what families of a coordinated procedure say, who may see it, and who is told first."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from services.allocation.tests.planning import announced, flat, policy_in_force
from services.allocation.tests.proposing import CONTACT, digest, orders, proposed, proposed_as, ready, told

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.groups import Group
from kfi_allocation.promises import INVARIANTS
from kfi_allocation.use_cases.correct_placements import keep_corrected
from kfi_allocation.use_cases.erase_household import ErasureReason, erase_household
from kfi_allocation.use_cases.hear_town import end_objection_period
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
MUENSTER, DORTMUND = "05515000", "05913000"
OBJECTION = {"reason": "no-housing", "explanation": "Es ist keine Wohnung frei."}


def _of_town(ags: str, household: str) -> str:
    return f"/municipalities/{ags}/placements/{household}"


async def _as_town(desk: Any, who: str, household: str, action: str, body: Any = None) -> Any:
    return await desk.act(who, _of_town(MUENSTER, household), action, body, reader=who)


async def test_a_town_objects_the_planner_upholds_and_the_next_plan_excludes_it(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    objected = await _as_town(desk, "muenster", household, "objection", OBJECTION)
    assert objected.json()["objections"][0]["explanation"] == OBJECTION["explanation"]
    seen = (await desk.get("planner", path)).json()
    assert (seen["waits_for"], "uphold-objection" in seen["actions"]) == ("planner", True)
    upheld = await desk.done("planner", path, "objection-ruling", {"upheld": True, "explanation": "Das trifft zu."})
    assert (upheld["needs_another_town"], upheld["excluded"]) == (True, [MUENSTER])
    orders_of_people = await desk.run(lambda work: work.placements.orders())
    assert orders_of_people.excluded == {household: frozenset({MUENSTER})}
    assert (await desk.act("planner", path, "hearing")).status_code == 409
    back = await desk.act("planner", path, "revision", {"ags": MUENSTER, "explanation": "Doch."})
    assert back.status_code == 409
    assert (await told(desk))[-1] == "allocation-objected"
    query = INVARIANTS["whoever-is-to-come-counts-in-that-town-alone"]
    assert await desk.rows(query.replace("SELECT FROM", "SELECT 1 FROM", 1)) == [], (
        "it counts there until it is revised"
    )


async def test_an_objection_that_does_not_hold_is_rejected_with_a_reason(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    await _as_town(desk, "muenster", household, "objection", OBJECTION)
    again = await _as_town(desk, "muenster", household, "objection", OBJECTION)
    assert again.json()["type"].split("/")[-1] == "objection-open"
    ruling = {"upheld": False, "explanation": "Eine Wohnung ist gemeldet."}
    rejected = await desk.done("planner", f"/placements/{household}", "objection-ruling", ruling)
    assert (rejected["state"], rejected["town_agreed_on"]) == ("proposed", desk.calendar.day.isoformat())
    late = await _as_town(desk, "muenster", household, "objection", OBJECTION)
    assert late.json()["type"].split("/")[-1] == "period-over"


async def test_a_town_sees_and_answers_its_own_alone(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    assert (await desk.get("dortmund", _of_town(MUENSTER, household))).status_code == 404
    assert (await desk.get("dortmund", _of_town(DORTMUND, household))).status_code == 404
    stolen = await desk.post("dortmund", f"{_of_town(DORTMUND, household)}/objection", OBJECTION, **{"If-Match": '"2"'})
    assert stolen.status_code == 404
    assert (await desk.get("muenster", f"/placements/{household}")).status_code == 403
    assert (await desk.get("dortmund", f"/municipalities/{DORTMUND}/placements")).json()["items"] == []
    (line,) = (await desk.get("muenster", f"/municipalities/{MUENSTER}/placements")).json()["items"]
    assert (line["household_id"], line["actions"]) == (household, ["object", "record-towns-agreement"])
    await desk.done("planner", f"/placements/{household}", "revision", {"ags": DORTMUND, "explanation": "Nähe."})
    assert (await desk.get("muenster", _of_town(MUENSTER, household))).status_code == 404
    assert (await desk.get("dortmund", _of_town(DORTMUND, household))).is_success


async def test_families_of_late_repatriates_agree_and_get_no_decision(desk: Any) -> None:
    household = await proposed(desk, MUENSTER, Group.LATE_REPATRIATES)
    path = f"/placements/{household}"
    assert (await desk.act("planner", path, "hearing")).status_code == 409
    agreed = await desk.done("planner", path, "family-answer", {"agrees": True, "said": "Gern."})
    assert agreed["state"] == "proposed"
    desk.calendar.day = date.fromisoformat(agreed["object_until"]) + timedelta(days=1)
    await desk.run(lambda work: end_objection_period(UUID(household), work))
    settled = (await desk.get("planner", path)).json()
    assert (settled["state"], settled["letters"][0]["kind"]) == ("agreed", "agreement")
    templates = [each["template"] for each in await orders(desk)]
    assert templates == ["municipality-notice", "placement-agreement", "municipality-notice"]
    assert (await told(desk))[-1] == "placement-agreed"


async def test_an_agreement_holds_where_nobody_can_be_written_to(desk: Any) -> None:
    household = await proposed(desk, MUENSTER, Group.LATE_REPATRIATES, members=())
    path = f"/placements/{household}"
    await desk.done("planner", path, "town-agreement")
    settled = await desk.done("planner", path, "family-answer", {"agrees": True})
    assert (settled["state"], settled["letters"][0]["failed"]) == ("agreed", "address-missing")
    refused = await desk.act("planner", path, "letter-order", {"letter_id": settled["letters"][0]["id"]})
    assert refused.json()["type"].split("/")[-1] == "address-missing"


async def test_of_two_planners_on_one_placement_the_second_is_told(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    seen = {"If-Match": (await desk.get("planner", path)).headers["ETag"]}
    first, second = await asyncio.gather(
        desk.post("planner", f"{path}/revision", {"ags": DORTMUND, "explanation": "A"}, **seen),
        desk.post("second-planner", f"{path}/revision", {"ags": "05711000", "explanation": "B"}, **seen),
    )
    assert sorted((first.status_code, second.status_code)) == [200, 412]
    assert (await desk.post("planner", f"{path}/hearing")).status_code == 428


async def test_a_town_that_objects_while_somebody_signs_is_not_overrun(desk: Any) -> None:
    """Whoever is second is told; never is both an objection open and a decision made."""
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await desk.done("planner", path, "hearing")
    await desk.done("planner", path, "hearing-answer", {"said": "Gern."})
    drafted = await desk.done(
        "planner", path, "draft", {"weighing": ["Eine Wohnung ist frei."], "reply_to_family": "Dem folge ich."}
    )
    seen = {"If-Match": f'"{drafted["version"]}"'}
    signature = {"digest": await digest(desk, household)}
    objected, signed = await asyncio.gather(
        desk.post("muenster", f"{_of_town(MUENSTER, household)}/objection", OBJECTION, **seen),
        desk.post("signatory", f"{path}/signature", signature, **seen),
    )
    assert objected.status_code == 200
    assert signed.status_code in {409, 412}
    assert (await desk.get("planner", path)).json()["decisions"] == []


async def test_the_work_list_begins_with_what_is_due_first(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, *({"persons": 2, "contact": CONTACT} for _ in range(3)))
    await proposed_as(desk, dict.fromkeys(homes, MUENSTER))
    await desk.done("planner", f"/placements/{homes[2]}", "hearing")
    await desk.done("planner", f"/placements/{homes[1]}", "town-agreement")
    first = (await desk.get("planner", "/placements/work-list", limit=2)).json()
    rest = (await desk.get("planner", "/placements/work-list", limit=2, cursor=first["next"])).json()
    lines = [*first["items"], *rest["items"]]
    assert [line["due_on"] for line in lines] == sorted(line["due_on"] for line in lines)
    assert {line["id"] for line in lines} == set(homes)
    family = (await desk.get("auditor", "/placements/work-list", waits_for="family")).json()["items"]
    assert [line["id"] for line in family] == [homes[2]]
    all_of_town = (await desk.get("auditor", "/placements", ags=MUENSTER, limit=100)).json()["items"]
    assert [line["id"] for line in all_of_town] == homes


async def test_whoever_reads_a_file_is_recorded(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    await desk.get("auditor", f"/placements/{household}")
    await desk.get("muenster", _of_town(MUENSTER, household))
    changes = (await desk.get("auditor", f"/placements/{household}/history")).json()["items"]
    assert [line["action"] for line in changes] == ["announce", "propose"]
    looks = (await desk.get("auditor", f"/placements/{household}/history", looks=True)).json()["items"]
    assert [line["action"] for line in looks][2:] == ["read", "read", "read-history"]


async def test_a_household_that_does_not_come_frees_its_town(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    await ready(desk, household)

    await desk.done("planner", f"/placements/{household}", "cancellation", {"reason": "withdrew"})
    (row,) = await desk.rows("SELECT details FROM audit WHERE aggregate = 'household' AND action = 'cancel'")
    assert row.details == {"because": "withdrew"}
    assert (await desk.get("planner", f"/households/{household}")).json()["cancelled_on"] is not None
    mail = (await orders(desk))[-1]["content"]["facts"]
    assert (mail["occasion"], mail["object_until"]) == ("cancelled", None)
    entries = await desk.rows("SELECT ags FROM booking GROUP BY ags HAVING sum(persons) <> 0")
    assert entries == []
    assert (await told(desk))[-1] == "household-cancelled"
    assert (await desk.get("muenster", f"/municipalities/{MUENSTER}/placements")).json()["items"] == []


async def test_an_erased_household_leaves_days_and_numbers(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    path = f"/placements/{household}"
    await ready(desk, household)

    await desk.done("planner", path, "cancellation", {"reason": "other"})
    desk.calendar.day = date(desk.calendar.day.year + 11, 1, 1)
    await desk.run(lambda work: erase_household(UUID(household), ErasureReason.RETENTION_OVER, work))
    seen = (await desk.get("planner", path)).json()
    assert (seen["state"], seen["hearings"], seen["persons"]) == ("cancelled", [], 4)
    assert [(letter["kind"], letter["failed"]) for letter in seen["letters"]] == [("hearing", None)]
    assert (await told(desk))[-1] == "household-erased"
    assert await desk.rows("SELECT person FROM person_key WHERE person = :home", home=UUID(household)) == []
    await desk.run(lambda work: erase_household(UUID(household), ErasureReason.REQUESTED, work))
    assert (await told(desk)).count("household-erased") == 1


async def test_open_proposals_are_counted_by_age(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    ages = await desk.run(lambda work: work.placement_list.open_by_age())
    assert ages == {"week": 1, "fortnight": 0, "month": 0, "older": 0}
    await _as_town(desk, "muenster", household, "objection", OBJECTION)
    assert await desk.run(lambda work: work.placement_list.objections_open()) == 1
    desk.calendar.day += timedelta(days=20)
    ages = await desk.run(lambda work: work.placement_list.open_by_age())
    assert ages["month"] == 1


async def test_a_corrected_size_is_that_of_the_towns_account(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)

    async def correct(work: AllocationWork) -> None:
        (found,) = await work.placements.many_to_change([UUID(household)])
        found.amend(persons=6, arrival_on=None)
        await keep_corrected([found], {found.id}, work)

    await desk.run(correct)
    entries = await desk.rows("SELECT ags, sum(persons) AS persons FROM booking GROUP BY ags HAVING sum(persons) <> 0")
    assert [(row.ags, row.persons) for row in entries] == [(MUENSTER, 6)]


async def test_a_flat_is_free_again_when_its_household_goes_elsewhere(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    offered = await flat(desk, MUENSTER)

    async def reserve(work: AllocationWork) -> None:
        (free,) = await work.flats.free_in({MUENSTER})
        await work.flats.reserve(free, UUID(household))

    await desk.run(reserve)
    await desk.done("planner", f"/placements/{household}", "revision", {"ags": DORTMUND, "explanation": "Nähe."})
    rows = await desk.rows("SELECT state, household_id FROM flat_offer WHERE id = :flat", flat=UUID(offered))
    assert [(row.state, row.household_id) for row in rows] == [("free", None)]


async def test_a_plan_is_proposed_whole_or_not_at_all(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, *({"persons": 2, "contact": CONTACT} for _ in range(3)))
    await desk.done("planner", f"/placements/{homes[1]}", "cancellation", {"reason": "withdrew"})
    with pytest.raises(WrongState):
        await proposed_as(desk, dict.fromkeys(homes, MUENSTER))
    rows = await desk.rows("SELECT state FROM placement ORDER BY position")
    assert [row.state for row in rows] == ["announced", "cancelled", "announced"]
    assert await desk.rows("SELECT id FROM town_notice UNION ALL SELECT id FROM plan_run") == []
