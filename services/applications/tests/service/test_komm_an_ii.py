"""KOMM-AN NRW, programme part II, over HTTP: a district asks for lump sums, and its letter names them."""

import json
from typing import Any

import pytest

from kfi_contracts.letters import FinancingType, content_digest, read_content

pytestmark = pytest.mark.servers
DISTRICT = {"name": "Märkischer Kreis", "legal_form": "district", "seat_ags": "05962032"}
ROOM = {"kind": "a1", "label": "Treff Altenhagen", "planned_costs": "1250.00"}
IN_USE = {"hours_for_purpose": "16", "hours_in_use": "40"}


def plan(requested: str, *measures: dict[str, Any]) -> dict[str, Any]:
    """A finance plan of lump sums that adds up."""
    none = {"civic_work": "0.00", "own_money": "0.00", "third_party_money": "0.00"}
    costs = [{"label": "Maßnahmen vor Ort", "amount": requested}]
    return {"costs": costs, **none, "requested_grant": requested, "measures": list(measures)}


def grant(amount: str) -> dict[str, Any]:
    reasons, years = ["Die Maßnahmen entsprechen dem Bedarf vor Ort."], [{"year": 2026, "amount": amount}]
    return {"amount": amount, "years": years, "reasons": reasons, "conditions": []}


@pytest.fixture
def lump_sums() -> dict[str, Any]:
    """What a district sends: a room and 57 accompaniments (cases F1 a and F2 c), and no fact of an association."""
    measures = ({**ROOM, **IN_USE}, {"kind": "b1", "label": "Kreisgebiet", "count": 57})
    return {"call": "lump-sums", "applicant": DISTRICT, "finance_plan": plan("2995.00", *measures)}


async def test_a_district_is_granted_lump_sums_from_filing_to_its_letter(desk: Any, lump_sums: dict[str, Any]) -> None:
    case = await desk.filed(**lump_sums)
    await desk.done("caseworker", case, "formal-check")
    checked = await desk.done("caseworker", case, "substance-check")
    assessment = checked["assessment"]
    assert (assessment["result"], assessment["financing"], assessment["grant"]) == (
        "eligible",
        "fixed_amount",
        "2995.00",
    )
    assert (checked["applicant"]["charitable"], checked["applicant"]["share_with_migration_history"]) == (None, None)
    await desk.done("caseworker", case, "proposal", grant("2995.00"))
    await desk.done("budget", case, "reservation")
    await desk.done("signatory", case, "second-check")
    digest = await desk.digest(case)
    signed = await desk.done("signatory", case, "signature", {"digest": digest})
    assert (signed["decision"]["outcome"], signed["decision"]["granted_amount"]) == ("granted", "2995.00")

    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    orders = [json.loads(row.payload) for row in rows]
    (letter,) = [order for order in orders if order["template"] == "grant-decision"]
    content = desk.opener.open(letter["content"], bound_to=letter["notification_id"])
    assert content_digest(content) == digest
    facts = read_content(content).facts
    assert (facts.financing, f"{facts.eligible_total}", f"{facts.own_share}") == (
        FinancingType.FIXED_AMOUNT, "2995.00", "0.00",
    )  # fmt: skip
    assert [(line.label, f"{line.amount}") for line in facts.finance_lines] == [
        ("Ausgaben: Baustein A1, Ausstattung von Räumen", "1000.00"),
        ("Ausgaben: Baustein B1, Begleitungen", "1995.00"),
        ("Einnahmen: Zuwendung", "2995.00"),
    ]


@pytest.mark.parametrize(
    ("case", "measure", "asked", "granted", "outcome"),
    [
        ("F1b", {**ROOM, **IN_USE, "count": 3, "planned_costs": "1400.00"}, "3000.00", "2000.00", "granted_in_part"),
        ("F2a", {"kind": "a2", "label": "Treff", "period_from": "2026-03-01", "period_to": "2026-12-31"},
         "4000.00", "4000.00", "granted"),
        ("F2b", {"kind": "a2", "label": "Treff", "period_from": "2026-03-16", "period_to": "2026-12-31"},
         "4000.00", "3600.00", "granted_in_part"),
        ("F2d", {"kind": "b2", "label": "Sprachtreffs", "count": 6}, "1500.00", "1500.00", "granted"),
        ("F3", {"kind": "d1", "label": "Qualifizierung", "count": 9}, "900.00", "900.00", "granted"),
    ],
)  # fmt: skip
async def test_what_lump_sums_are_worth_is_the_most_that_can_be_proposed(
    desk: Any, lump_sums: dict[str, Any], case: str, measure: dict[str, Any], asked: str, granted: str, outcome: str
) -> None:
    lump_sums["finance_plan"] = plan(asked, measure)
    lump_sums["project"] = {"title": "Vor Ort", "period_from": "2026-03-01", "period_to": "2026-12-31"}
    filed = await desk.filed(**lump_sums)
    await desk.done("caseworker", filed, "formal-check")
    checked = await desk.done("caseworker", filed, "substance-check")
    assert checked["assessment"]["grant"] == granted, case
    answer = await desk.act("caseworker", filed, "proposal", grant(asked))
    assert answer.status_code == (200 if asked == granted else 422)
    if asked != granted:
        await desk.done("caseworker", filed, "proposal", grant(granted))
    content = (await desk.get("signatory", f"/applications/{filed}/letter-content")).json()["content"]
    assert (content["facts"]["outcome"], content["facts"]["granted_amount"]) == (outcome, granted)


