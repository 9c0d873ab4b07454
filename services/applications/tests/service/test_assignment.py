"""Whose case it is: taken, given, given back; a deputy acts with a mandate and not without one."""

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers
TODAY = date(2026, 3, 9)


def told(answer: Any, status: int, slug: str) -> str:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem
    return str(next(iter(problem.get("errors", [{"field": ""}])))["field"])


async def at_work(desk: Any, *who: str) -> None:
    """Each has opened the work list once."""
    for account in who:
        assert (await desk.get(account, "/work-list")).status_code == 200


async def assigned(desk: Any, case: str) -> str | None:
    return (await desk.get("auditor", f"/applications/{case}")).json()["assignee"]  # type: ignore[no-any-return]


async def mandate(desk: Any, who: str, **changes: str) -> Any:
    body = {"deputy": "person-e", "valid_from": "2026-03-09", "valid_until": "2026-03-20", **changes}
    return await desk.post(who, "/mandates", body, **{"Idempotency-Key": str(uuid4())})


async def test_a_case_is_taken_given_and_given_back(desk: Any) -> None:
    case = await desk.filed()
    await at_work(desk, "colleague")
    assert (await desk.done("caseworker", case, "assignment", {"assignee": "me"}))["assignee"] == "person-a"
    assert (await desk.done("caseworker", case, "assignment", {"assignee": "person-e"}))["assignee"] == "person-e"
    assert (await desk.done("colleague", case, "assignment", {"assignee": None}))["assignee"] is None
    rows = await desk.rows("SELECT reason, person, details FROM audit WHERE action = 'assign' ORDER BY number")
    assert [(row.reason, row.person, row.details["assignee"]) for row in rows] == [
        ("taken", "person-a", "person-a"), ("given", "person-a", "person-e"), ("given-back", "person-e", ""),
    ]  # fmt: skip


