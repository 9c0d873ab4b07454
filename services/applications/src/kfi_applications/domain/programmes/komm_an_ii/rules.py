"""The rules of the programme as the registry takes them: conditions, lump sums, and the plan that the letter shows."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from kfi_applications.domain.assessment import WHOLE, Assessment, Financing, found_at, limited, strictest
from kfi_applications.domain.case import Case, CostItem, FinancePlan
from kfi_applications.domain.money import NOTHING
from kfi_applications.domain.programmes.fixed_amounts import (
    settle_lump_sums,
    the_grant_is_the_smallest_of_request_lump_sums_and_cap,
)
from kfi_applications.domain.programmes.komm_an_ii.amounts import (
    MONEY_RULES,
    amounts_of,
    lump_sums_of,
    the_lump_sums_add_up,
    total_of,
)
from kfi_applications.domain.programmes.komm_an_ii.conditions import FOR_ROOMS, GENERAL
from kfi_applications.domain.programmes.komm_an_ii.measures import Kind, of_kind, the_measures_are_stated
from kfi_applications.domain.programmes.komm_an_ii.terms import PROGRAMME, Terms
from kfi_applications.domain.programmes.programme import Actual, Rules, Settlement
from kfi_applications.domain.rules import Consequence, Finding, findings_of
from kfi_law.traces import Figure

_LABELS: Final = {
    Kind.ROOMS: "Baustein A1, Ausstattung von Räumen",
    Kind.RUNNING_COSTS: "Baustein A2, laufender Betrieb",
    Kind.ACCOMPANIMENTS: "Baustein B1, Begleitungen",
    Kind.GATHERINGS: "Baustein B2, Zusammenkünfte und Orientierung",
    Kind.PRINT_MEDIA: "Baustein C, Printmedien",
    Kind.INTERNET_MEDIA: "Baustein C, Internetmedien",
    Kind.TRANSLATION: "Baustein C, Übersetzungen",
    Kind.TRAINING: "Baustein D1, Qualifizierung",
    Kind.EXCHANGE: "Baustein D2, Austauschtreffen",
}


def _assess(case: Case) -> Assessment:
    terms = Terms.of(case)
    amounts = amounts_of(case, terms)
    findings = (*_conditions(case, terms), *_findings_on_the_plan(case, amounts))
    return Assessment(
        result=strictest(findings),
        findings=findings,
        amounts=amounts,
        rate=WHOLE,
        version=terms.guideline.version,
        financing=Financing.FIXED_AMOUNT,
        funded_plan=_funded_plan(case, terms),
    )


def _conditions(case: Case, terms: Terms) -> tuple[Finding, ...]:
    for_rooms = FOR_ROOMS if of_kind(Kind.ROOMS, case) else {}
    return findings_of({**GENERAL, **for_rooms}, case, terms)


def _findings_on_the_plan(case: Case, amounts: Mapping[str, Figure[Decimal]]) -> list[Finding]:
    total, grant = amounts["eligible_total"], amounts["grant"]
    if not total.value:
        nothing = "Es bleibt keine Maßnahme, für die eine Pauschale gewährt werden kann."
        return [found_at(total, the_lump_sums_add_up, Consequence.REFUSED, nothing)]
    if grant.value < case.finance_plan.requested_grant:
        return [limited(grant, the_grant_is_the_smallest_of_request_lump_sums_and_cap)]
    return []


def _funded_plan(case: Case, terms: Terms) -> FinancePlan:
    """What the letter shows as the finance plan: the fixed amounts and not what the measures may cost."""
    lump_sums = lump_sums_of(case, terms)
    costs = tuple(CostItem(_LABELS[kind], figure.value) for kind, figure in lump_sums.items())
    return FinancePlan(costs, NOTHING, NOTHING, NOTHING, sum((item.amount for item in costs), NOTHING))


def _settle(case: Case, assessment: Assessment, actual: Actual) -> Settlement:
    terms = Terms.of(case)
    took_place = replace(case, finance_plan=replace(case.finance_plan, measures=actual.measures))
    return settle_lump_sums(
        grant=assessment.amounts["grant"],
        actual_lump_sums=total_of(lump_sums_of(took_place, terms), terms),
        paid_out=actual.paid_out,
        guideline=terms.guideline,
    )


KOMM_AN_II: Final = Rules(
    programme=PROGRAMME,
    assess=_assess,
    settle=_settle,
    money_rules=MONEY_RULES,
    call_says=("partial_month",),
    must_be_complete=the_measures_are_stated,
)