@pytest.mark.parametrize(
    ("case", "measure", "reason"),
    [
        ("F1c", {**ROOM, **IN_USE, "planned_costs": "1000.00"}, "übersteigen 1.000,00 Euro nicht"),
        ("F1d", {**ROOM, **IN_USE, "hours_for_purpose": "13"}, "Weniger als 33 Prozent der Nutzung"),
    ],
)
async def test_a_room_without_a_lump_sum_is_rejected_with_the_reason_in_its_letter(
    desk: Any, lump_sums: dict[str, Any], case: str, measure: dict[str, Any], reason: str
) -> None:
    lump_sums["finance_plan"] = plan("1000.00", measure)
    rejection = {"amount": "0.00", "reasons": ["Eine andere Förderung ist nicht ersichtlich."]}
    filed = await desk.proposed(rejection, **lump_sums)
    content = (await desk.get("signatory", f"/applications/{filed}/letter-content")).json()["content"]
    assert any(reason in told for told in content["facts"]["reasons"]), case


@pytest.mark.parametrize(
    ("call", "applicant", "reason"),
    [
        ("lump-sums", {"name": "Stadt Iserlohn", "legal_form": "independent-city", "seat_ags": "05962024"},
         "nur Kreise und kreisfreie Städte"),
        ("lump-sums", {"name": "Verein e.V.", "legal_form": "registered-association", "seat_ags": "05914000"},
         "nur Kreise und kreisfreie Städte"),
        ("open", {"name": "Stadt Hagen", "legal_form": "independent-city", "seat_ags": "05914000"},
         "nur eingetragene Vereine"),
        ("startup", {"name": "Märkischer Kreis", "legal_form": "district", "seat_ags": "05962032"},
         "nur eingetragene Vereine"),
    ],
)  # fmt: skip
async def test_an_applicant_of_another_kind_is_refused_for_that_alone(
    desk: Any, lump_sums: dict[str, Any], application_body: dict[str, Any], call: str, applicant: Any, reason: str
) -> None:
    body = lump_sums if call == "lump-sums" else {"finance_plan": application_body["finance_plan"]}
    case = await desk.filed(**{**body, "call": call, "applicant": applicant})
    await desk.done("caseworker", case, "formal-check")
    assessment = (await desk.done("caseworker", case, "substance-check"))["assessment"]
    assert assessment["result"] == "refused"
    (finding,) = [one for one in assessment["findings"] if one["consequence"] == "refused"]
    assert reason in finding["reason"]


@pytest.mark.parametrize("fact", ["charitable", "share_with_migration_history", "independent_of_states_and_parties"])
@pytest.mark.parametrize("call", ["open", "startup"])
async def test_an_association_states_what_its_programme_decides_by(
    desk: Any, application_body: dict[str, Any], fact: str, call: str
) -> None:
    applicant = {name: value for name, value in application_body["applicant"].items() if name != fact}
    answer = await desk.file(call=call, applicant=applicant)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/fact-missing")
    assert answer.json()["errors"][0]["field"] == f"/applicant/{fact}"


async def test_a_measure_that_cannot_be_judged_is_told_and_not_stored(desk: Any, lump_sums: dict[str, Any]) -> None:
    del lump_sums["finance_plan"]["measures"][0]["hours_in_use"]
    answer = await desk.file(**lump_sums)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/fact-missing")
    assert answer.json()["errors"][0]["field"] == "/finance_plan/measures/0/hours_in_use"
    assert (await desk.rows("SELECT count(*) AS n FROM application"))[0].n == 0
