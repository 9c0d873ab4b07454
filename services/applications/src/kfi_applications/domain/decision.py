"""The proposal of the first person, the decision of the second, and what stands against the proposal."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.assessment import Assessment, Result
from kfi_applications.domain.case import Project
from kfi_applications.domain.errors import NotAllowedByAssessment
from kfi_applications.domain.money import NOTHING


class Outcome(StrEnum):
    """How a case is decided."""

    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REJECTED = "rejected"


class ReturnReason(StrEnum):
    """Why a signatory gives a proposal back; a code, because the audit holds no free text."""

    FACTS = "facts"
    AMOUNT = "amount"
    REASONS = "reasons"
    CONDITIONS = "conditions"


@dataclass(frozen=True)
class YearAmount:
    """What of a grant falls into one budget year, in euro."""

    year: int
    amount: Decimal


@dataclass(frozen=True)
class Proposal:
    """What the caseworker proposes (Entscheidungsvorschlag): an amount with its years, or nothing.

    ``amount`` 0.00 proposes a rejection. ``reasons`` and ``conditions`` are German sentences for the letter.
    ``by`` is the person, not the account.
    """

    amount: Decimal
    years: tuple[YearAmount, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    budget_title: str
    by: str
    proposed_on: date

    @property
    def is_rejection(self) -> bool:
        """Whether nothing is to be granted."""
        return self.amount == NOTHING

    @property
    def by_year(self) -> dict[int, Decimal]:
        """The amounts to reserve, by year."""
        return {part.year: part.amount for part in self.years}

    def outcome(self, requested: Decimal) -> Outcome:
        """What the decision would be: granted in part means less than was asked for."""
        if self.is_rejection:
            return Outcome.REJECTED
        return Outcome.GRANTED if self.amount >= requested else Outcome.GRANTED_IN_PART

    def must_be_borne_by(self, assessment: Assessment, project: Project) -> None:
        """Raises NotAllowedByAssessment for more than the assessment allows, or years that do not fit."""
        if self.is_rejection:
            self._must_have_reasons()
            return
        if assessment.result is not Result.ELIGIBLE:
            raise _refused("The case may not be funded.", "Propose a rejection.", "amount")
        if self.amount > assessment.grant:
            raise _refused(
                f"The assessment bears {assessment.grant:.2f} EUR at most.", "Propose no more than that.", "amount"
            )
        self._years_must_fit(project, assessment.highest_in_a_year)

    def _must_have_reasons(self) -> None:
        if not self.reasons:
            raise _refused("A rejection needs reasons.", "Give at least one reason (§ 39 VwVfG NRW).", "reasons")
        if self.years or self.conditions:
            raise _refused("A rejection has no years and no conditions.", "Leave both empty.", "years")

    def _years_must_fit(self, project: Project, highest: Decimal | None) -> None:
        years = [part.year for part in self.years]
        if len(set(years)) != len(years) or not set(years) <= set(project.calendar_years):
            raise _refused("The years are not years of the project, each once.", "Correct the years.", "years")
        if any(part.amount <= 0 for part in self.years):
            raise _refused("A year without money is no year of the grant.", "Leave that year out.", "years")
        if sum((part.amount for part in self.years), NOTHING) != self.amount:
            raise _refused("The years do not add up to the amount.", "Correct the amounts of the years.", "years")
        if highest is not None and any(part.amount > highest for part in self.years):
            raise _refused(f"No year may hold more than {highest:.2f} EUR.", "Propose less in that year.", "years")


@dataclass(frozen=True)
class Decision:
    """The signed decision (Bescheid). ``letter_digest`` is the SHA-256 of the content that was signed and is sent.

    ``signed_by`` is the person's id, ``signed_by_name`` how the letter names them; none in a case of an older release.
    """

    id: UUID
    outcome: Outcome
    granted_amount: Decimal
    years: tuple[YearAmount, ...]
    decided_on: date
    signed_by: str
    letter_id: UUID
    letter_digest: str
    signed_by_name: str | None = None


def _refused(detail: str, fix: str, field: str) -> NotAllowedByAssessment:
    return NotAllowedByAssessment(detail, fix=fix, field=field)