async def test_of_two_who_take_a_case_at_once_the_second_is_told(desk: Any) -> None:
    case = await desk.filed()
    address = f"/applications/{case}/assignment"
    answers = await asyncio.gather(
        *(desk.post(who, address, {"assignee": "me"}, **{"If-Match": '"1"'}) for who in ("caseworker", "colleague"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_case_is_not_given_to_somebody_nobody_knows(desk: Any) -> None:
    case = await desk.filed()
    answer = await desk.act("caseworker", case, "assignment", {"assignee": "person-misspelt"})
    assert told(answer, 422, "unknown-colleague") == "/assignee"
    assert await assigned(desk, case) is None


async def test_a_case_can_be_given_to_whoever_has_opened_the_work_list_once(desk: Any) -> None:
    await at_work(desk, "colleague", "caseworker", "auditor", "signatory")
    first = (await desk.get("caseworker", "/caseworkers", limit=1)).json()
    rest = (await desk.get("caseworker", "/caseworkers", limit=1, cursor=first["next"])).json()
    assert [one["person"] for one in first["items"] + rest["items"]] == ["person-a", "person-e"]
    told(await desk.get("association", "/caseworkers"), 403, "forbidden")


async def test_whoever_has_the_case_already_is_told(desk: Any) -> None:
    case = await desk.filed()
    told(await desk.act("caseworker", case, "assignment", {"assignee": None}), 409, "wrong-state")


@pytest.mark.parametrize(
    ("action", "body"), [("formal-check", None), ("assignment", {"assignee": "me"}), ("assignment", {"assignee": None})]
)
async def test_a_deputy_without_a_mandate_is_refused(desk: Any, action: str, body: Any) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "assignment", {"assignee": "me"})
    assert (await desk.get("colleague", f"/applications/{case}")).json()["actions"] == ["early-start"]  # signs as well
    told(await desk.act("colleague", case, action, body), 409, "no-mandate")
    assert await assigned(desk, case) == "person-a"


async def test_a_deputy_acts_within_the_days_of_the_mandate_and_the_audit_says_for_whom(desk: Any) -> None:
    case = await desk.filed()
    await at_work(desk, "colleague")
    await desk.done("caseworker", case, "assignment", {"assignee": "me"})
    assert (await mandate(desk, "caseworker", valid_from="2026-03-10")).status_code == 201
    told(await desk.act("colleague", case, "formal-check"), 409, "no-mandate")
    desk.calendar.day = date(2026, 3, 20)
    offered = (await desk.get("colleague", f"/applications/{case}")).json()["actions"]
    assert "formal-check" in offered
    assert [line["id"] for line in (await desk.get("colleague", "/work-list", assignee="represented")).json()["items"]]
    await desk.done("colleague", case, "formal-check")
    row = (await desk.rows("SELECT person, details FROM audit WHERE action = 'open-formal-check'"))[0]
    assert (row.person, row.details["acting_for"]) == ("person-e", "person-a")
    desk.calendar.day = date(2026, 3, 21)
    told(await desk.act("colleague", case, "substance-check"), 409, "no-mandate")
    assert (await desk.get("colleague", "/work-list", assignee="represented")).json()["items"] == []


async def test_a_deputy_does_not_get_past_four_eyes(desk: Any, proposal_body: Any) -> None:
    case = await desk.filed()
    await at_work(desk, "colleague")
    await desk.done("caseworker", case, "assignment", {"assignee": "me"})
    await mandate(desk, "caseworker")
    for action in ("formal-check", "substance-check"):
        await desk.done("colleague", case, action)
    await desk.done("colleague", case, "proposal", proposal_body)
    await desk.done("budget", case, "reservation")
    told(await desk.act("colleague", case, "second-check"), 409, "four-eyes-violated")
    await desk.done("caseworker", case, "second-check")


async def test_a_revoked_mandate_ends_at_once_and_once(desk: Any) -> None:
    case = await desk.filed()
    await at_work(desk, "colleague")
    await desk.done("caseworker", case, "assignment", {"assignee": "me"})
    number = (await mandate(desk, "caseworker")).json()["id"]
    address = f"/mandates/{number}/revocation"
    told(await desk.post("budget", address, **{"If-Match": '"1"'}), 403, "forbidden")
    revoked = await desk.post("caseworker", address, **{"If-Match": '"1"'})
    assert (revoked.status_code, revoked.json()["in_force"]) == (200, False)
    told(await desk.post("caseworker", address, **{"If-Match": '"1"'}), 409, "wrong-state")
    told(await desk.act("colleague", case, "formal-check"), 409, "no-mandate")
    assert (await desk.get("auditor", "/mandates")).json()["items"] == []
    rows = await desk.rows("SELECT action, person FROM audit WHERE aggregate = 'mandate' ORDER BY number")
    assert [(row.action, row.person) for row in rows] == [
        ("grant-mandate", "person-a"), ("revoke-mandate", "person-a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "changes", "status", "slug", "field"),
    [
        ("caseworker", {"deputy": "person-a"}, 422, "mandate-not-possible", "/deputy"),
        ("signatory", {"represented": "person-a", "deputy": "person-b"}, 422, "mandate-not-possible", "/deputy"),
        ("colleague", {"represented": "person-a", "deputy": "person-b"}, 422, "unknown-colleague", "/deputy"),
        ("caseworker", {"represented": "person-b"}, 201, "", ""),
        ("caseworker", {"valid_until": "2026-03-08"}, 422, "mandate-not-possible", "/valid_until"),
        ("caseworker", {"valid_from": "2026-03-21"}, 422, "mandate-not-possible", "/valid_until"),
        ("caseworker", {"valid_from": "yesterday"}, 422, "invalid-input", "/valid_from"),
        ("caseworker", {"deputy": "Frau Muster"}, 422, "invalid-input", "/deputy"),
        ("caseworker", {"deputy": "person-misspelt"}, 422, "unknown-colleague", "/deputy"),
        ("budget", {}, 403, "forbidden", ""),
        ("association", {}, 403, "forbidden", ""),
    ],
)
async def test_a_mandate_that_cannot_be_is_told(
    desk: Any, who: str, changes: dict[str, str], status: int, slug: str, field: str
) -> None:
    await at_work(desk, "colleague")
    answer = await mandate(desk, who, **changes)
    if status == 201:
        assert answer.status_code == status, answer.text  # that account signs as well
    else:
        assert told(answer, status, slug) == field
    assert (await desk.rows("SELECT count(*) AS n FROM mandate"))[0].n == (status == 201)


async def test_only_a_signatory_enters_a_mandate_for_somebody_else(desk: Any) -> None:
    await at_work(desk, "caseworker-only", "colleague")
    answer = await mandate(desk, "caseworker-only", represented="person-a")
    assert told(answer, 409, "not-yours") == "/represented"
    number = (await mandate(desk, "signatory", represented="person-a")).json()["id"]
    address = f"/mandates/{number}/revocation"
    told(await desk.post("caseworker-only", address, **{"If-Match": '"1"'}), 409, "not-yours")


async def test_a_mandate_is_entered_once_however_often_it_is_sent(desk: Any) -> None:
    await at_work(desk, "colleague")
    body = {"deputy": "person-e", "valid_from": "2026-03-09", "valid_until": "2026-03-20"}
    first, again = [
        await desk.post("caseworker", "/mandates", body, **{"Idempotency-Key": "the-same-key"}) for _ in range(2)
    ]
    assert (first.json()["id"], again.headers["Idempotency-Replayed"]) == (again.json()["id"], "true")
    assert first.headers["Location"] == f"/applications/v1/mandates/{first.json()['id']}"
    assert (await desk.get("auditor", f"/mandates/{first.json()['id']}")).headers["ETag"] == '"1"'
    told(await desk.get("auditor", f"/mandates/{uuid4()}"), 404, "not-found")


async def test_mandates_come_page_by_page_in_the_order_of_their_end(desk: Any) -> None:
    await at_work(desk, "colleague")
    for day in ("2026-03-22", "2026-03-20", "2026-03-20"):
        await mandate(desk, "caseworker", valid_until=day)
    first = (await desk.get("auditor", "/mandates", limit=2, person="person-a")).json()
    rest = (await desk.get("auditor", "/mandates", limit=2, person="person-a", cursor=first["next"])).json()
    days = [one["valid_until"] for one in first["items"] + rest["items"]]
    assert (days, rest["next"]) == (["2026-03-20", "2026-03-20", "2026-03-22"], None)
    assert (await desk.get("auditor", "/mandates", person="person-b")).json()["items"] == []
