"""Withdrawal and early start over HTTP: money is free again, others are told; too late is told clearly."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest

pytestmark = pytest.mark.servers


def told(answer: Any, status: int, slug: str) -> str:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem
    return str(next(iter(problem.get("errors", [{"field": ""}])))["field"])


async def reserved(desk: Any) -> str:
    return str((await desk.rows("SELECT sum(reserved + committed) AS n FROM budget_year"))[0].n)


async def test_an_application_is_taken_back_and_its_money_is_free(desk: Any) -> None:
    case = await desk.in_second_check()
    assert await reserved(desk) == "14400.00"
    seen = await desk.done("association", case, "withdrawal", {})
    assert (seen["state"], seen["withdrawn_on"], seen["actions"]) == ("withdrawn", "2026-03-09", [])
    assert (seen["payment_blocked_because"], await reserved(desk)) == ("nothing-granted", "0.00")
    (row,) = await desk.rows("SELECT sequence, payload FROM outbox WHERE type LIKE '%application-withdrawn.v1'")
    assert (row.sequence, json.loads(row.payload)) == (
        2, {"application_id": case, "file_number": "36-2026-0001", "withdrawn_on": "2026-03-09"},
    )  # fmt: skip
    assert (await desk.get("caseworker", "/work-list")).json()["items"] == []


async def test_a_caseworker_enters_a_withdrawal_that_came_by_post(desk: Any) -> None:
    case = await desk.filed()
    desk.calendar.day = date(2026, 3, 12)
    seen = await desk.done("caseworker", case, "withdrawal", {"received_on": "2026-03-11"})
    assert seen["withdrawn_on"] == "2026-03-11"


async def test_nobody_waits_for_an_answer_to_what_was_taken_back(desk: Any) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "information-request", {"items": ["statutes"]})
    await desk.done("association", case, "withdrawal", {})
    assert {row.outcome for row in await desk.rows("SELECT outcome FROM deadline")} == {"cancelled"}


async def test_after_the_signature_it_is_too_late_and_the_answer_tells_nothing_of_the_outcome(desk: Any) -> None:
    case = await desk.granted()
    answer = await desk.act("association", case, "withdrawal", {})
    told(answer, 409, "already-decided")
    assert "grant" not in answer.text
    assert await reserved(desk) == "14400.00"


async def test_of_a_signature_and_a_withdrawal_at_once_one_counts_and_the_other_is_told(desk: Any) -> None:
    case = await desk.in_second_check()
    digest = {"digest": await desk.digest(case)}
    seen = {"If-Match": (await desk.get("auditor", f"/applications/{case}")).headers["ETag"]}
    answers = await asyncio.gather(
        desk.post("signatory", f"/applications/{case}/signature", digest, **seen),
        desk.post("association", f"/applications/{case}/withdrawal", {}, **seen),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    events = {row.type.rsplit(".", 2)[1] for row in await desk.rows("SELECT type FROM outbox WHERE sequence = 2")}
    assert events in ({"decision-made"}, {"application-withdrawn"})


@pytest.mark.parametrize(
    ("who", "body", "status", "slug", "field"),
    [
        ("association", {"received_on": "2026-03-10"}, 422, "date-not-possible", "/received_on"),
        ("association", {"received_on": "2026-03-08"}, 422, "date-not-possible", "/received_on"),
        ("association", {"received_on": "GEHEIM"}, 422, "invalid-input", "/received_on"),
        ("association", {"because": "GEHEIM"}, 422, "invalid-input", ""),
        ("stranger", {}, 404, "not-found", ""),
        ("signatory", {}, 403, "forbidden", ""),
        ("auditor", {}, 403, "forbidden", ""),
    ],
)
async def test_a_withdrawal_that_cannot_be_is_told(
    desk: Any, who: str, body: Any, status: int, slug: str, field: str
) -> None:
    case = await desk.filed()
    answer = await desk.act(who, case, "withdrawal", body)
    assert told(answer, status, slug) == field
    assert "GEHEIM" not in answer.text
    assert await desk.state(case) == "received"


async def test_an_early_start_is_permitted_by_a_signatory_and_the_applicant_sees_from_when(desk: Any) -> None:
    case = await desk.filed()
    await desk.done("signatory", case, "early-start", {"begins_on": "2026-03-16"})
    seen = (await desk.get("association", f"/applications/{case}")).json()
    assert (seen["early_start_from"], seen["state"]) == ("2026-03-16", "received")
    assert "person-b" not in json.dumps(seen)
    row = (await desk.rows("SELECT person, details FROM audit WHERE action = 'permit-early-start'"))[0]
    assert (row.person, row.details["begins_on"]) == ("person-b", "2026-03-16")


@pytest.mark.parametrize(
    ("who", "day", "status", "slug"),
    [
        ("signatory", "2026-03-08", 422, "date-not-possible"),
        ("signatory", "9999-12-31", 422, "date-not-possible"),
        ("signatory", "soon", 422, "invalid-input"),
        ("caseworker-only", "2026-03-16", 403, "forbidden"),
        ("association", "2026-03-16", 403, "forbidden"),
    ],
)
async def test_an_early_start_that_cannot_be_is_told(desk: Any, who: str, day: str, status: int, slug: str) -> None:
    case = await desk.filed()
    told(await desk.act(who, case, "early-start", {"begins_on": day}), status, slug)
    assert (await desk.get("auditor", f"/applications/{case}")).json()["early_start_from"] is None


async def test_an_early_start_is_permitted_once_and_not_after_the_signature(desk: Any) -> None:
    case = await desk.granted()
    told(await desk.act("signatory", case, "early-start", {"begins_on": "2026-03-16"}), 409, "already-decided")
    other = await desk.filed()
    await desk.done("signatory", other, "early-start", {"begins_on": "2026-03-16"})
    told(await desk.act("signatory", other, "early-start", {"begins_on": "2026-03-16"}), 409, "wrong-state")


async def test_what_an_applicant_says_of_a_permission_is_none(desk: Any, application_body: Any) -> None:
    project = {**application_body["project"], "begun_on": "2026-03-02", "early_start_permitted": True}
    case = await desk.filed(project=project)
    await desk.done("caseworker", case, "formal-check")
    assert (await desk.done("caseworker", case, "substance-check"))["assessment"]["result"] == "refused"
