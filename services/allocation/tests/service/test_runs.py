"""A planner's way with a run, over HTTP: frozen, looked at, started, watched, overridden, accepted, repaired."""

import json
from typing import Any
from uuid import uuid4

import pytest
from services.allocation.tests.planning import (
    announced,
    flat,
    frozen,
    policy_in_force,
    solved,
    stopped,
)

from kfi_allocation.domain.towns.capacity import Capacity
from kfi_allocation.use_cases.solve_run import solve_next
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
MUENSTER, DORTMUND, HAGEN, KOELN = "05515000", "05913000", "05914000", "05315000"


def told(answer: Any, status: int, kind: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return dict(answer.json())


async def few(desk: Any) -> list[str]:
    """Twelve households, some with relatives, wishes, languages and a core family."""
    return await announced(
        desk, *({"persons": 1 + number % 4} for number in range(6)), {"relatives_in": DORTMUND, "persons": 3},
        {"relatives_in": MUENSTER, "must_join": True, "persons": 2}, {"wishes": (HAGEN, DORTMUND), "persons": 4},
        {"wishes": (HAGEN,), "persons": 1}, {"languages": ("ar",), "persons": 2}, {"persons": 5},
    )  # fmt: skip


@pytest.mark.parametrize("who", ["muenster", "caseworker"])
async def test_runs_are_none_of_a_towns_business(desk: Any, who: str) -> None:
    told(await desk.post(who, "/runs", {}), 403, "forbidden")
    told(await desk.get(who, "/runs"), 403, "forbidden")
    told(await desk.get(who, f"/runs/{uuid4()}"), 403, "forbidden")


@pytest.mark.parametrize("who", ["auditor", "signatory", "operator"])
async def test_who_does_not_plan_looks_and_does_nothing(desk: Any, who: str) -> None:
    told(await desk.post(who, "/runs", {}), 403, "forbidden")
    assert (await desk.get(who, "/runs")).json()["items"] == []
    told(await desk.get(who, f"/runs/{uuid4()}"), 404, "not-found")


async def test_what_leaves_a_household_no_place_is_named_and_nothing_is_made(desk: Any) -> None:
    await policy_in_force(desk)
    joins, needs = await announced(
        desk, {"relatives_in": DORTMUND, "must_join": True}, {"needs": frozenset({"accessible"})}
    )
    await stopped(desk, DORTMUND)
    problem = told(await desk.post("planner", "/runs", {}), 422, "input-not-plannable")
    assert [(error["reason"], error["field"]) for error in problem["errors"]] == [
        (rule, "/without") for _, rule in sorted([(joins, "reception-stop"), (needs, "needs")])
    ]
    words = {joins: "must join its core family in 05913000", needs: "needs accessible; no town offers all of it"}
    said = " ".join(error["fix"] for error in problem["errors"])
    assert all(f"Household {home} {told}" in said for home, told in words.items())
    assert "To be approved by the district government that granted the stop." in said
    nobody = await desk.post("planner", "/runs", {"without": [joins, needs]})
    assert told(nobody, 422, "input-not-plannable")["errors"][0]["reason"] == "nobody-waits"
    assert (await desk.get("planner", "/runs")).json()["items"] == []
    await flat(desk, HAGEN)
    assert (await frozen(desk, without=[joins]))["households"] == 1


async def frozen_again(desk: Any) -> dict[str, Any]:
    await announced(desk, {"persons": 1})
    return await frozen(desk)


async def test_a_run_can_be_cancelled_and_a_list_of_runs_is_read_in_pages(desk: Any) -> None:
    await policy_in_force(desk)
    await announced(desk, {})
    runs = [await frozen(desk) for _ in range(3)]
    cancelled = await desk.done("planner", f"/runs/{runs[0]['id']}", "cancellation")
    assert (cancelled["state"], cancelled["actions"]) == ("cancelled", [])
    told(await desk.act("planner", f"/runs/{runs[0]['id']}", "start"), 409, "run-not-in-this-state")
    page = (await desk.get("planner", "/runs", limit=2)).json()
    rest = (await desk.get("planner", "/runs", limit=2, cursor=page["next"])).json()
    assert [one["id"] for one in (*page["items"], *rest["items"])] == [one["id"] for one in reversed(runs)]
    only = (await desk.get("planner", "/runs", state="cancelled")).json()["items"]
    assert [one["id"] for one in only] == [runs[0]["id"]]
    assert await solve_next(desk.transactions) == 0


async def test_nothing_fits_and_the_rules_to_relax_are_shown_with_who_may_approve(desk: Any) -> None:
    await policy_in_force(desk, unstated_capacity=0)
    await announced(desk, {"persons": 3}, {"persons": 3}, {"persons": 3})

    async def state(work: AllocationWork) -> None:
        today = work.calendar.today()
        for ags, persons in ((HAGEN, 5), (KOELN, 4)):
            await work.towns.capacities.add(capacity_of(ags, persons, today), "state")

    await desk.run(state)
    run = await solved(desk, await frozen(desk))
    assert (run["state"], run["outcome"]["status"]) == ("infeasible", "infeasible")
    (rule,) = (await desk.get("planner", f"/runs/{run['id']}/plan")).json()["rules"]
    assert (rule["relax_by"], rule["approved_by"]) == (1, "the municipality")
    assert HAGEN in rule["text"]
    told(await desk.get("planner", f"/runs/{run['id']}/certificate"), 404, "not-found")


def capacity_of(ags: str, persons: int, today: Any) -> Any:
    return Capacity(uuid4(), ags, 1, persons, today, None, today, "person-y")


async def test_the_same_request_makes_one_run(desk: Any) -> None:
    await policy_in_force(desk)
    await announced(desk, {})
    key = {"Idempotency-Key": str(uuid4())}
    first, second = [await desk.post("planner", "/runs", {}, **key) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert len((await desk.get("planner", "/runs")).json()["items"]) == 1
    assert json.loads(second.content) == first.json()
