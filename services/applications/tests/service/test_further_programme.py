"""A further programme is a row of data and its rules: its call is opened by two persons and its cases are decided."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from kfi_applications.domain.assessment import WHOLE, Assessment, Financing, Result
from kfi_applications.domain.calculation import money_rule
from kfi_applications.domain.case import Case
from kfi_applications.domain.programmes.catalogue import Catalogue, packaged_programmes
from kfi_applications.domain.programmes.programme import Programme, Rules, Settlement
from kfi_law.parameters import Parameters

pytestmark = pytest.mark.servers
VALUES = Parameters.from_records(
    [
        {"key": "made-up.amount", "value": "750.00", "type": "decimal", "valid_from": "2026-01-01",
         "paragraph": "§ 1 of a made-up guideline", "source": "a test"},
    ]
)  # fmt: skip


@money_rule("MU 1", "grant")
def everybody_gets_the_same(amount: Decimal, *, eligible_total: Decimal) -> Decimal:
    """Nothing to round."""
    return min(amount, eligible_total)


@money_rule("MU 2", "eligible_total")
def all_costs_count(_: Decimal, *, cash_costs: Decimal) -> Decimal:
    """Nothing to round."""
    return cash_costs


def assess_made_up(case: Case) -> Assessment:
    amount = VALUES.get("made-up.amount", case.assessed_on, for_payment=True)
    eligible = all_costs_count.figure(amount, cash_costs=case.finance_plan.cash_costs)
    amounts = {"eligible_total": eligible, "grant": everybody_gets_the_same.figure(amount, eligible_total=eligible)}
    return Assessment(Result.ELIGIBLE, (), amounts, WHOLE, amount.version, Financing.FULL)


def settle_made_up(*_: object) -> Settlement:
    raise AssertionError("nobody asked for the end of a grant")


MADE_UP = Programme(
    "made-up", "A made-up programme", ("§ 1 of a made-up guideline",),
    rules=Rules("made-up", assess_made_up, settle_made_up, (everybody_gets_the_same, all_costs_count)),
)  # fmt: skip
CALL = {
    "key": "made-up-2026", "programme": "made-up", "title": "Ein Aufruf", "opens_on": "2026-03-01",
    "last_day": "2026-03-31", "deadline_kind": "ordnungsfrist", "budget_title": "WIDE", "source": "ein Test",
}  # fmt: skip
PROPOSAL = {
    "amount": "750.00", "years": [{"year": 2026, "amount": "750.00"}], "reasons": ["Es passt."], "conditions": [],
}  # fmt: skip


async def test_a_further_programme_goes_from_its_call_to_its_decision(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue((*packaged_programmes(), MADE_UP))
    monkeypatch.setattr("kfi_applications.works.PROGRAMMES", catalogue)
    opened = await desk.post("budget", "/calls", CALL, **{"Idempotency-Key": str(uuid4())})
    assert opened.status_code == 201, opened.text
    approval = {"If-Match": opened.headers["ETag"]}
    assert (await desk.post("signatory", "/calls/made-up-2026/approval", **approval)).status_code == 200
    case = await desk.proposed(PROPOSAL, call="made-up-2026")
    await desk.done("budget", case, "reservation")
    await desk.done("signatory", case, "second-check")
    signed = await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    assert (signed["programme"], signed["decision"]["granted_amount"]) == ("made-up", "750.00")
    assert [step["rule"] for step in signed["assessment"]["trace"]] == ["MU 2 eligible_total", "MU 1 grant"]
