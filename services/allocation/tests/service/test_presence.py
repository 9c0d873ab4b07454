"""After the arrival over HTTP: confirmed by the town, counted once, corrected by entries, and never another town's."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import State
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
POLICY: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
MUENSTER, DORTMUND = "05515000", "05913000"
ARRIVAL = {"persons": 4, "arrived_on": "2026-03-09", "entered_on": "2026-03-02"}
FLAT = {"persons": 4, "square_metres": 90, "barrier_free": False, "free_from": "2026-03-01"}


def told(answer: Any, status: int, kind: str) -> list[str]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return [error["field"] for error in answer.json().get("errors", [])]


def of(home: UUID, ags: str = MUENSTER) -> str:
    return f"/municipalities/{ags}/placements/{home}"


@pytest.fixture
async def settled(desk: Any, **policy: Any) -> Any:
    """The desk with a policy in force and a household of four that Münster waits for; `desk.home` is its id."""
    await desk.post("planner", "/policies", POLICY | {"intake_follows_moves": True})
    await desk.done("signatory", f"/policies/{POLICY['version']}", "approval")
    desk.home = uuid4()

    async def place(work: AllocationWork) -> None:
        today = work.calendar.today()
        placement = Placement.announce(
            desk.home, list_id=uuid4(), group=Group.LATE_REPATRIATES, persons=4, arrival_on=None, on=today
        )
        placement.state, placement.ags = State.AGREED, MUENSTER
        await work.placements.add(placement)
        await work.ledger.placed({desk.home: (MUENSTER, 4)}, today)

    await desk.run(place)
    return desk


async def report(desk: Any, what: str, body: Any, who: str = "muenster", ags: str = MUENSTER) -> Any:
    seen = {
        "If-Match": (await desk.get("auditor", f"/municipalities/{MUENSTER}/placements/{desk.home}/presence")).headers[
            "ETag"
        ]
    }
    return await desk.post(who, f"{of(desk.home, ags)}/{what}", body, **seen)


async def arrived(desk: Any, **changes: Any) -> Any:
    answer = await report(desk, "arrival", ARRIVAL | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def events(desk: Any) -> list[dict[str, Any]]:
    rows = await desk.rows("SELECT type, payload FROM outbox ORDER BY position")
    return [{"type": row.type.split(".")[-2], **json.loads(bytes(row.payload))} for row in rows]


async def counted(desk: Any, ags: str = MUENSTER) -> int:
    return int((await desk.get("planner", "/account")).json()["published"][ags])


async def test_an_arrival_stands_in_placement_presence_and_account_once(settled: Any) -> None:
    assert await counted(settled) == 4
    flat = (await settled.post("muenster", f"/municipalities/{MUENSTER}/flats", FLAT)).json()
    path = f"/municipalities/{MUENSTER}/flats/{flat['id']}"
    await settled.done("planner", path, "reservation", {"household_id": str(settled.home)})
    shown = await arrived(settled)
    assert (shown["state"], shown["persons"], await counted(settled)) == ("arrived", 4, 4)
    (entry,) = shown["entries"]
    assert (entry["counts_from"], entry["counts_before"]) == ("2026-03-02", "2028-03-02")
    told_ = (await events(settled))[-1]
    assert (told_["type"], told_["ags"], told_["persons"], told_["arrived_on"]) == (
        "arrival-confirmed", MUENSTER, 4, "2026-03-09",
    )  # fmt: skip
    assert (await settled.get("muenster", path)).json()["state"] == "taken"
    assert (await settled.get("auditor", "/presence-tasks")).json()["items"] == []
    told(await report(settled, "arrival", ARRIVAL), 409, "placement-not-in-this-state")
    assert await counted(settled) == 4


async def test_numbers_that_differ_are_a_task_and_neither_is_overwritten(settled: Any) -> None:
    await arrived(settled, persons=5)
    (task,) = (await settled.get("planner", "/presence-tasks", open=True)).json()["items"]
    assert (task["announced"], task["confirmed"], task["actions"]) == (4, 5, ["settlement"])
    path = f"/presence-tasks/{task['id']}"
    told(await settled.post("planner", f"{path}/settlement", {"settled_as": "corrected"}), 428, "precondition-required")
    done = await settled.done("planner", path, "settlement", {"settled_as": "confirmed-is-right"})
    assert (done["announced"], done["confirmed"], done["actions"]) == (4, 5, [])
    told(await settled.act("planner", path, "settlement", {"settled_as": "corrected"}), 409, "settled-already")
    assert (await settled.get("planner", "/presence-tasks", open=True)).json()["items"] == []
    seen = (await settled.get("muenster", f"/municipalities/{MUENSTER}/presence-tasks")).json()["items"]
    assert [one["actions"] for one in seen] == [[]]


async def test_moves_births_deaths_and_corrections_are_entries_and_events(settled: Any) -> None:
    await arrived(settled)
    settled.calendar.day = settled.calendar.day.replace(year=2027)
    child = (await report(settled, "births", {"children": 1, "on": "2026-09-09"})).json()
    assert (child["persons"], child["entries"][-1]["on"]) == (5, "2026-10-15")
    assert (await report(settled, "deaths", {"persons": 1, "on": "2026-11-01"})).json()["persons"] == 4
    moved = (await report(settled, "moves", {"to_ags": DORTMUND, "persons": 2, "on": "2026-12-01"})).json()
    assert (moved["persons"], moved["state"]) == (2, "moved")
    corrected = await report(settled, "presence-corrections", {"corrects": 1, "persons": -1})
    assert corrected.json()["persons"] == 1
    told_ = [{key: event.get(key) for key in ("type", "persons", "change", "ags")} for event in await events(settled)]
    assert [tuple(event.values()) for event in told_[2:]] == [
        ("household-changed", 5, "birth", MUENSTER), ("household-changed", 4, "death", MUENSTER),
        ("household-moved", 2, None, None), ("household-changed", 3, "correction", MUENSTER),
    ]  # fmt: skip
    assert "2026-09-09" not in str(await settled.rows("SELECT * FROM presence"))
    assert "2026-09-09" not in str(await events(settled))
    assert (await counted(settled), await counted(settled, DORTMUND)) == (1, 2)
    quarters = (await settled.get("muenster", f"/municipalities/{MUENSTER}/person-quarters", year=2026)).json()
    assert [(one["quarter"], one["persons"]) for one in quarters] == [("2026-Q2", 3), ("2026-Q3", 3), ("2026-Q4", 4)]
    there = (await settled.get("dortmund", f"/municipalities/{DORTMUND}/person-quarters", year=2027)).json()
    assert [(one["quarter"], one["persons"]) for one in there] == [("2027-Q1", 2)]
    trace = (await settled.get("muenster", f"/municipalities/{MUENSTER}/person-quarters/trace", year=2026)).json()
    assert sum(line["counted"] for line in trace["items"]) == 10
    first = (
        await settled.get("muenster", f"/municipalities/{MUENSTER}/person-quarters/trace", year=2026, limit=1)
    ).json()
    rest = await settled.get(
        "muenster", f"/municipalities/{MUENSTER}/person-quarters/trace", year=2026, cursor=first["next"]
    )
    assert [*first["items"], *rest.json()["items"]] == trace["items"]


async def test_the_whole_household_takes_its_town_along(settled: Any) -> None:
    await arrived(settled)
    await report(settled, "moves", {"to_ags": DORTMUND, "persons": 4, "on": "2026-03-09"})
    there = await settled.get("dortmund", f"{of(settled.home, DORTMUND)}/presence")
    assert (there.status_code, there.json()["persons"], [e["happened"] for e in there.json()["entries"]]) == (
        200, 4, ["moved-in"],
    )  # fmt: skip
    back = {"to_ags": MUENSTER, "persons": 4, "on": "2026-03-09"}
    answer = await settled.post(
        "dortmund", f"{of(settled.home, DORTMUND)}/moves", back, **{"If-Match": there.headers["ETag"]}
    )
    assert answer.json()["persons"] == 0
    assert (await counted(settled), await counted(settled, DORTMUND)) == (4, 0)


@pytest.mark.parametrize(
    ("what", "body", "kind", "field"),
    [
        ("moves", {"persons": 5, "on": "2026-03-09"}, "presence-not-possible", "/persons"),
        ("moves", {"persons": 1, "on": "2026-03-09", "to_ags": MUENSTER}, "presence-not-possible", "/to_ags"),
        ("moves", {"persons": 1, "on": "2026-03-09", "to_ags": "05999999"}, "presence-not-possible", "/to_ags"),
        ("moves", {"persons": 1, "on": "2026-03-10"}, "day-not-possible", "/on"),
        ("deaths", {"persons": 1, "on": "2026-03-08"}, "presence-not-possible", "/persons"),
        ("births", {"children": 0, "on": "2026-03-09"}, "invalid-input", "/children"),
        ("births", {"children": 1, "on": "2021-12-31"}, "invalid-input", "/on"),
        ("presence-corrections", {"corrects": 9, "persons": 1}, "presence-not-possible", "/corrects"),
        ("presence-corrections", {"corrects": 1, "persons": -5}, "presence-not-possible", "/persons"),
    ],
)
async def test_what_cannot_have_happened_is_told_by_field_and_changes_nothing(
    settled: Any, what: str, body: Any, kind: str, field: str
) -> None:
    await arrived(settled)
    assert told(await report(settled, what, body), 422, kind) == [field]
    assert (await settled.rows("SELECT max(number) AS last FROM presence"))[0].last == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"arrived_on": "2026-03-10"}, "/arrived_on"), ({"entered_on": "2026-03-10"}, "/entered_on"),
     ({"persons": 0}, "/persons")],
)  # fmt: skip
async def test_an_arrival_that_cannot_be_is_none(settled: Any, changes: dict[str, Any], field: str) -> None:
    answer = await report(settled, "arrival", ARRIVAL | changes)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


@pytest.mark.parametrize("what", ["arrival", "moves", "births", "deaths", "presence-corrections"])
async def test_a_town_reports_nothing_of_another_towns_household(settled: Any, what: str) -> None:
    bodies = {
        "arrival": ARRIVAL, "births": {"children": 1, "on": "2026-03-09"},
        "presence-corrections": {"corrects": 1, "persons": 1},
    }  # fmt: skip
    body = bodies.get(what, {"persons": 1, "on": "2026-03-09"})
    await arrived(settled) if what != "arrival" else None
    told(await report(settled, what, body, who="dortmund", ags=DORTMUND), 404, "not-found")
    told(await report(settled, what, body, who="dortmund"), 404, "not-found")
    told(await report(settled, what, body, who="caseworker"), 403, "forbidden")
    told(await settled.get("dortmund", f"{of(settled.home, DORTMUND)}/presence"), 404, "not-found")


async def test_of_two_who_confirm_one_is_told(settled: Any) -> None:
    seen = {"If-Match": (await settled.get("muenster", f"{of(settled.home)}/presence")).headers["ETag"]}
    first = await settled.post("muenster", f"{of(settled.home)}/arrival", ARRIVAL, **seen)
    second = await settled.post("planner", f"{of(settled.home)}/arrival", ARRIVAL, **seen)
    assert first.status_code == 200
    told(second, 412, "version-mismatch")
    told(await settled.post("muenster", f"{of(settled.home)}/births", {"children": 1, "on": "2026-03-09"}), 428,
         "precondition-required")  # fmt: skip


async def test_the_service_can_overwrite_no_presence(settled: Any) -> None:
    await arrived(settled)
    for sql in ("UPDATE presence SET persons = 9", "DELETE FROM presence"):
        with pytest.raises(Exception, match="nothing is overwritten"):
            await settled.rows(sql)
