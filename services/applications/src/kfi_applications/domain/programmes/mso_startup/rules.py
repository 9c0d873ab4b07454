"""The rules of the programme as the registry takes them: conditions, amounts, and what is marked in a finance plan."""

from decimal import Decimal
from typing import Final

from kfi_applications.domain.assessment import WHOLE, Assessment, Financing, found_at, limited, named, strictest
from kfi_applications.domain.case import Case
from kfi_applications.domain.money import in_euro
from kfi_applications.domain.programmes.full_financing import (
    settle_in_full,
    the_grant_is_the_smallest_of_request_expenditure_and_highest_sum,
)
from kfi_applications.domain.programmes.mso_startup.amounts import (
    MONEY_RULES,
    Amounts,
    amounts_of,
    only_costs_in_cash_are_eligible,
)
from kfi_applications.domain.programmes.mso_startup.conditions import (
    CONDITIONS,
    the_association_and_its_founding_are_described,
)
from kfi_applications.domain.programmes.mso_startup.terms import PROGRAMME, Terms
from kfi_applications.domain.programmes.programme import Actual, Rules, Settlement
from kfi_applications.domain.rules import Consequence, Finding, findings_of


def _assess(case: Case) -> Assessment:
    terms = Terms.of(case)
    amounts = amounts_of(case, terms)
    findings = (*findings_of(CONDITIONS, case, terms), *_findings_on_the_plan(case, amounts))
    return Assessment(
        result=strictest(findings),
        findings=findings,
        amounts=named(amounts),
        rate=WHOLE,
        version=terms.guideline.version,
        financing=Financing.FULL,
        highest_in_a_year=Decimal(terms.highest_sum_of_a_year.value),
    )


def _settle(case: Case, assessment: Assessment, actual: Actual) -> Settlement:
    return settle_in_full(
        eligible_total=assessment.amounts["eligible_total"],
        grant=assessment.amounts["grant"],
        actual_total=actual.eligible_total,
        paid_out=actual.paid_out,
        guideline=Terms.of(case).guideline,
    )


def _findings_on_the_plan(case: Case, amounts: Amounts) -> list[Finding]:
    findings = []
    plan = case.finance_plan
    if plan.civic_work:
        findings.append(_civic_work_is_no_expenditure(amounts, plan.civic_work))
    if amounts.grant.value < plan.requested_grant:
        findings.append(limited(amounts.grant, the_grant_is_the_smallest_of_request_expenditure_and_highest_sum))
    return findings


def _civic_work_is_no_expenditure(amounts: Amounts, civic_work: Decimal) -> Finding:
    return found_at(
        amounts.eligible_total,
        only_costs_in_cash_are_eligible,
        Consequence.MARKED,
        f"Bürgerschaftliches Engagement von {in_euro(civic_work)} gehört nicht zu den zuwendungsfähigen Ausgaben.",
    )


MSO_STARTUP: Final = Rules(
    programme=PROGRAMME,
    assess=_assess,
    settle=_settle,
    money_rules=MONEY_RULES,
    must_be_complete=the_association_and_its_founding_are_described,
)
