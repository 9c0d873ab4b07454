"""The towns' side over HTTP: what a town says counts where it may, and no town sees another's."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
POLICY: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
HOME = "/municipalities/05515000"
FLAT = {"persons": 7, "square_metres": 120, "barrier_free": True, "free_from": "2026-03-20"}
STOP = {"first_day": "2026-03-09", "last_day": "2026-03-31", "reason": "housing"}
CARE = {"offers": "language:uk", "first_day": "2026-03-01"}


def told(answer: Any, status: int, kind: str) -> list[str]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return [error["field"] for error in answer.json().get("errors", [])]


async def created(desk: Any, path: str, body: Any, who: str = "muenster") -> dict[str, Any]:
    answer = await desk.post(who, f"{HOME}/{path}", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
async def ruled(desk: Any) -> Any:
    """The desk with a policy in force."""
    await desk.post("planner", "/policies", POLICY)
    await desk.done("signatory", f"/policies/{POLICY['version']}", "approval")
    return desk


async def situation(desk: Any, who: str = "muenster") -> tuple[int, bool, list[str]]:
    found = (await desk.get(who, f"{HOME}/situation")).json()
    return found["capacity_left"], found["stopped"], found["offers"]


async def test_what_a_town_says_is_what_a_plan_reckons_with(ruled: Any) -> None:
    assert await situation(ruled) == (40, False, [])
    await created(ruled, "capacities", {"persons": 25, "valid_from": "2026-03-01"})
    await created(ruled, "flats", FLAT)
    await created(ruled, "care-offers", CARE)
    assert await situation(ruled) == (25, False, ["accessible", "language:uk", "large_home"])
    household = uuid4()

    async def place(work: AllocationWork) -> None:
        await work.ledger.placed({household: ("05515000", 5)}, work.calendar.today())

    await ruled.run(place)
    assert (await situation(ruled))[0] == 20

    async def all_towns(work: AllocationWork) -> Any:
        return await work.towns.situation(work.calendar.today())

    found = await ruled.run(all_towns)
    assert (len(found), found["05515000"].capacity_left, found["05913000"].capacity_left) == (396, 20, 40)
    await created(ruled, "capacities", {"persons": 3, "valid_from": "2026-03-09", "valid_until": "2026-03-10"})
    assert (await situation(ruled))[0] == 0
    listed = (await ruled.get("auditor", f"{HOME}/capacities", limit=1)).json()
    assert [one["number"] for one in listed["items"]] == [2]
    rest = (await ruled.get("auditor", f"{HOME}/capacities", cursor=listed["next"])).json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([1], None)


async def test_only_a_stop_a_planner_approved_counts(ruled: Any) -> None:
    asked = await created(ruled, "stops", STOP)
    path = f"{HOME}/stops/{asked['id']}"
    assert (asked["actions"], (await situation(ruled))[1]) == (["end"], False)
    waiting = (await ruled.get("planner", "/stops", state="asked")).json()["items"]
    assert [(one["id"], one["actions"]) for one in waiting] == [(asked["id"], ["approval", "refusal"])]
    told(await ruled.act("muenster", path, "approval"), 403, "forbidden")
    approved = await ruled.done("planner", path, "approval")
    assert (approved["decided_by"], (await situation(ruled))[1]) == ("person-a", True)
    told(await ruled.act("planner", path, "refusal", {"reason": "too-long"}), 409, "settled-already")
    assert (await ruled.get("muenster", path)).json()["decided_by"] is None
    await ruled.done("muenster", path, "end")
    assert (await situation(ruled))[1] is False


async def test_of_two_planners_at_one_stop_the_second_is_told(ruled: Any) -> None:
    path = f"{HOME}/stops/{(await created(ruled, 'stops', STOP))['id']}"
    seen = {"If-Match": (await ruled.get("planner", path)).headers["ETag"]}
    first = await ruled.post("planner", f"{path}/approval", **seen)
    second = await ruled.post("second-planner", f"{path}/refusal", {"reason": "too-long"}, **seen)
    assert first.status_code == 200
    told(second, 412, "version-mismatch")


async def test_a_flat_is_withdrawn_with_the_version_that_was_seen(ruled: Any) -> None:
    flat = await created(ruled, "flats", FLAT)
    path = f"{HOME}/flats/{flat['id']}"
    assert flat["actions"] == ["correction", "reservation", "withdrawal"]
    told(await ruled.post("muenster", f"{path}/withdrawal"), 428, "precondition-required")
    smaller = await ruled.done("muenster", path, "correction", FLAT | {"persons": 2})
    assert smaller["persons"] == 2
    told(await ruled.act("muenster", path, "reservation", {"household_id": str(uuid4())}), 404, "not-found")
    assert (await ruled.done("muenster", path, "withdrawal"))["state"] == "withdrawn"
    told(await ruled.act("muenster", path, "withdrawal"), 409, "offer-not-free")
    assert (await ruled.get("muenster", f"{HOME}/flats", state="free")).json()["items"] == []


async def test_care_is_withdrawn_from_today_on(ruled: Any) -> None:
    path = f"{HOME}/care-offers/{(await created(ruled, 'care-offers', CARE))['id']}"
    assert (await ruled.done("muenster", path, "withdrawal"))["withdrawn_on"] == "2026-03-09"
    assert (await situation(ruled))[2] == []
    told(await ruled.act("muenster", path, "withdrawal"), 409, "settled-already")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("capacities", {"persons": -1, "valid_from": "2026-03-01"}, "/persons"),
        ("capacities", {"persons": 3, "valid_from": "2026-03-09", "valid_until": "2026-03-08"}, "/valid_until"),
        ("capacities", {"persons": 3, "valid_from": "2026-03-12", "valid_until": "2026-03-11"}, "/valid_until"),
        ("stops", STOP | {"last_day": "2026-03-08"}, "/last_day"),
        ("stops", STOP | {"reason": "weather"}, "/reason"),
        ("flats", FLAT | {"persons": 0}, "/persons"),
        ("flats", FLAT | {"square_metres": -4}, "/square_metres"),
        ("care-offers", CARE | {"offers": "Frau Müller"}, "/offers"),
        ("care-offers", CARE | {"last_day": "2026-02-01"}, "/last_day"),
    ],
)
async def test_what_cannot_be_is_told_by_field(desk: Any, path: str, body: Any, field: str) -> None:
    answer = await desk.post("muenster", f"{HOME}/{path}", body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field]), answer.text


PATHS = ("situation", "capacities", "stops", "flats", "care-offers", "account", "account/line", "bookings")


@pytest.mark.parametrize("path", PATHS)
async def test_a_town_sees_nothing_of_another(ruled: Any, path: str) -> None:
    told(await ruled.get("dortmund", f"{HOME}/{path}"), 404, "not-found")
    told(await ruled.get("caseworker", f"{HOME}/{path}"), 403, "forbidden")
    told(await ruled.get("planner", f"/municipalities/05999999/{path}"), 404, "not-found")
    for who in ("muenster", "planner", "auditor"):
        assert (await ruled.get(who, f"{HOME}/{path}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [("capacities", {"persons": 1, "valid_from": "2026-03-01"}), ("stops", STOP), ("flats", FLAT),
     ("care-offers", CARE)],
)  # fmt: skip
async def test_a_town_says_nothing_for_another(desk: Any, path: str, body: Any) -> None:
    told(await desk.post("dortmund", f"{HOME}/{path}", body), 404, "not-found")
    for who in ("auditor", "operator", "caseworker", "signatory"):
        told(await desk.post(who, f"{HOME}/{path}", body), 403, "forbidden")


async def test_the_flat_of_one_town_is_none_of_another(ruled: Any) -> None:
    flat = await created(ruled, "flats", FLAT)
    told(await ruled.get("dortmund", f"/municipalities/05913000/flats/{flat['id']}"), 404, "not-found")
