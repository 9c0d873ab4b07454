"""Each programme goes the whole way over HTTP by its own rules; what was stored before there were several is read."""

import json
from typing import Any
from uuid import uuid4

import pytest

from kfi_contracts.letters import FinancingType, content_digest, read_content

pytestmark = pytest.mark.servers
PROPOSAL = {
    "amount": "6000.00",
    "years": [{"year": 2026, "amount": "6000.00"}],
    "reasons": ["Der Verein beginnt seine Arbeit."],
    "conditions": [],
}


@pytest.fixture
def startup(application_body: dict[str, Any]) -> dict[str, Any]:
    """What a young association sends: 6,480.00 EUR of costs in one year (case F11 a)."""
    return {
        "call": "startup",
        "applicant": {**application_body["applicant"], "founded_on": "2024-08-19"},
        "project": {"title": "Ein Verein beginnt", "period_from": "2026-06-01", "period_to": "2026-12-31"},
        "finance_plan": {
            "costs": [{"label": "Miete", "amount": "3600.00"}, {"label": "Ausstattung", "amount": "2880.00"}],
            "civic_work": "0.00", "own_money": "0.00", "third_party_money": "0.00", "requested_grant": "6480.00",
        },
    }  # fmt: skip


async def test_a_startup_grant_from_filing_to_its_letter(desk: Any, startup: dict[str, Any]) -> None:
    case = await desk.filed(**startup)
    await desk.done("caseworker", case, "formal-check")
    checked = await desk.done("caseworker", case, "substance-check")
    assessment = checked["assessment"]
    assert (assessment["result"], assessment["financing"], assessment["grant"]) == ("eligible", "full", "6000.00")
    assert [step["rule"] for step in assessment["trace"]] == [
        "MSO-A 9 eligible_total", "MSO-A 10 highest_sum", "VF 1 grant", "VF 2 remainder",
    ]  # fmt: skip
    await desk.done("caseworker", case, "proposal", PROPOSAL)
    await desk.done("budget", case, "reservation")
    await desk.done("signatory", case, "second-check")
    digest = await desk.digest(case)
    signed = await desk.done("signatory", case, "signature", {"digest": digest})
    assert (signed["decision"]["outcome"], signed["decision"]["granted_amount"]) == ("granted_in_part", "6000.00")
    stored = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (stored["assessment"], stored["applicant"]["founded_on"]) == (assessment, "2024-08-19")

    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    (letter,) = [order for order in map(json.loads, (row.payload for row in rows)) if order["channel"] == "letter"]
    content = desk.opener.open(letter["content"], bound_to=letter["notification_id"])
    assert content_digest(content) == digest
    read = read_content(content)
    assert (read.template, read.template_version, letter["template_version"]) == ("grant-decision", 2, 2)
    assert (read.facts.financing, f"{read.facts.rate}") == (FinancingType.FULL, "100.00")
    assert (f"{read.facts.eligible_total}", f"{read.facts.own_share}") == ("6480.00", "0.00")
    assert [(line.label, f"{line.amount}") for line in read.facts.finance_lines] == [
        ("Ausgaben: Miete", "3600.00"), ("Ausgaben: Ausstattung", "2880.00"),
        ("Einnahmen: Zuwendung", "6000.00"), ("Einnahmen: noch zu deckender Betrag", "480.00"),
    ]  # fmt: skip


async def test_a_year_above_the_sum_of_a_year_is_told(desk: Any, startup: dict[str, Any]) -> None:
    startup["project"]["period_to"] = "2027-12-31"
    startup["finance_plan"]["costs"][0]["amount"] = "4120.00"
    startup["finance_plan"]["requested_grant"] = "7000.00"
    case = await desk.filed(**startup)
    await desk.done("caseworker", case, "formal-check")
    await desk.done("caseworker", case, "substance-check")
    whole = {**PROPOSAL, "amount": "7000.00", "years": [{"year": 2026, "amount": "7000.00"}]}
    answer = await desk.act("caseworker", case, "proposal", whole)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-allowed-by-assessment")
    assert answer.json()["errors"][0]["field"] == "/years"


@pytest.mark.parametrize("founded_on", [None, "2027-01-01"])
async def test_a_startup_without_a_possible_day_of_founding_is_told_and_not_stored(
    desk: Any, startup: dict[str, Any], founded_on: str | None
) -> None:
    startup["applicant"]["founded_on"] = founded_on
    answer = await desk.file(**startup)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/fact-missing")
    assert answer.json()["errors"][0]["field"] == "/applicant/founded_on"
    assert (await desk.rows("SELECT count(*) AS n FROM application"))[0].n == 0


async def test_an_association_too_old_is_rejected_with_the_reason_in_its_letter(
    desk: Any, startup: dict[str, Any]
) -> None:
    startup["applicant"]["founded_on"] = "2019-06-16"
    rejection = {"amount": "0.00", "reasons": ["Eine Einzelprojektförderung ist möglich."]}
    case = await desk.proposed(rejection, **startup)
    content = (await desk.get("signatory", f"/applications/{case}/letter-content")).json()["content"]
    assert content["facts"]["reasons"][0] == "Der Verein war bei Eingang des Antrags älter als 5 Jahre."


async def test_what_was_stored_when_there_was_one_programme_is_read_and_decided(desk: Any) -> None:
    case = await desk.in_second_check()
    await desk.rows(
        """
        UPDATE application SET applicant = applicant - 'founded_on', finance_plan = finance_plan - 'measures',
               assessment = assessment - 'financing' - 'highest_in_a_year' - 'funded_plan' WHERE id = :case RETURNING id
        """,
        case=case,
    )
    seen = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (seen["applicant"]["founded_on"], seen["assessment"]["financing"]) == (None, "share")
    signed = await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    assert signed["state"] == "granted"


async def test_a_stored_assessment_is_told_in_the_order_of_its_computation(desk: Any) -> None:
    case = await desk.filed()
    await desk.done("caseworker", case, "formal-check")
    computed = (await desk.done("caseworker", case, "substance-check"))["assessment"]
    stored = (await desk.get("auditor", f"/applications/{case}")).json()["assessment"]
    assert stored["trace"] == computed["trace"]
    assert list(stored["amounts"]) == list(computed["amounts"])
    assert next(iter(stored["amounts"])) == "stated_total"


async def test_all_programmes_are_offered_with_what_their_calls_say(desk: Any) -> None:
    calls = {call["key"]: call for call in (await desk.get("association", "/calls")).json()}
    assert (calls["startup"]["programme"], calls["startup"]["cap"]) == ("mso-anschub", None)
    assert calls["open"]["cap"] == "50000.00"


async def test_a_replayed_startup_creates_nothing_new(desk: Any, startup: dict[str, Any]) -> None:
    key = str(uuid4())
    first, again = await desk.file(key=key, **startup), await desk.file(key=key, **startup)
    assert first.json()["id"] == again.json()["id"]
