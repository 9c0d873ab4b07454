"""What the rules of a programme say about a case: may it be funded, with how much, by which rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kfi_applications.domain.calculation import MoneyRule
from kfi_applications.domain.case import FinancePlan
from kfi_applications.domain.money import NOTHING, in_euro
from kfi_applications.domain.rules import Consequence, Finding
from kfi_law.traces import Figure, Step

WHOLE = Decimal(1)


class Result(StrEnum):
    """What an assessment says; the strictest finding decides."""

    ELIGIBLE = "eligible"
    CORRECTION_NEEDED = "correction-needed"
    REFUSED = "refused"


class Financing(StrEnum):
    """How a grant is measured (Finanzierungsart, Nr. 2.2 VV zu § 44 LHO)."""

    SHARE = "share"
    FIXED_AMOUNT = "fixed_amount"
    FULL = "full"


@dataclass(frozen=True)
class Assessment:
    """The result with its findings and amounts; the grant of a case that is not eligible is not to be paid.

    ``amounts`` are named and in euro; every programme gives ``grant`` and ``eligible_total``. ``rate`` is a fraction,
    ``highest_in_a_year`` what no calendar year of the grant may exceed, ``funded_plan`` what the letter shows
    where that is not the applicant's own plan. Stored assessments without the last three fields are of the time when
    share financing was all there was.
    """

    result: Result
    findings: tuple[Finding, ...]
    amounts: Mapping[str, Figure[Decimal]]
    rate: Decimal
    version: str
    financing: Financing = Financing.SHARE
    highest_in_a_year: Decimal | None = None
    funded_plan: FinancePlan | None = None

    @property
    def grant(self) -> Decimal:
        """What may be granted at most, in euro: nothing unless the case is eligible."""
        return self.amount("grant") if self.result is Result.ELIGIBLE else NOTHING

    def amount(self, name: str) -> Decimal:
        """An amount in euro; nothing where the programme does not know it."""
        figure = self.amounts.get(name)
        return NOTHING if figure is None else figure.value

    @property
    def figures(self) -> Mapping[str, Figure[Decimal]]:
        """The amounts in the order of their computation; a database keeps no order of names."""
        return dict(sorted(self.amounts.items(), key=lambda named: (len(named[1].steps), named[0])))

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every step behind the amounts, each once, in the order of the computation."""
        steps: dict[str, Step] = {}
        for figure in self.figures.values():
            steps |= {step.rule: step for step in figure.steps}
        return tuple(steps.values())


def strictest(findings: Iterable[Finding]) -> Result:
    """The result that findings lead to."""
    consequences = {finding.consequence for finding in findings}
    if Consequence.REFUSED in consequences:
        return Result.REFUSED
    return Result.CORRECTION_NEEDED if Consequence.CORRECTION_NEEDED in consequences else Result.ELIGIBLE


def found_at(figure: Figure[Decimal], rule: MoneyRule, consequence: Consequence, reason: str) -> Finding:
    """The finding that a computed amount leads to, with the place of the value behind it."""
    return Finding(rule.number, rule.sentence, consequence, figure.step.paragraph, figure.step.source, reason)


def limited(grant: Figure[Decimal], rule: MoneyRule) -> Finding:
    """The finding that less is granted than was asked for."""
    return found_at(grant, rule, Consequence.MARKED, f"Die Zuwendung ist auf {in_euro(grant.value)} begrenzt.")


def named(amounts: Any) -> dict[str, Figure[Decimal]]:
    """The amounts of a programme, a dataclass of figures, by the names of its fields."""
    return {field.name: getattr(amounts, field.name) for field in fields(amounts)}
