"""A request for information over HTTP: its letter, its days, its reminder, the answer; bad input is told."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.consumers import a_failed_notification_is_left_to_a_person
from kfi_applications.use_cases.wait_for_answer import END, REMINDER, end_when_due, remind_when_due
from kfi_applications.worker import worker
from kfi_contracts.letters import read_content
from kfi_contracts.notifications import Channel, FailureReason, NotificationFailed

pytestmark = pytest.mark.servers
ASKED = {"items": ["statutes"], "text": "Bitte auch eine Liste der Mitwirkenden.", "answer_by": "2026-04-07"}


def told(answer: Any, status: int, slug: str) -> str:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem
    return str(next(iter(problem.get("errors", [{"field": ""}])))["field"])


async def asked(desk: Any, **changes: Any) -> str:
    case = str(await desk.filed())
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "information-request", {**ASKED, **changes})
    return case


async def orders(desk: Any, channel: str) -> list[dict[str, Any]]:
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    return [order for row in rows if (order := json.loads(row.payload))["channel"] == channel]


async def deadlines(desk: Any) -> dict[str, tuple[date, str | None]]:
    rows = await desk.rows("SELECT kind, due_on, outcome FROM deadline ORDER BY scheduled_at")
    return {row.kind: (row.due_on, row.outcome) for row in rows}


async def on(desk: Any, day: date, act: Any, case: str) -> None:
    """The worker acts on a deadline of the case on a day."""
    desk.calendar.day = day
    await desk.consume(lambda _, work: act(UUID(case), work), None)


async def test_the_applicant_is_asked_by_letter_and_sees_what_is_missing(desk: Any) -> None:
    case = await asked(desk)
    seen = (await desk.get("association", f"/applications/{case}")).json()
    assert (seen["state"], seen["actions"]) == (
        "information-requested",
        [
            "finance-plan",
            "answer",
            "withdrawal",
            "bank-account",
        ],
    )
    (request,) = seen["information_requests"]
    assert (request["items"], request["answer_by"], request["text"]) == (["statutes"], "2026-04-07", ASKED["text"])
    (letter,), (email,) = await orders(desk, "letter"), await orders(desk, "email")
    assert (letter["template"], letter["legal_effect"]) == ("information-request", "none")
    assert letter["notification_id"] == request["letter_id"] == email["accompanies"]
    facts = read_content(desk.opener.open(letter["content"], bound_to=letter["notification_id"])).facts.model_dump()
    assert facts["missing"] == ("Es fehlt: die Satzung.", ASKED["text"])
    assert (facts["reply_by"], facts["reminder"]) == (date(2026, 4, 7), 0)


async def test_others_are_told_by_an_event_of_codes_and_days_alone(desk: Any) -> None:
    case = await asked(desk)
    rows = await desk.rows("SELECT sequence, payload FROM outbox WHERE type LIKE '%information-requested.v1'")
    (row,) = rows
    event = json.loads(row.payload)
    assert (row.sequence, event["application_id"], event["items"]) == (2, case, ["statutes"])
    assert (event["requested_on"], event["answer_by"]) == ("2026-03-09", "2026-04-07")
    assert b"Mitwirkenden" not in row.payload


async def test_an_answer_starts_the_check_anew_and_ends_the_waiting(desk: Any) -> None:
    case = await asked(desk)
    answered = await desk.done("association", case, "answer", {"text": "Die Satzung liegt bei."})
    assert (answered["state"], answered["information_requests"][0]["answered_on"]) == ("formal-check", "2026-03-09")
    assert {outcome for _, outcome in (await deadlines(desk)).values()} == {"cancelled"}
    assert (await desk.get("caseworker", f"/applications/{case}")).json()["waits_for"] == "caseworker"
    rows = await desk.rows("SELECT details, reason FROM audit WHERE action = 'answer-request'")
    assert "Satzung" not in str(rows)


async def test_a_caseworker_enters_an_answer_that_came_by_post(desk: Any) -> None:
    case = await asked(desk)
    desk.calendar.day = date(2026, 3, 12)
    body = {"text": "Per Post: Satzung.", "received_on": "2026-03-11"}
    answered = await desk.done("caseworker", case, "answer", body)
    assert answered["information_requests"][0]["answered_on"] == "2026-03-11"


async def test_the_reminder_goes_out_by_itself_a_week_before_and_once(desk: Any) -> None:
    case = await asked(desk)
    assert await deadlines(desk) == {END: (date(2026, 4, 8), None), REMINDER: (date(2026, 3, 31), None)}
    for _ in range(2):
        await on(desk, date(2026, 3, 31), remind_when_due, case)
    letters = await orders(desk, "letter")
    facts = read_content(desk.opener.open(letters[-1]["content"], bound_to=letters[-1]["notification_id"])).facts
    assert (len(letters), facts.model_dump()["reminder"]) == (2, 1)
    assert facts.model_dump()["first_asked_on"] == date(2026, 3, 9)
    row = (await desk.rows("SELECT person FROM audit WHERE action = 'remind'"))[0]
    assert row.person == "system:applications"


async def test_a_caseworker_reminds_once_a_day(desk: Any) -> None:
    case = await asked(desk)
    reminded = await desk.done("caseworker", case, "reminder")
    assert reminded["information_requests"][0]["reminded_on"] == ["2026-03-09"]
    told(await desk.act("caseworker", case, "reminder"), 409, "wrong-state")
    told(await desk.act("association", case, "reminder"), 403, "forbidden")


async def test_without_an_answer_it_is_a_caseworkers_turn_and_nothing_is_decided_by_itself(desk: Any) -> None:
    case = await asked(desk)
    await on(desk, date(2026, 4, 7), end_when_due, case)
    assert (await desk.get("caseworker", f"/applications/{case}")).json()["waits_for"] == "applicant"
    await on(desk, date(2026, 4, 8), end_when_due, case)
    seen = (await desk.get("caseworker", f"/applications/{case}")).json()
    assert (seen["state"], seen["waits_for"], seen["decision"]) == ("information-requested", "caseworker", None)


async def test_deadlines_that_fall_due_after_the_answer_do_nothing(desk: Any) -> None:
    case = await asked(desk)
    await desk.done("association", case, "answer", {"text": "Hier."})
    before = await desk.rows("SELECT count(*) AS n FROM audit")
    await on(desk, date(2026, 3, 31), remind_when_due, case)
    await on(desk, date(2026, 4, 8), end_when_due, case)
    assert await desk.rows("SELECT count(*) AS n FROM audit") == before


def test_the_worker_acts_on_both_days() -> None:
    assert {f"deadline {kind}" for kind in (REMINDER, END)} <= {step.name for step in worker.steps()}


async def test_nobody_proposes_before_the_time_to_answer_is_over(desk: Any) -> None:
    case = await asked(desk)
    rejection = {"amount": "0.00", "reasons": ["Die Satzung fehlt."]}
    told(await desk.act("caseworker", case, "proposal", rejection), 409, "answer-still-possible")
    desk.calendar.day = date(2026, 4, 8)
    await desk.done("caseworker", case, "proposal", rejection)
    assert {outcome for _, outcome in (await deadlines(desk)).values()} == {"cancelled"}


async def test_a_plan_that_cannot_be_funded_is_asked_for_by_letter_with_the_usual_time(
    desk: Any, application_body: Any
) -> None:
    plan = {**application_body["finance_plan"], "civic_work": "3000.00", "own_money": "600.00"}
    plan["costs"] = [{"label": "Honorare", "amount": "15000.00"}]
    case = await desk.filed(finance_plan=plan)
    await desk.done("caseworker", case, "formal-check")
    seen = await desk.done("caseworker", case, "substance-check")
    (request,) = seen["information_requests"]
    assert (request["items"], request["answer_by"]) == (["finance-plan"], "2026-04-07")  # the 6th is Easter Monday
    assert len(await orders(desk, "letter")) == 1
    corrected = await desk.done("association", case, "finance-plan", {"finance_plan": application_body["finance_plan"]})
    assert corrected["information_requests"][0]["answered_on"] == "2026-03-09"


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"items": [], "text": None}, "invalid-input", ""),
        ({"items": ["GEHEIM"]}, "invalid-input", "/items/0"),
        ({"items": ["statutes", "statutes"]}, "invalid-input", ""),
        ({"text": ""}, "invalid-input", "/text"),
        ({"text": "x" * 2001}, "invalid-input", "/text"),
        ({"consequence": "GEHEIM"}, "invalid-input", "/consequence"),
        ({"answer_by": "2026-02-30"}, "invalid-input", "/answer_by"),
        ({"answer_by": "2026-03-09"}, "date-not-possible", "/answer_by"),
        ({"answer_by": "9999-12-31"}, "date-not-possible", "/answer_by"),
    ],
)
async def test_a_request_that_cannot_be_is_told_and_nothing_is_sent(
    desk: Any, changes: dict[str, Any], slug: str, field: str
) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "formal-check")
    answer = await desk.act("caseworker", case, "information-request", {**ASKED, **changes})
    assert told(answer, 422, slug) == field
    assert "GEHEIM" not in answer.text
    assert await orders(desk, "letter") == []


async def test_a_letter_that_does_not_get_out_is_kept_with_the_case_before_it_is_decided(desk: Any) -> None:
    case = await asked(desk)
    failed = NotificationFailed(
        notification_id=uuid4(), ordered_by="applications", concerns=UUID(case), channel=Channel.EMAIL,
        reason=FailureReason.RECIPIENT_REFUSED, final=True,
    )  # fmt: skip
    await desk.consume(a_failed_notification_is_left_to_a_person, failed)
    seen = (await desk.get("caseworker", f"/applications/{case}")).json()
    assert (seen["state"], seen["failed_notifications"][0]["reason"]) == ("information-requested", "recipient_refused")


async def test_what_was_asked_and_answered_in_words_is_not_stored_in_the_open(desk: Any) -> None:
    case = await asked(desk)
    await desk.done("association", case, "answer", {"text": "Frau Muster liegt bei."})
    ((stored,),) = await desk.rows("SELECT to_jsonb(application)::text FROM application")
    assert "Mitwirkenden" not in stored
    assert "Muster" not in stored


async def test_who_may_not_ask_or_answer_is_told(desk: Any) -> None:
    case = await desk.filed()
    told(await desk.act("caseworker", case, "information-request", ASKED), 409, "wrong-state")
    told(await desk.act("association", case, "information-request", ASKED), 403, "forbidden")
    told(await desk.act("association", case, "answer", {"text": "Hier."}), 409, "wrong-state")
    told(await desk.act("stranger", case, "answer", {"text": "Hier."}), 404, "not-found")
    told(await desk.act("auditor", case, "answer", {"text": "Hier."}), 403, "forbidden")


async def test_an_answer_of_tomorrow_is_told(desk: Any) -> None:
    case = await asked(desk)
    body = {"text": "Hier.", "received_on": "2026-03-10"}
    assert told(await desk.act("association", case, "answer", body), 422, "date-not-possible") == "/received_on"


async def test_of_an_answer_and_a_reminder_at_once_the_second_is_told(desk: Any) -> None:
    case = await asked(desk)
    seen = (await desk.get("auditor", f"/applications/{case}")).headers["ETag"]
    answer = {"text": "Hier."}
    first = await desk.post("association", f"/applications/{case}/answer", answer, **{"If-Match": seen})
    second = await desk.post("caseworker", f"/applications/{case}/reminder", **{"If-Match": seen})
    assert (first.status_code, second.status_code) == (200, 412)
