"""Calls over HTTP: proposed by one person, put in force by another, corrected by a next version, never in silence."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers
TERMS = {
    "programme": "mso-einzelprojekt", "title": "Einzelprojektförderung 2026", "opens_on": "2026-03-01",
    "last_day": "2026-03-31", "deadline_kind": "ausschlussfrist", "budget_title": "WIDE",
    "source": "Erlass vom 2.2.2026", "cap": "50000.00", "civic_work_basis": "stated-total",
}  # fmt: skip


async def opened(desk: Any, key: str = "new", who: str = "budget", **changes: Any) -> Any:
    body = {"key": key, **TERMS, **changes}
    return await desk.post(who, "/calls", body, **{"Idempotency-Key": str(uuid4())})


async def step(desk: Any, who: str, action: str, body: Any = None, key: str = "new") -> Any:
    seen = (await desk.get("auditor", f"/calls/{key}")).headers["ETag"]
    return await desk.post(who, f"/calls/{key}/{action}", body, **{"If-Match": seen})


def told(answer: Any, status: int, kind: str) -> str:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return str(answer.json()["detail"])


async def test_two_persons_open_a_call_and_then_it_takes_applications(desk: Any) -> None:
    proposed = await opened(desk)
    assert (proposed.status_code, proposed.headers["ETag"]) == (201, '"1"')
    assert proposed.headers["Location"] == "/applications/v1/calls/new"
    assert (proposed.json()["in_force"], proposed.json()["pending"]) == (None, 1)
    told(await desk.file(call="new"), 422, "call-not-accepting")
    approved = (await step(desk, "signatory", "approval")).json()
    assert (approved["in_force"], approved["pending"]) == (1, None)
    (version,) = approved["versions"]
    assert (version["proposed_by"], version["decided_by"], version["decided_on"]) == (
        "person-d", "person-b", "2026-03-09",
    )  # fmt: skip
    filed = await desk.file(call="new")
    assert (filed.status_code, filed.json()["call_version"]) == (201, 1)


async def test_one_person_with_two_accounts_cannot_open_a_call(desk: Any) -> None:
    assert (await opened(desk, who="caseworker")).status_code == 201
    for account in ("caseworker", "second-account-of-caseworker"):
        told(await step(desk, account, "approval"), 409, "four-eyes-violated")
    assert (await step(desk, "budget", "approval")).status_code == 200


@pytest.mark.parametrize("who", ["association", "signatory", "auditor", "operator"])
async def test_who_has_no_duty_for_it_proposes_no_call(desk: Any, who: str) -> None:
    told(await opened(desk, who=who), 403, "forbidden")


@pytest.mark.parametrize("who", ["association", "auditor", "operator"])
async def test_who_has_no_duty_for_it_approves_no_call(desk: Any, who: str) -> None:
    await opened(desk)
    told(await step(desk, who, "approval"), 403, "forbidden")


async def test_a_correction_is_a_new_version_and_a_case_keeps_its_own(desk: Any) -> None:
    await opened(desk, cap="5000.00")
    await step(desk, "signatory", "approval")
    case = await desk.filed(call="new")
    changed = {**TERMS, "cap": "50000.00", "source": "Erlass vom 6.3.2026"}
    proposed = (await step(desk, "budget", "correction", changed)).json()
    assert (proposed["in_force"], proposed["pending"]) == (1, 2)
    (shown,) = [call for call in (await desk.get("association", "/calls")).json() if call["key"] == "new"]
    assert (shown["version"], shown["cap"]) == (1, "5000.00")
    assert (await step(desk, "signatory", "approval")).json()["in_force"] == 2
    later = await desk.filed(call="new")
    grants = {}
    for one in (case, later):
        await desk.done("caseworker", one, "formal-check")
        grants[one] = (await desk.done("caseworker", one, "substance-check"))["assessment"]["grant"]
    assert grants == {case: "5000.00", later: "14400.00"}
    assert (await desk.get("auditor", f"/applications/{case}")).json()["call_version"] == 1


async def test_what_is_corrected_is_what_was_seen(desk: Any) -> None:
    await opened(desk)
    answer = await desk.post("budget", "/calls/new/correction", TERMS)
    told(answer, 428, "precondition-required")
    told(await desk.post("signatory", "/calls/new/approval", **{"If-Match": '"7"'}), 412, "version-mismatch")
    told(await step(desk, "budget", "correction", TERMS), 409, "wrong-state")


async def test_a_version_that_is_returned_changes_nothing_and_its_proposer_may_withdraw_it(desk: Any) -> None:
    await opened(desk)
    await step(desk, "signatory", "approval")
    await step(desk, "budget", "correction", {**TERMS, "last_day": "2026-05-31"})
    returned = (await step(desk, "budget", "return", {"reason": "withdrawn"})).json()
    assert (returned["in_force"], returned["pending"]) == (1, None)
    assert returned["versions"][1]["returned_because"] == "withdrawn"
    await step(desk, "budget", "correction", {**TERMS, "last_day": "2026-05-31"})
    assert (await step(desk, "signatory", "return", {"reason": "dates"})).json()["versions"][2]["number"] == 3
    told(await step(desk, "signatory", "approval"), 409, "wrong-state")


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"programme": "zwar"}, "call-not-accepting", "the funding ended on 31 December 2019"),
        ({"programme": "zusammenkommen-und-verstehen"}, "call-not-accepting", "ran in 2015 only"),
        ({"programme": "nothing"}, "call-not-accepting", "no such programme"),
        ({"cap": None}, "call-not-accepting", "does not say: cap"),
        ({"last_day": "2026-02-28"}, "date-not-possible", "end before it opens"),
        ({"closed_on": "2026-02-28"}, "date-not-possible", "closed before it opens"),
    ],
)
async def test_a_call_nobody_could_be_funded_by_is_not_proposed(
    desk: Any, changes: dict[str, Any], kind: str, words: str
) -> None:
    assert words in told(await opened(desk, **changes), 422, kind)
    told(await desk.get("auditor", "/calls/new"), 404, "not-found")


async def test_a_call_needs_a_budget_title_that_is_approved_and_a_key_of_its_own(desk: Any) -> None:
    told(await opened(desk, budget_title="NOWHERE"), 409, "not-in-budget")
    told(await opened(desk, key="open"), 409, "already-there")


async def test_the_same_request_opens_one_call(desk: Any) -> None:
    body, once = {"key": "new", **TERMS}, {"Idempotency-Key": str(uuid4())}
    first, second = [await desk.post("budget", "/calls", body, **once) for _ in range(2)]
    assert (first.json()["id"], second.headers["Idempotency-Replayed"]) == (second.json()["id"], "true")


async def test_every_step_of_a_call_is_on_record_and_its_actions_are_told(desk: Any) -> None:
    created = (await opened(desk)).json()
    assert created["actions"] == ["return"]
    assert (await desk.get("signatory", "/calls/new")).json()["actions"] == ["approval", "return"]
    assert (await desk.get("auditor", "/calls/new")).json()["actions"] == []
    await step(desk, "signatory", "approval")
    assert (await desk.get("budget", "/calls/new")).json()["actions"] == ["correction"]
    sql = (
        "SELECT action, person, version, details FROM audit WHERE aggregate = 'call' AND aggregate_id = :id ORDER BY 3"
    )
    rows = await desk.rows(sql, id=created["id"])
    assert [(row.action, row.person, row.version) for row in rows] == [
        ("correction", "person-d", 1), ("approval", "person-b", 2),
    ]  # fmt: skip


async def test_a_call_that_waits_is_seen_by_staff_alone(desk: Any) -> None:
    await opened(desk)
    seen = {
        who: [
            (call["in_force"], call["open"]) for call in (await desk.get(who, "/calls")).json() if call["key"] == "new"
        ]
        for who in ("association", "signatory")
    }
    assert seen == {"association": [], "signatory": [(False, False)]}
    told(await desk.get("association", "/calls/new"), 403, "forbidden")


async def test_a_call_is_closed_by_a_correction_and_its_cases_go_on(desk: Any) -> None:
    await opened(desk)
    await step(desk, "signatory", "approval")
    case = await desk.filed(call="new")
    await step(desk, "budget", "correction", {**TERMS, "closed_on": "2026-03-09", "source": "Erlass vom 9.3.2026"})
    await step(desk, "signatory", "approval")
    assert "was closed on 2026-03-09" in told(await desk.file(call="new"), 422, "call-not-accepting")
    await desk.done("caseworker", case, "formal-check")
    assert (await desk.done("caseworker", case, "substance-check"))["assessment"]["result"] == "eligible"


async def test_of_two_approvals_at_once_one_counts_and_one_is_told(desk: Any) -> None:
    await opened(desk)
    seen = {"If-Match": (await desk.get("auditor", "/calls/new")).headers["ETag"]}
    answers = await asyncio.gather(*(desk.post(who, "/calls/new/approval", **seen) for who in ("signatory", "third")))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    sql = (
        "SELECT person FROM audit WHERE aggregate = 'call' AND action = 'approval' AND person <> 'system:applications'"
    )
    assert len(await desk.rows(sql)) == 1


async def test_of_two_who_open_the_same_call_one_is_told(desk: Any) -> None:
    answers = await asyncio.gather(*(opened(desk, who=who) for who in ("budget", "caseworker")))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
