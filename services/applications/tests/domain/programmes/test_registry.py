"""Programmes are registered in one place: data and rules fit together, and whoever adds one changes nothing else."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from kfi_applications.domain.assessment import WHOLE, Assessment, Financing, named, strictest
from kfi_applications.domain.calculation import money_rule
from kfi_applications.domain.calls import Call
from kfi_applications.domain.case import Case
from kfi_applications.domain.errors import CallNotAccepting
from kfi_applications.domain.programmes.catalogue import Catalogue, demonstration_calls, packaged_programmes
from kfi_applications.domain.programmes.parameters import packaged_parameters, values_on
from kfi_applications.domain.programmes.programme import Programme, Rules, Settlement
from kfi_applications.domain.programmes.registry import REGISTERED
from kfi_applications.domain.rules import Consequence, findings_of, rule
from kfi_law.parameters import Parameters
from kfi_law.traces import Figure


def test_every_open_programme_has_rules_and_every_rule_a_programme() -> None:
    programmes = {programme.key: programme for programme in packaged_programmes()}
    assert {rules.programme for rules in REGISTERED} <= set(programmes)
    assert [programme.key for programme in programmes.values() if not (programme.closed or programme.rules)] == []


def test_every_dated_value_belongs_to_a_programme() -> None:
    programmes, valued = {programme.key for programme in packaged_programmes()}, packaged_parameters().keys()
    assert {key.partition(".")[0] for key in valued} <= programmes


def test_a_rule_has_one_number_and_a_number_one_rule() -> None:
    numbers = Counter(rule.name for rule in {rule for rules in REGISTERED for rule in rules.money_rules})
    assert [name for name, count in numbers.items() if count > 1] == []


@pytest.mark.parametrize("missing", ["cap", "civic_work_basis"])
def test_a_call_that_leaves_open_what_its_programme_needs_is_not_offered(
    call_of: Callable[..., Call], missing: str
) -> None:
    with pytest.raises(CallNotAccepting, match=f"does not say: {missing}"):
        Catalogue(packaged_programmes(), [call_of(**{missing: None})])


@pytest.mark.parametrize(("programme", "told"), [("zwar", "is closed"), ("nothing", "no such programme")])
def test_a_call_of_a_closed_or_unknown_programme_is_not_offered(
    call_of: Callable[..., Call], programme: str, told: str
) -> None:
    with pytest.raises(CallNotAccepting, match=told):
        Catalogue(packaged_programmes(), [call_of(programme=programme)])


VALUES = Parameters.from_records(
    [
        {"key": "made-up.amount", "value": "750.00", "type": "decimal", "valid_from": "2026-01-01",
         "paragraph": "§ 1 of a made-up guideline", "source": "a test"},
    ]
)  # fmt: skip


@money_rule("MU 2", "grant")
def everybody_gets_the_same(amount: Decimal, *, eligible_total: Decimal) -> Decimal:
    return min(amount, eligible_total)


@money_rule("MU 3", "eligible_total")
def all_costs_count(_: Decimal, *, cash_costs: Decimal) -> Decimal:
    return cash_costs


@rule(Consequence.REFUSED, paragraph="§ 2 of a made-up guideline", source="a test")
def only_a_short_name_is_funded(case: Case, _: object) -> str | None:
    return "Der Name ist zu lang." if len(case.applicant.name) > 40 else None


@dataclass(frozen=True)
class MadeUpAmounts:
    eligible_total: Figure[Decimal]
    grant: Figure[Decimal]


def assess_made_up(case: Case) -> Assessment:
    amount = values_on(case.assessed_on, "made-up", VALUES)("amount")
    eligible = all_costs_count.figure(amount, cash_costs=case.finance_plan.cash_costs)
    amounts = MadeUpAmounts(eligible, everybody_gets_the_same.figure(amount, eligible_total=eligible))
    findings = findings_of({"MU 1": only_a_short_name_is_funded}, case, None)
    return Assessment(strictest(findings), findings, named(amounts), WHOLE, amount.version, Financing.FULL)


def settle_made_up(*_: object) -> Settlement:
    raise AssertionError("nobody asked for the end of a grant")


MADE_UP = Programme(
    "made-up", "A made-up programme", ("§ 1 of a made-up guideline",),
    rules=Rules("made-up", assess_made_up, settle_made_up, (everybody_gets_the_same, all_costs_count)),
)  # fmt: skip


def test_a_further_programme_is_data_and_rules(case_of: Callable[..., Case], call_of: Callable[..., Call]) -> None:
    call = call_of(key="made-up-2026", programme="made-up", cap=None, civic_work_basis=None)
    catalogue = Catalogue((*packaged_programmes(), MADE_UP), (*demonstration_calls(), call))
    case = case_of(call=catalogue.call("made-up-2026"))
    assessment = catalogue.programme(case.call.programme).assess(case)
    assert (assessment.grant, assessment.version) == (Decimal("750.00"), "made-up.amount@2026-01-01")
    assert [step.rule for step in assessment.trace] == ["MU 3 eligible_total", "MU 2 grant"]
    long = replace(case, applicant=replace(case.applicant, name="Verein " * 6))
    assert [finding.rule for finding in MADE_UP.assess(long).findings] == ["MU 1"]
