"""Bad input: told as RFC 9457 with field, reason and what to do; nothing is stored half, nothing is echoed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


def told(answer: Any, status: int, slug: str) -> list[dict[str, str]]:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["remedy"]
    return list(problem.get("errors", []))


async def nothing_is_stored(desk: Any) -> None:
    for table in ("application", "outbox", "file_number", "idempotency_key"):
        assert (await desk.rows(f"SELECT count(*) AS n FROM {table}"))[0].n == 0, table  # noqa: S608


def with_field(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, *rest = path.split("/")
    if not rest:
        return {**body, first: value}
    return {**body, first: with_field(body.get(first, {}), "/".join(rest), value)}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("applicant/seat_ags", "5914000", "/applicant/seat_ags"),
        ("applicant/seat_ags", "05999999", ""),
        ("applicant/legal_form", "GEHEIM", "/applicant/legal_form"),
        ("applicant/charitable", "GEHEIM", "/applicant/charitable"),
        ("addressee/email", "GEHEIM", "/addressee/email"),
        ("addressee/postcode", "GEHEIM", "/addressee/postcode"),
        ("project/title", "", "/project/title"),
        ("project/period_to", "2026-04-30", "/project"),
        ("finance_plan/own_money", "GEHEIM", "/finance_plan/own_money"),
        ("finance_plan/own_money", 900.5, "/finance_plan/own_money"),
        ("finance_plan/own_money", "-900.00", "/finance_plan/own_money"),
        ("finance_plan/requested_grant", "0.00", "/finance_plan/requested_grant"),
        ("finance_plan/costs", [], "/finance_plan/costs"),
        ("GEHEIM", "1", ""),
    ],
)
async def test_a_wrong_field_is_named(
    desk: Any, application_body: dict[str, Any], path: str, value: Any, field: str
) -> None:
    body = with_field(application_body, path, value)
    answer = await desk.post("association", "/applications", body, **{"Idempotency-Key": str(uuid4())})
    errors = told(answer, 422, "invalid-input")
    assert field in [error["field"] for error in errors], errors
    assert all(error["reason"] and error["fix"] for error in errors)
    assert "GEHEIM" not in answer.text
    await nothing_is_stored(desk)


async def test_amounts_that_do_not_add_up_are_told_with_the_gap(desk: Any, application_body: dict[str, Any]) -> None:
    body = with_field(application_body, "finance_plan/own_money", "899.99")
    answer = await desk.post("association", "/applications", body, **{"Idempotency-Key": str(uuid4())})
    (error,) = told(answer, 422, "plan-does-not-add-up")
    assert (error["field"], answer.json()["detail"]) == (
        "/finance_plan", "The income is less than expenditure by 0.01 EUR.",
    )  # fmt: skip
    await nothing_is_stored(desk)


@pytest.mark.parametrize("call", ["unknown", "zwar", "zusammenkommen-und-verstehen"])
async def test_an_unknown_call_or_a_closed_programme_takes_nothing(desk: Any, call: str) -> None:
    (error,) = told(await desk.file(call=call), 422, "call-not-accepting")
    assert error["field"] == "/call"
    await nothing_is_stored(desk)


@pytest.mark.parametrize(("call", "day"), [("strict", date(2026, 5, 1)), ("open", date(2025, 12, 31))])
async def test_a_call_that_is_over_or_not_yet_open_takes_nothing(desk: Any, call: str, day: date) -> None:
    desk.calendar.day = day
    told(await desk.file(call=call), 422, "call-not-accepting")
    await nothing_is_stored(desk)


async def test_a_late_application_within_an_ordnungsfrist_is_marked(desk: Any) -> None:
    desk.calendar.day = date(2026, 5, 1)
    answer = await desk.file(call="open")
    assert (answer.status_code, answer.json()["late"]) == (201, True)


async def test_a_replayed_request_creates_nothing_new(desk: Any) -> None:
    first, again = await desk.file(key="the-same-key"), await desk.file(key="the-same-key")
    assert (first.json()["id"], again.status_code) == (again.json()["id"], 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await desk.rows("SELECT count(*) AS n FROM application"))[0].n == 1


async def test_a_key_used_for_another_request_is_refused(desk: Any) -> None:
    await desk.file(key="the-same-key")
    told(await desk.file(key="the-same-key", call="strict"), 422, "idempotency-key-reused")


async def test_without_a_key_nothing_is_created(desk: Any, application_body: dict[str, Any]) -> None:
    told(await desk.post("association", "/applications", application_body), 400, "idempotency-key-missing")


async def test_somebody_elses_application_is_not_found(desk: Any, application_body: dict[str, Any]) -> None:
    case = await desk.granted()
    told(await desk.get("stranger", f"/applications/{case}"), 404, "not-found")
    told(await desk.act("stranger", case, "waiver", {}), 404, "not-found")
    plan = {"finance_plan": application_body["finance_plan"]}
    told(await desk.act("stranger", case, "finance-plan", plan), 404, "not-found")
    told(await desk.get("auditor", f"/applications/{uuid4()}"), 404, "not-found")


async def test_a_list_shows_an_applicant_only_its_own(desk: Any) -> None:
    case = await desk.filed()
    own = (await desk.get("association", "/applications")).json()["items"]
    assert [line["id"] for line in own] == [case]
    assert (await desk.get("stranger", "/applications")).json()["items"] == []


@pytest.mark.parametrize("token", ["not-a-token", ""])
async def test_no_or_a_foreign_token_is_refused(desk: Any, token: str) -> None:
    told(await desk.get(token, "/calls"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("who", "action"),
    [
        ("association", "formal-check"),
        ("signatory", "proposal"),
        ("auditor", "reservation"),
        ("budget", "second-check"),
        ("budget", "signature"),
        ("association", "court-action"),
        ("operator", "waiver"),
    ],
)
async def test_a_role_too_little_is_refused(desk: Any, who: str, action: str) -> None:
    case = await desk.filed()
    told(await desk.act(who, case, action, {}), 403, "forbidden")


async def test_an_operator_sees_no_case_and_an_applicant_without_organisation_files_none(desk: Any) -> None:
    case = await desk.filed()
    told(await desk.get("operator", f"/applications/{case}"), 403, "forbidden")
    told(await desk.file("nobody"), 403, "forbidden")


async def test_an_action_without_or_with_a_stale_version_is_told(desk: Any) -> None:
    case = await desk.filed()
    address = f"/applications/{case}/formal-check"
    told(await desk.post("caseworker", address), 428, "precondition-required")
    told(await desk.post("caseworker", address, **{"If-Match": "yesterday"}), 422, "invalid-input")
    await desk.done("caseworker", case, "formal-check")
    told(await desk.post("caseworker", address, **{"If-Match": '"1"'}), 412, "version-mismatch")


async def test_an_action_in_the_wrong_state_is_told_and_the_open_ones_are_listed(desk: Any) -> None:
    case = await desk.filed()
    told(await desk.act("signatory", case, "signature", {"digest": "0" * 64}), 409, "wrong-state")
    told(await desk.get("signatory", f"/applications/{case}/letter-content"), 409, "wrong-state")
    assert (await desk.get("caseworker", f"/applications/{case}")).json()["actions"] == [
        "formal-check", "withdrawal", "early-start", "assignment",
    ]  # fmt: skip
    assert (await desk.get("signatory", f"/applications/{case}")).json()["actions"] == ["early-start"]


async def test_f21_four_eyes_compare_persons_not_accounts(desk: Any) -> None:
    case = await desk.proposed()
    await desk.done("budget", case, "reservation")
    for account in ("caseworker", "second-account-of-caseworker"):
        offered = (await desk.get(account, f"/applications/{case}")).json()["actions"]
        assert "second-check" not in offered
        told(await desk.act(account, case, "second-check"), 409, "four-eyes-violated")
    await desk.done("signatory", case, "second-check")
    body = {"digest": await desk.digest(case)}
    told(await desk.act("second-account-of-caseworker", case, "signature", body), 409, "four-eyes-violated")
    await desk.done("signatory", case, "signature", body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "14400.01"}, "/amount"),
        ({"years": [{"year": 2026, "amount": "1.00"}]}, "/years"),
        ({"amount": "0.00", "years": [], "conditions": [], "reasons": []}, "/reasons"),
    ],
)
async def test_a_proposal_the_assessment_does_not_bear_is_told(
    desk: Any, proposal_body: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "substance-check")
    answer = await desk.act("caseworker", case, "proposal", {**proposal_body, **changes})
    (error,) = told(answer, 422, "not-allowed-by-assessment")
    assert error["field"] == field


async def test_a_letter_too_long_to_be_sealed_is_told_when_it_is_proposed(
    desk: Any, proposal_body: dict[str, Any]
) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "substance-check")
    long = {**proposal_body, "reasons": [f"{number}" + "ä" * 1990 for number in range(20)]}
    told(await desk.act("caseworker", case, "proposal", long), 422, "letter-too-long")
    assert await desk.state(case) == "substance-check"


async def test_money_a_title_does_not_have_is_told_and_no_year_is_booked(
    desk: Any, proposal_body: dict[str, Any]
) -> None:
    years = [{"year": 2026, "amount": "9399.99"}, {"year": 2027, "amount": "5000.01"}]
    case = await desk.proposed({**proposal_body, "years": years}, call="strict")
    told(await desk.act("budget", case, "reservation"), 409, "budget-exceeded")
    assert await desk.state(case) == "proposed"
    assert (await desk.rows("SELECT sum(reserved) AS n FROM budget_year WHERE title = 'NARROW'"))[0].n == 0


async def test_ten_megabytes_are_refused(desk: Any, application_body: dict[str, Any]) -> None:
    body = with_field(application_body, "project/title", "x" * 10_000_000)
    answer = await desk.post("association", "/applications", body, **{"Idempotency-Key": str(uuid4())})
    told(answer, 413, "body-too-large")
    await nothing_is_stored(desk)


async def test_an_applicant_learns_nothing_of_a_decision_before_its_announcement(desk: Any) -> None:
    case = await desk.in_second_check()
    assert (await desk.get("association", f"/applications/{case}")).json()["proposal"] is None
    await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    seen = (await desk.get("association", f"/applications/{case}")).json()
    assert (seen["state"], seen["decision"], seen["assessment"]) == ("decided", None, None)
    assert (await desk.get("association", "/applications")).json()["items"][0]["state"] == "decided"
    told(await desk.get("association", f"/applications/{case}/letter-content"), 403, "forbidden")


async def test_pages_go_on_where_the_one_before_ended(desk: Any) -> None:
    cases = [await desk.filed() for _ in range(5)]
    first = (await desk.get("auditor", "/applications", limit=3)).json()
    await desk.filed()
    second = (await desk.get("auditor", "/applications", limit=3, cursor=first["next"])).json()
    assert [line["id"] for line in first["items"] + second["items"]] == cases[::-1]
    assert second["next"] is None
    assert (await desk.get("auditor", "/applications", state="final")).json()["items"] == []
    told(await desk.get("auditor", "/applications", cursor="GEHEIM"), 422, "invalid-input")


async def test_amounts_that_add_up_to_more_than_can_be_written_are_told(desk: Any) -> None:
    most = "9999999999999.99"
    plan = {
        "costs": [{"label": f"Kosten {each}", "amount": most} for each in range(3)],
        "civic_work": "0.00", "own_money": most, "third_party_money": most, "requested_grant": most,
    }  # fmt: skip
    (error,) = told(await desk.file(finance_plan=plan), 422, "invalid-input")
    assert error["field"] == "/finance_plan"
    await nothing_is_stored(desk)


async def test_a_project_of_thousands_of_years_is_told(desk: Any, application_body: dict[str, Any]) -> None:
    project = {**application_body["project"], "period_to": "9999-12-31"}
    (error,) = told(await desk.file(project=project), 422, "invalid-input")
    assert error["field"] == "/project"
    await nothing_is_stored(desk)
