"""An accepted run is repaired for each of its causes: as few move as must, each for its reason, and no settled one."""

from typing import Any
from uuid import UUID

import pytest
from services.allocation.tests.planning import accepted, announced, flat, frozen, policy_in_force, solved, stopped

from kfi_allocation.domain.groups import Group
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
DORTMUND, HAGEN, KOELN = "05913000", "05914000", "05315000"


async def taken(desk: Any) -> dict[str, Any]:
    """A run about all who wait, proven and accepted."""
    return await accepted(desk, await solved(desk, await frozen(desk)))


async def repaired(desk: Any, run: dict[str, Any], cause: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The proven repair, and its plan."""
    answer = await desk.post("planner", f"/runs/{run['id']}/repair", {"causes": [cause], **more})
    assert answer.status_code == 201, answer.text
    repair = await solved(desk, answer.json())
    assert (repair["kind"], repair["state"]) == ("repair", "proved")
    return repair, dict((await desk.get("planner", f"/runs/{repair['id']}/plan")).json())


async def places(desk: Any) -> dict[str, tuple[str, str]]:
    rows = await desk.rows("SELECT id, ags, state FROM placement")
    return {str(row.id): (row.ags, row.state) for row in rows}


async def settled(desk: Any, household: str) -> None:
    """Town and family agree."""
    await desk.done("planner", f"/placements/{household}", "town-agreement")
    agreed = await desk.done("planner", f"/placements/{household}", "family-answer", {"agrees": True})
    assert agreed["state"] == "agreed"


async def test_after_a_cancellation_nobody_moves_and_the_place_is_free(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, *({"persons": 2, "wishes": (HAGEN,)} for _ in range(4)))
    run = await taken(desk)
    before = await places(desk)
    await desk.done("planner", f"/placements/{homes[0]}", "cancellation", {"reason": "withdrew"})
    repair, plan = await repaired(desk, run, "household-cancelled")
    assert (repair["households"], plan["moves"], plan["fewest_moves"]) == (3, [], 0)
    await accepted(desk, repair)
    now = await places(desk)
    assert now[homes[0]][1] == "cancelled"
    assert {home: now[home] for home in homes[1:]} == {home: before[home] for home in homes[1:]}
    (line,) = await desk.rows("SELECT sum(persons) AS persons FROM booking")
    assert line.persons == 6


async def test_at_a_new_stop_those_leave_who_are_not_settled_and_are_told_of_the_stop(desk: Any) -> None:
    await policy_in_force(desk)
    family = {"persons": 2, "relatives_in": HAGEN, "group": Group.LATE_REPATRIATES}
    homes = await announced(desk, family, family, {"persons": 3, "wishes": (KOELN,)})
    run = await taken(desk)
    before = await places(desk)
    assert [before[home][0] for home in homes] == [HAGEN, HAGEN, KOELN]
    await settled(desk, homes[0])
    await stopped(desk, HAGEN)
    repair, plan = await repaired(desk, run, "reception-stop")
    (move,) = plan["moves"]
    assert (move["household_id"], move["from_ags"], plan["fewest_moves"]) == (homes[1], HAGEN, 1)
    assert move["reason"] == "the town has a reception stop"
    await accepted(desk, repair)
    now = await places(desk)
    assert (now[homes[0]], now[homes[2]]) == ((HAGEN, "agreed"), before[homes[2]])
    assert now[homes[1]] == (move["to_ags"], "proposed")
    (revised,) = await desk.rows(
        "SELECT convert_from(payload, 'utf-8')::json->>'reason' AS reason FROM outbox WHERE type LIKE '%revised.v1'"
    )
    assert revised.reason == "reception-stopped"


async def test_who_was_settled_since_the_input_was_frozen_is_not_moved_by_its_plan(desk: Any) -> None:
    await policy_in_force(desk)
    family = {"persons": 2, "relatives_in": HAGEN, "group": Group.LATE_REPATRIATES}
    (home,) = await announced(desk, family)
    run = await taken(desk)
    await stopped(desk, HAGEN)
    repair, plan = await repaired(desk, run, "reception-stop")
    assert [move["household_id"] for move in plan["moves"]] == [home]
    await settled(desk, home)
    refused = await desk.act("planner", f"/runs/{repair['id']}", "acceptance")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/run-input-changed")
    assert (await places(desk))[home] == (HAGEN, "agreed")
    again, _ = await repaired(desk, run, "reception-stop", released=[home])
    await accepted(desk, again)
    assert (await places(desk))[home][1] == "proposed"


async def test_who_lost_a_flat_goes_where_there_is_one_and_nobody_else_moves(desk: Any) -> None:
    await policy_in_force(desk)
    lost = await flat(desk, HAGEN, 3)
    homes = await announced(desk, {"persons": 2, "needs": frozenset({"accessible"})}, {"persons": 3}, {"persons": 1})
    run = await taken(desk)
    before = await places(desk)
    assert before[homes[0]][0] == HAGEN
    there = await flat(desk, DORTMUND, 3)

    async def burn(work: AllocationWork) -> None:
        (held,) = (await work.flats.held_by([UUID(homes[0])])).values()
        found = await work.towns.flat(held.id, HAGEN, seen_version=held.version)
        found.withdraw()
        await work.towns.save_flat(found)

    await desk.run(burn)
    repair, plan = await repaired(desk, run, "offer-lost")
    (move,) = plan["moves"]
    assert (move["household_id"], move["to_ags"]) == (homes[0], DORTMUND)
    assert move["reason"] == "the town no longer offers what the household needs"
    await accepted(desk, repair)
    assert await places(desk) == before | {homes[0]: (DORTMUND, "proposed")}
    flats = {str(row.id): (row.state, str(row.household_id)) for row in await desk.rows("SELECT * FROM flat_offer")}
    assert flats == {lost: ("withdrawn", homes[0]), there: ("reserved", homes[0])}
