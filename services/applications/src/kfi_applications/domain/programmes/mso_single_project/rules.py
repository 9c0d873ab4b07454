"""The rules of the programme as the registry takes them: conditions, amounts, and what a finance plan may lack."""

from decimal import Decimal
from typing import Final

from kfi_applications.domain.assessment import Assessment, Financing, found_at, limited, named, strictest
from kfi_applications.domain.case import Case
from kfi_applications.domain.money import in_euro
from kfi_applications.domain.programmes.mso_conditions import the_association_is_described
from kfi_applications.domain.programmes.mso_single_project.amounts import (
    MONEY_RULES,
    Amounts,
    amounts_of,
    civic_work_above_the_limit_is_not_recognised,
    the_own_share_is_a_part_of_the_eligible_total,
)
from kfi_applications.domain.programmes.mso_single_project.conditions import CONDITIONS
from kfi_applications.domain.programmes.mso_single_project.terms import PROGRAMME, Terms
from kfi_applications.domain.programmes.programme import Actual, Rules, Settlement
from kfi_applications.domain.programmes.share_financing import (
    settle,
    the_grant_is_the_smallest_of_request_share_and_cap,
)
from kfi_applications.domain.rules import Consequence, Finding, findings_of


def _assess(case: Case) -> Assessment:
    terms = Terms.on(case.assessed_on)
    amounts = amounts_of(case, terms)
    findings = (*findings_of(CONDITIONS, case, terms), *_findings_on_the_plan(case, amounts))
    return Assessment(
        result=strictest(findings),
        findings=findings,
        amounts=named(amounts),
        rate=Decimal(terms.rate.value),
        version=terms.guideline.version,
        financing=Financing.SHARE,
    )


def _settle(case: Case, assessment: Assessment, actual: Actual) -> Settlement:
    return settle(
        eligible_total=assessment.amounts["eligible_total"],
        grant=assessment.amounts["grant"],
        actual_total=actual.eligible_total,
        paid_out=actual.paid_out,
        guideline=Terms.on(case.assessed_on).guideline,
    )


def _findings_on_the_plan(case: Case, amounts: Amounts) -> list[Finding]:
    """The amounts at which a plan breaks a rule; a grant above the share is the own share's finding already."""
    findings = []
    lost = case.finance_plan.civic_work - amounts.civic_work_recognised.value
    if lost:
        findings.append(_civic_work_not_recognised(amounts, lost))
    if amounts.own_share.value < amounts.own_share_required.value:
        findings.append(_own_share_too_low(amounts))
    elif amounts.grant.value < case.finance_plan.requested_grant:
        findings.append(limited(amounts.grant, the_grant_is_the_smallest_of_request_share_and_cap))
    return findings


def _civic_work_not_recognised(amounts: Amounts, lost: Decimal) -> Finding:
    limit = in_euro(amounts.civic_work_limit.value)
    return found_at(
        amounts.civic_work_recognised,
        civic_work_above_the_limit_is_not_recognised,
        Consequence.MARKED,
        f"Bürgerschaftliches Engagement wird bis {limit} anerkannt; {in_euro(lost)} werden nicht anerkannt.",
    )


def _own_share_too_low(amounts: Amounts) -> Finding:
    own, required = in_euro(amounts.own_share.value), in_euro(amounts.own_share_required.value)
    return found_at(
        amounts.own_share_required,
        the_own_share_is_a_part_of_the_eligible_total,
        Consequence.CORRECTION_NEEDED,
        f"Der Eigenanteil beträgt {own}; erforderlich sind {required}.",
    )


MSO_SINGLE_PROJECT: Final = Rules(
    programme=PROGRAMME,
    assess=_assess,
    settle=_settle,
    money_rules=MONEY_RULES,
    call_says=("cap", "civic_work_basis"),
    must_be_complete=the_association_is_described,
)
