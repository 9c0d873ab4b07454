"""The whole path of an application over HTTP, and what it leaves behind."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kfi_applications.consumers import (
    an_announcement_starts_the_remedy_period,
    the_end_of_the_remedy_period_makes_a_decision_final,
)
from kfi_chassis.audit_verification import verify_chain
from kfi_chassis.identity import SYSTEM
from kfi_contracts.letters import content_digest, read_content
from kfi_contracts.notifications import Channel, NotificationAnnounced, RemedyPeriodEnded

pytestmark = pytest.mark.servers


async def events(desk: Any, key: str) -> list[tuple[int, str, dict[str, Any]]]:
    rows = await desk.rows("SELECT sequence, type, payload FROM outbox WHERE key = :key ORDER BY position", key=key)
    return [(row.sequence, row.type.removeprefix("de.nrw.kfi."), json.loads(row.payload)) for row in rows]


async def test_a_grant_from_filing_to_finality(desk: Any, proposal_body: Any) -> None:
    case = await desk.filed()
    assert await desk.state(case) == "received"
    assert (await desk.done("caseworker", case, "formal-check"))["state"] == "formal-check"
    checked = await desk.done("caseworker", case, "substance-check")
    assert (checked["state"], checked["assessment"]["grant"]) == ("substance-check", "14400.00")
    await desk.done("caseworker", case, "proposal", proposal_body)
    assert (await desk.done("budget", case, "reservation"))["state"] == "funds-reserved"
    await desk.done("signatory", case, "second-check")
    signed = await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    assert (signed["state"], signed["decision"]["outcome"]) == ("granted", "granted")
    assert signed["payment_blocked_because"] == "not-final"

    decision = signed["decision"]
    told = {
        "notification_id": UUID(decision["letter_id"]), "ordered_by": "applications", "concerns": UUID(case),
        "act_id": UUID(decision["id"]),
    }  # fmt: skip
    announced = NotificationAnnounced(
        **told, channel=Channel.LETTER, announced_on=date(2026, 3, 13), remedy_ends_on=date(2026, 4, 13)
    )
    await desk.consume(an_announcement_starts_the_remedy_period, announced)
    assert await desk.state(case) == "announced"
    ended = RemedyPeriodEnded(
        **told, announced_on=date(2026, 3, 13), last_day=date(2026, 4, 13), ended_on=date(2026, 4, 14)
    )
    await desk.consume(the_end_of_the_remedy_period_makes_a_decision_final, ended)
    desk.calendar.day = date(2026, 4, 14)
    final = (await desk.get("association", f"/applications/{case}")).json()
    assert (final["state"], final["remedies"]["final_on"]) == ("final", "2026-04-14")
    assert final["payment_blocked_because"] == "no-bank-account"
    account = {"iban": "DE89370400440532013000", "owner": "Verein Beispiel e.V."}
    payable = await desk.done("association", case, "bank-account", account)
    assert payable["payment_blocked_because"] is None

    found = await events(desk, case)
    assert [(sequence, type_) for sequence, type_, _ in found] == [
        (1, "applications.application-filed.v1"),
        (2, "applications.decision-made.v1"),
        (3, "applications.decision-final.v1"),
    ]
    assert found[1][2]["granted_amount"] == "14400.00"
    assert found[2][2] == {
        "application_id": case, "decision_id": decision["id"],
        "final_on": "2026-04-14", "basis": "remedy_period_ended",
    }  # fmt: skip


async def test_the_letter_that_was_signed_is_the_letter_that_is_ordered(desk: Any) -> None:
    case = await desk.in_second_check()
    read = (await desk.get("signatory", f"/applications/{case}/letter-content")).json()
    await desk.done("signatory", case, "signature", {"digest": read["digest"]})
    orders = await _orders(desk)
    letter, email = orders["letter"], orders["email"]
    assert (letter["legal_effect"], letter["content_digest"]) == ("act", read["digest"])
    opened = desk.opener.open(letter["content"], bound_to=letter["notification_id"])
    assert content_digest(opened) == read["digest"]
    assert json.loads(opened) == read["content"]
    assert letter["act_id"] == (await desk.get("auditor", f"/applications/{case}")).json()["decision"]["id"]
    assert (email["legal_effect"], email["template"], email.get("act_id")) == ("none", "message-waits", None)
    told = read_content(desk.opener.open(email["content"], bound_to=email["notification_id"]))
    assert "14400" not in told.model_dump_json()


async def test_nothing_personal_travels_in_the_open(desk: Any) -> None:
    await desk.granted()
    for row in await desk.rows("SELECT payload FROM outbox"):
        for personal in (b"Muster", b"verein-beispiel.example", b"Beispiel e.V."):
            assert personal not in row.payload


async def _orders(desk: Any) -> dict[str, dict[str, Any]]:
    rows = await desk.rows("SELECT payload, sequence FROM outbox WHERE topic = 'notifications.order.v1'")
    assert [row.sequence for row in rows] == [1, 1]
    orders = [json.loads(row.payload) for row in rows]
    return {order["channel"]: order for order in orders}


async def test_every_step_leaves_one_audit_row_in_an_unbroken_chain(desk: Any) -> None:
    case = await desk.granted()
    rows = await desk.rows(
        "SELECT action, person FROM audit WHERE aggregate = 'application' AND action NOT LIKE 'read%' ORDER BY number"
    )
    assert [row.action for row in rows] == [
        "file", "open-formal-check", "open-substance-check", "propose", "reserve-funds", "open-second-check", "sign",
    ]  # fmt: skip
    assert [row.person for row in rows][-1] == "person-b"

    async def verify(work: Any) -> int:
        return await verify_chain(work.connection, "application", UUID(case))

    everything = (await desk.rows("SELECT count(*) AS n FROM audit WHERE aggregate = 'application'"))[0].n
    assert await desk.transactions.run(verify, actor=SYSTEM("applications")) == everything


async def test_a_look_of_staff_at_a_case_is_recorded_and_one_of_the_applicant_is_not(desk: Any) -> None:
    case = await desk.in_second_check()
    for who in ("association", "auditor", "operator"):
        await desk.get(who, f"/applications/{case}")
    await desk.get("signatory", f"/applications/{case}/letter-content")
    looks = await desk.rows("SELECT action, person FROM audit WHERE action LIKE 'read%' ORDER BY number DESC LIMIT 2")
    assert [(look.action, look.person) for look in looks] == [("read-letter", "person-b"), ("read", "auditor")]


async def test_a_rejection_goes_its_way_without_money(desk: Any) -> None:
    rejection = {"amount": "0.00", "reasons": ["Der Zweck liegt außerhalb der Förderung."]}
    case = await desk.proposed(rejection)
    await desk.done("signatory", case, "second-check")
    signed = await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    assert (signed["state"], signed["payment_blocked_because"]) == ("rejected", "nothing-granted")
    assert (await _orders(desk))["letter"]["template"] == "grant-rejection"
    assert (await desk.rows("SELECT sum(committed + reserved) AS booked FROM budget_year"))[0].booked == 0


async def test_the_signature_commits_what_was_reserved(desk: Any) -> None:
    case = await desk.in_second_check()
    reserved = await desk.rows("SELECT year, reserved, committed FROM budget_year WHERE title = 'WIDE' ORDER BY year")
    assert [(row.year, str(row.reserved), str(row.committed)) for row in reserved] == [
        (2026, "10000.00", "0.00"), (2027, "4400.00", "0.00"),
    ]  # fmt: skip
    await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    committed = await desk.rows("SELECT year, reserved, committed FROM budget_year WHERE title = 'WIDE' ORDER BY year")
    assert [(row.year, str(row.reserved), str(row.committed)) for row in committed] == [
        (2026, "0.00", "10000.00"), (2027, "0.00", "4400.00"),
    ]  # fmt: skip


async def test_a_returned_proposal_frees_its_money_and_can_be_proposed_anew(desk: Any, proposal_body: Any) -> None:
    case = await desk.in_second_check()
    old_digest = await desk.digest(case)
    await desk.done("signatory", case, "return", {"reason": "conditions"})
    assert (await desk.rows("SELECT sum(reserved) AS reserved FROM budget_year"))[0].reserved == 0
    await desk.done("caseworker", case, "proposal", {**proposal_body, "conditions": ["Neue Auflage."]})
    await desk.done("budget", case, "reservation")
    await desk.done("signatory", case, "second-check")
    stale = await desk.act("signatory", case, "signature", {"digest": old_digest})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/proposal-changed")
    await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})


async def test_a_finance_plan_that_cannot_be_funded_is_corrected_by_the_applicant(
    desk: Any, application_body: Any
) -> None:
    plan = {**application_body["finance_plan"], "civic_work": "3000.00", "own_money": "600.00"}
    plan["costs"] = [{"label": "Honorare", "amount": "15000.00"}]
    case = await desk.filed(finance_plan=plan)
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "substance-check")
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
    assert {finding["consequence"] for finding in seen["corrections"]} == {"marked", "correction-needed"}
    corrected = await desk.done("association", case, "finance-plan", {"finance_plan": application_body["finance_plan"]})
    assert corrected["state"] == "formal-check"
    assert (await desk.done("caseworker", case, "substance-check"))["state"] == "substance-check"


async def test_file_numbers_count_the_year_without_gaps(desk: Any) -> None:
    await desk.file(finance_plan={})
    numbers = [(await desk.file()).json()["file_number"] for _ in range(3)]
    assert numbers == ["36-2026-0001", "36-2026-0002", "36-2026-0003"]
