"""Assessing a case: may it be funded, with how much, by which rules."""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from kfi_applications.domain.money import in_euro
from kfi_applications.domain.programmes.mso_single_project.amounts import (
    Amounts,
    amounts_of,
    civic_work_above_the_limit_is_not_recognised,
    the_own_share_is_a_part_of_the_eligible_total,
)
from kfi_applications.domain.programmes.mso_single_project.conditions import CONDITIONS
from kfi_applications.domain.programmes.mso_single_project.terms import Case
from kfi_applications.domain.programmes.share_financing import the_grant_is_the_smallest_of_request_share_and_cap
from kfi_applications.domain.rules import Consequence, Finding
from kfi_law.traces import Figure, Step


class Result(StrEnum):
    """What an assessment says; the strictest finding decides."""

    ELIGIBLE = "eligible"
    CORRECTION_NEEDED = "correction-needed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Assessment:
    """The result with its findings and amounts; the grant of a case that is not eligible is not to be paid."""

    result: Result
    findings: tuple[Finding, ...]
    amounts: Amounts
    rate: Decimal
    version: str

    @property
    def grant(self) -> Decimal:
        """What may be granted at most, in euro: nothing unless the case is eligible."""
        return self.amounts.grant.value if self.result is Result.ELIGIBLE else Decimal("0.00")

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every step behind the amounts, each once, in the order of the computation."""
        steps: dict[str, Step] = {}
        for field in fields(self.amounts):
            figure: Figure[Decimal] = getattr(self.amounts, field.name)
            steps |= {step.rule: step for step in figure.steps}
        return tuple(steps.values())


def assess(case: Case) -> Assessment:
    """Assess a case of the MSO Einzelprojektförderung. The finance plan must add up (PlanDoesNotAddUp)."""
    case.finance_plan.must_add_up()
    amounts = amounts_of(case)
    findings = (*filter(None, (rule.check(case) for rule in CONDITIONS)), *_findings_on_the_plan(case, amounts))
    return Assessment(
        _strictest(findings), findings, amounts, Decimal(case.terms.rate.value), case.terms.guideline.version
    )


def _strictest(findings: tuple[Finding, ...]) -> Result:
    consequences = {finding.consequence for finding in findings}
    if Consequence.REFUSED in consequences:
        return Result.REFUSED
    return Result.CORRECTION_NEEDED if Consequence.CORRECTION_NEEDED in consequences else Result.ELIGIBLE


def _findings_on_the_plan(case: Case, amounts: Amounts) -> list[Finding]:
    """The amounts at which a plan breaks a rule; a grant above the share is the own share's finding already."""
    findings = []
    lost = case.finance_plan.civic_work - amounts.civic_work_recognised.value
    if lost:
        findings.append(_civic_work_not_recognised(amounts, lost))
    if amounts.own_share.value < amounts.own_share_required.value:
        findings.append(_own_share_too_low(amounts))
    elif amounts.grant.value < case.finance_plan.requested_grant:
        findings.append(_capped(amounts))
    return findings


def _civic_work_not_recognised(amounts: Amounts, lost: Decimal) -> Finding:
    limit = in_euro(amounts.civic_work_limit.value)
    return _finding(
        amounts.civic_work_recognised,
        civic_work_above_the_limit_is_not_recognised.sentence,
        Consequence.MARKED,
        f"Bürgerschaftliches Engagement wird bis {limit} anerkannt; {in_euro(lost)} werden nicht anerkannt.",
    )


def _own_share_too_low(amounts: Amounts) -> Finding:
    own, required = in_euro(amounts.own_share.value), in_euro(amounts.own_share_required.value)
    return _finding(
        amounts.own_share_required,
        the_own_share_is_a_part_of_the_eligible_total.sentence,
        Consequence.CORRECTION_NEEDED,
        f"Der Eigenanteil beträgt {own}; erforderlich sind {required}.",
    )


def _capped(amounts: Amounts) -> Finding:
    return _finding(
        amounts.grant,
        the_grant_is_the_smallest_of_request_share_and_cap.sentence,
        Consequence.MARKED,
        f"Die Zuwendung ist auf {in_euro(amounts.grant.value)} begrenzt.",
    )


def _finding(figure: Figure[Decimal], sentence: str, consequence: Consequence, reason: str) -> Finding:
    step = figure.step
    return Finding(step.rule.rpartition(" ")[0], sentence, consequence, step.paragraph, step.source, reason)
