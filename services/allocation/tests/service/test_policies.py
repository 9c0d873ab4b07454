"""Policies and series over HTTP: two persons, whole or not at all, and every problem at its field."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kfi_allocation.work import AllocationWork
from kfi_law.municipalities import register

pytestmark = pytest.mark.servers
POLICY: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "policy.json").read_text("utf-8"))
VERSION = POLICY["version"]
FIGURES = "ags,figure\n" + "".join(f"{town.ags},{number}\n" for number, town in enumerate(register(), start=1))
SERIES = {
    "name": "population", "basis": "rollforward_2022", "counted_on": "2025-12-31", "holds_from": "2026-04-01",
    "source": "IT.NRW; dl-de/by-2-0", "file": FIGURES,
}  # fmt: skip


def told(answer: Any, status: int, kind: str) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return [(error["field"], error["fix"]) for error in answer.json().get("errors", [])]


def changed(**members: Any) -> dict[str, Any]:
    return deepcopy(POLICY) | members


async def in_force(desk: Any, **members: Any) -> None:
    policy = changed(**members)
    assert (await desk.post("planner", "/policies", policy)).status_code == 201
    await desk.done("signatory", f"/policies/{policy['version']}", "approval")


async def test_one_person_drafts_a_policy_and_another_puts_it_into_force(desk: Any) -> None:
    drafted = await desk.post("planner", "/policies", POLICY)
    assert (drafted.status_code, drafted.headers["ETag"]) == (201, '"1"')
    assert drafted.headers["Location"] == f"/allocation/v1/policies/{VERSION}"
    assert drafted.json()["policy"]["account"]["key"] == POLICY["account"]["key"]
    told(await desk.get("planner", "/policies/in-force"), 409, "no-policy-in-force")
    approved = await desk.done("signatory", f"/policies/{VERSION}", "approval")
    assert (approved["standing"], approved["drafted_by"], approved["decided_by"]) == (
        "in-force", "person-a", "person-b",
    )  # fmt: skip
    assert (await desk.get("planner", "/policies/in-force")).json()["version"] == VERSION
    assert [line["version"] for line in (await desk.get("auditor", "/policies")).json()["items"]] == [VERSION]


async def test_one_person_with_two_accounts_puts_no_policy_into_force(desk: Any) -> None:
    await desk.post("planner", "/policies", POLICY)
    told(await desk.act("planner-as-signatory", f"/policies/{VERSION}", "approval"), 409, "second-person-needed")
    told(await desk.act("planner", f"/policies/{VERSION}", "approval"), 403, "forbidden")


@pytest.mark.parametrize("decided_by", ["'person-a'", "NULL"])
async def test_also_the_database_takes_no_policy_of_one_person(desk: Any, decided_by: str) -> None:
    await desk.post("planner", "/policies", POLICY)

    async def force(work: AllocationWork) -> None:
        sql = f"UPDATE policy SET standing = 'in-force', decided_by = {decided_by}"  # noqa: S608 - of this test
        await work.connection.execute(text(sql))

    with pytest.raises(IntegrityError, match="policy_of_two_persons"):
        await desk.run(force)


async def test_also_the_database_changes_no_policy_in_force(desk: Any) -> None:
    await in_force(desk)

    async def change(work: AllocationWork) -> None:
        await work.connection.execute(text("UPDATE policy SET valid_from = valid_from - 1"))

    with pytest.raises(Exception, match="nothing is overwritten"):
        await desk.run(change)


async def test_what_is_no_policy_is_told_by_field(desk: Any) -> None:
    weights = dict.fromkeys(POLICY["weights"], 0)
    nothing = told(await desk.post("planner", "/policies", changed(weights=weights)), 422, "invalid-input")
    assert nothing == [("/weights", "the weights sum to nothing: every plan would cost the same")]
    shares = deepcopy(POLICY["account"])
    shares["key"]["parts"][0] |= {"share": "0.9", "series": "wealth"}
    wrong = told(await desk.post("planner", "/policies", changed(account=shares)), 422, "invalid-input")
    assert ("/account/key/parts", "the shares must sum to 1") in wrong
    weights = POLICY["weights"] | {"off_target_per_person": -1}
    negative = told(await desk.post("planner", "/policies", changed(weights=weights)), 422, "invalid-input")
    assert [field for field, _ in negative] == ["/weights/off_target_per_person"]
    told(await desk.get("planner", f"/policies/{VERSION}"), 404, "not-found")


async def test_a_policy_of_a_day_that_passed_replaces_none(desk: Any) -> None:
    await in_force(desk)
    later = changed(version="second", valid_from="2026-03-08")
    assert (await desk.post("planner", "/policies", later)).status_code == 201
    fields = told(await desk.act("signatory", "/policies/second", "approval"), 422, "day-not-possible")
    assert fields[0][0] == "/valid_from"
    returned = await desk.done("planner", "/policies/second", "return", {"reason": "withdrawn"})
    assert (returned["standing"], returned["actions"]) == ("returned", [])


async def test_each_day_has_its_policy(desk: Any) -> None:
    await in_force(desk)
    await in_force(desk, version="summer", valid_from="2026-06-01")
    assert (await desk.get("planner", "/policies/in-force")).json()["version"] == VERSION
    desk.calendar.day = desk.calendar.day.replace(month=6)
    assert (await desk.get("planner", "/policies/in-force")).json()["version"] == "summer"


async def test_what_is_decided_is_what_was_seen(desk: Any) -> None:
    await desk.post("planner", "/policies", POLICY)
    told(await desk.post("signatory", f"/policies/{VERSION}/approval"), 428, "precondition-required")
    told(await desk.post("signatory", f"/policies/{VERSION}/approval", **{"If-Match": '"7"'}), 412, "version-mismatch")
    told(await desk.post("planner", "/policies", POLICY), 409, "taken-name")
    once = {"Idempotency-Key": str(uuid4())}
    first, second = [await desk.post("planner", "/policies", changed(version="once"), **once) for _ in range(2)]
    assert (first.json()["id"], second.headers["Idempotency-Replayed"]) == (second.json()["id"], "true")


@pytest.mark.parametrize("who", ["muenster", "signatory", "auditor", "operator", "caseworker"])
async def test_who_is_no_planner_drafts_no_policy_and_loads_no_series(desk: Any, who: str) -> None:
    told(await desk.post(who, "/policies", POLICY), 403, "forbidden")
    told(await desk.post(who, "/series", SERIES), 403, "forbidden")


async def test_a_new_series_is_data_and_counts_from_its_day(desk: Any) -> None:
    loaded = await desk.post("planner", "/series", SERIES)
    assert (loaded.status_code, loaded.json()["municipalities"], loaded.json()["total"]) == (201, 396, "78606")
    await in_force(desk)
    spring = changed(version="spring", valid_from="2026-04-01", population_basis="rollforward_2022")
    await in_force(desk, **spring)
    assert (await desk.get("planner", "/account")).json()["series"][0]["counted_on"] == "2022-05-15"
    desk.calendar.day = desk.calendar.day.replace(month=4, day=1)
    account = (await desk.get("planner", "/account")).json()
    assert (account["series"][0]["counted_on"], account["series"][0]["source"]) == (
        "2025-12-31",
        "rollforward_2022: IT.NRW; dl-de/by-2-0",
    )
    assert account["series"][0]["by_ags"]["05111000"] == "1"
    told(await desk.post("planner", "/series", SERIES | {"file": FIGURES}), 409, "taken-name")


async def test_no_policy_comes_into_force_without_the_series_of_its_key(desk: Any) -> None:
    await desk.post("planner", "/policies", changed(population_basis="rollforward_2022"))
    told(await desk.act("signatory", f"/policies/{VERSION}", "approval"), 409, "account-not-computable")
    assert (await desk.get("auditor", f"/policies/{VERSION}")).json()["standing"] == "drafted"


async def test_a_series_with_a_municipality_of_a_reform_is_told_by_line_and_nothing_comes_in(desk: Any) -> None:
    reformed = FIGURES.replace("05111000", "05111999").replace(",3\n", ",-3\n")
    found = told(await desk.post("planner", "/series", SERIES | {"file": reformed}), 422, "invalid-input")
    assert [field for field, _ in found] == ["/file/2/ags", "/file/4/figure", "/file/05111000"]
    late = SERIES | {"holds_from": "2026-03-08"}
    assert told(await desk.post("planner", "/series", late), 422, "day-not-possible")[0][0] == "/holds_from"
    assert (await desk.get("auditor", "/series")).json()["items"] == []


async def test_every_step_of_a_policy_is_on_record(desk: Any) -> None:
    await in_force(desk)
    rows = await desk.rows("SELECT action, person, version FROM audit WHERE aggregate = 'policy' ORDER BY version")
    assert [tuple(row) for row in rows] == [("draft", "person-a", 1), ("approval", "person-b", 2)]
