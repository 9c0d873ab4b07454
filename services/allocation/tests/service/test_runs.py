"""A planner's way with a run, over HTTP: frozen, looked at, started, watched, overridden, accepted, repaired."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.allocation.tests.planning import (
    accepted,
    announced,
    flat,
    frozen,
    policy_in_force,
    solved,
    stopped,
    towns_of,
)

from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.command import main
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


async def test_from_the_frozen_input_to_the_proposals(desk: Any, settings: Any, tmp_path: Path) -> None:
    await policy_in_force(desk)
    homes = await few(desk)
    run = await frozen(desk)
    assert (run["state"], run["households"], run["persons"], run["actions"]) == ("frozen", 12, 30, ["start", "cancel"])
    before = (await desk.get("planner", f"/runs/{run['id']}/input")).json()
    assert (before["digest"], before["with_relatives"], before["must_join"], before["profiles"]) == (
        run["digest"], 2, 1, 4,
    )  # fmt: skip
    assert len(before["towns"]) == 396
    assert sum(round(float(town["target"]) * 100) for town in before["towns"]) == 3000
    other = await frozen(desk)
    assert other["digest"] == run["digest"]

    done = await solved(desk, run)
    assert (done["state"], done["outcome"]["status"], done["outcome"]["reproducible"]) == ("proved", "optimal", True)
    progress = (await desk.get("planner", f"/runs/{run['id']}/progress", after=0, wait=5)).json()
    assert (progress["ended"], progress["preview"], progress["steps"][0]["stage"]) == (True, True, "first plan")
    later = (await desk.get("planner", f"/runs/{run['id']}/progress", after=progress["steps"][-1]["number"])).json()
    assert later["steps"] == []
    plan = (await desk.get("planner", f"/runs/{run['id']}/plan")).json()
    assert sum(town["persons"] for town in plan["towns"]) == 30
    assert (plan["relatives"]["asked"], plan["wishes"]["asked"], plan["languages"]) == (
        2,
        2,
        {"asked": 1, "reached": 0},
    )
    assert (await desk.get("planner", f"/runs/{run['id']}/preview")).status_code == 200
    towns = await towns_of(desk, run)
    assert sorted(towns) == sorted(homes)
    assert towns[homes[7]] == MUENSTER
    told(await desk.get("muenster", f"/municipalities/{MUENSTER}/runs/{run['id']}/part"), 404, "not-found")

    seen = (await desk.get("second-planner", f"/runs/{run['id']}")).headers["ETag"]
    taken = await accepted(desk, run)
    assert (taken["state"], taken["accepted_by"], taken["actions"]) == ("accepted", "person-a", [])
    second = await desk.post("second-planner", f"/runs/{run['id']}/acceptance", **{"If-Match": seen})
    told(second, 412, "version-mismatch")
    assert (await desk.get("planner", f"/runs/{other['id']}")).json()["state"] == "superseded"
    rows = await desk.rows("SELECT id, state, ags, run_id FROM placement")
    assert {str(row.id): row.ags for row in rows} == towns
    assert {(row.state, str(row.run_id)) for row in rows} == {("proposed", run["id"])}
    proposed = await desk.rows("SELECT 1 FROM outbox WHERE type = 'de.nrw.kfi.allocation.allocation-proposed.v1'")
    assert len(proposed) == 12
    credited = await desk.rows("SELECT sum(persons) AS persons FROM booking WHERE credit = 'placed'")
    assert credited[0].persons == 30
    await _checked_offline(desk, run, settings, tmp_path)


async def _checked_offline(desk: Any, run: dict[str, Any], settings: Any, folder: Path) -> None:
    """A town verifies its part, an auditor everything; each gets that and no more."""
    public = ["--public-key", (await desk.get("caseworker", "/certificate-key")).json()["public_key"]]
    files = {
        "instance.json": await desk.get("auditor", f"/runs/{run['id']}/instance"),
        "plan.json": await desk.get("auditor", f"/runs/{run['id']}/plan-file"),
        "certificate.json": await desk.get("caseworker", f"/runs/{run['id']}/certificate"),
        "part.json": await desk.get("muenster", f"/municipalities/{MUENSTER}/runs/{run['id']}/part"),
    }
    for name, answer in files.items():
        assert answer.status_code == 200, answer.text
        (folder / name).write_bytes(answer.content)
    assert main(["certificate", "verify", str(folder / "part.json"), *public]) == 0
    keys = ["--keys", str(settings.certificate_keys)]
    whole = [str(folder / name) for name in ("instance.json", "plan.json", "certificate.json")]
    assert main(["certificate", "audit", *whole, *keys, *public]) == 0
    assert public[1] == keys_in(settings.certificate_keys).public_key
    told(await desk.get("dortmund", f"/municipalities/{MUENSTER}/runs/{run['id']}/part"), 404, "not-found")
    for who in ("planner", "muenster", "signatory", "operator"):
        told(await desk.get(who, f"/runs/{run['id']}/instance"), 403, "forbidden")
    read = await desk.rows("SELECT action FROM audit WHERE aggregate = 'plan-run' AND action LIKE 'read-%'")
    assert sorted(row.action for row in read) == ["read-instance", "read-part", "read-plan"]


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


async def test_the_rest_is_planned_again_around_a_town_that_a_planner_names(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, *({"persons": 2} for _ in range(5)))
    first = await solved(desk, await frozen(desk))
    named = {"household_id": homes[0], "ags": HAGEN, "reason": "family", "explanation": "Die Tante pflegt das Kind."}
    answer = await desk.post("planner", f"/runs/{first['id']}/overrides", {"towns": [named]})
    assert answer.status_code == 201, answer.text
    shown = (await desk.get("planner", f"/runs/{answer.json()['id']}/input")).json()
    assert (shown["fixed"], shown["overrides"]) == (1, [named | {"decided_by": "person-a"}])
    stored = await desk.rows("SELECT run_override::text AS row FROM run_override")
    assert "Tante" not in stored[0].row
    again = await solved(desk, answer.json())
    assert ((await towns_of(desk, again))[homes[0]], again["replans"]) == (HAGEN, first["id"])
    await accepted(desk, again)
    (row,) = await desk.rows("SELECT ags, fixed FROM placement WHERE id = :home", home=UUID(homes[0]))
    assert (row.ags, row.fixed) == (HAGEN, True)
    refused = await desk.post("planner", f"/runs/{again['id']}/overrides", {"towns": [named]})
    told(refused, 409, "run-not-in-this-state")
    foreign = await desk.post("planner", f"/runs/{(await frozen_again(desk))['id']}/overrides", {"towns": [named]})
    told(foreign, 422, "household-not-of-this-run")


async def frozen_again(desk: Any) -> dict[str, Any]:
    await announced(desk, {"persons": 1})
    return await frozen(desk)


async def test_flats_are_kept_and_who_gets_none_is_told(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(
        desk, *({"needs": frozenset({"accessible"}), "persons": 2, "wishes": (HAGEN,)} for _ in range(2))
    )
    offered = await flat(desk, HAGEN, 3)
    run = await solved(desk, await frozen(desk))
    await accepted(desk, run)
    lines = (await desk.get("planner", f"/runs/{run['id']}/placements")).json()["items"]
    assert {line["household_id"] for line in lines} == set(homes)
    assert {line["flat_id"] for line in lines} == {offered, None}
    assert {line["flat_missing"] for line in lines} == {None, "accessible"}
    (row,) = await desk.rows("SELECT state, household_id FROM flat_offer")
    assert row.state == "reserved"
    assert {str(row.household_id)} == {line["household_id"] for line in lines if line["flat_id"]}


async def test_a_plan_about_households_that_changed_is_not_accepted(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, {"persons": 2}, {"persons": 3})
    run = await solved(desk, await frozen(desk))

    async def cancel(work: AllocationWork) -> None:
        placement = await work.placements.get_to_change(UUID(homes[1]))
        placement.cancel(work.calendar.today())
        await work.placements.save(placement)

    await desk.run(cancel)
    problem = told(await desk.act("planner", f"/runs/{run['id']}", "acceptance"), 409, "run-input-changed")
    assert homes[1] in problem["detail"]
    assert await desk.rows("SELECT 1 FROM placement WHERE state = 'proposed'") == []


async def test_an_objection_upheld_is_repaired_by_moving_that_household_alone(desk: Any) -> None:
    await policy_in_force(desk)
    homes = await announced(desk, *({"persons": 2, "wishes": (HAGEN,)} for _ in range(3)), {"persons": 3})
    run = await solved(desk, await frozen(desk))
    await accepted(desk, run)
    towns = await towns_of(desk, run)
    away = homes[0]

    async def uphold(work: AllocationWork) -> None:
        placement = await work.placements.get_to_change(UUID(away))
        placement.excluded = (*placement.excluded, towns[away])
        await work.placements.save(placement)

    await desk.run(uphold)
    answer = await desk.post("planner", f"/runs/{run['id']}/repair", {"causes": ["objection-upheld"]})
    assert answer.status_code == 201, answer.text
    repair = await solved(desk, answer.json())
    assert (repair["kind"], repair["repairs"], repair["state"]) == ("repair", run["id"], "proved")
    plan = (await desk.get("planner", f"/runs/{repair['id']}/plan")).json()
    (move,) = plan["moves"]
    assert (move["household_id"], move["from_ags"], plan["fewest_moves"]) == (away, towns[away], 1)
    assert move["reason"] == "the objection to this place was upheld"
    await accepted(desk, repair)
    rows = {str(row.id): row.ags for row in await desk.rows("SELECT id, ags FROM placement")}
    assert rows == towns | {away: move["to_ags"]}
    assert (await desk.get("planner", f"/runs/{run['id']}")).json()["state"] == "superseded"
    told(await desk.post("planner", f"/runs/{run['id']}/repair", {"causes": ["other"]}), 409, "run-not-accepted")
    revised = await desk.rows("SELECT 1 FROM outbox WHERE type = 'de.nrw.kfi.allocation.allocation-revised.v1'")
    assert len(revised) == 1


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
    told(await desk.act("planner", f"/runs/{run['id']}", "acceptance"), 409, "run-not-in-this-state")


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
