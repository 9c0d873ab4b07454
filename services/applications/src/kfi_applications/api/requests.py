"""The bodies of the requests; unknown fields are refused."""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from kfi_applications.domain.case import Addressee
from kfi_applications.domain.correction import CorrectionText, Point
from kfi_applications.domain.decision import ReturnReason, YearAmount
from kfi_applications.domain.information_request import IfUnanswered, MissingItem
from kfi_applications.domain.remedies import ActionEnd
from kfi_applications.stated import PERSON_PATTERN, StatedApplicant, StatedFinancePlan, StatedProject, Statement, Text
from kfi_contracts.money import Money
from kfi_law.municipalities import register

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]
_LAND = "05"


class StatedAddressee(Statement):
    """Where letters and e-mails go."""

    attention: Text | None = None
    street: Text
    house_number: Text
    postcode: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    city: Text
    email: Annotated[str, Field(pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$", max_length=254)]
    summary_language: Literal["en", "uk", "ar", "tr", "ru"] | None = Field(
        default=None, description="letters are summarised in this language as well; the German letter alone counts"
    )

    def stated(self) -> Addressee:
        """The addressee of the domain."""
        return Addressee(**self.model_dump())


class CorrectedPoint(Statement):
    """One point that is corrected."""

    subject: Text
    was: Sentence
    becomes: Sentence


class NewCorrection(Statement):
    """The correction of a decision, in German sentences for its letter."""

    points: Annotated[tuple[CorrectedPoint, ...], Field(min_length=1, max_length=50)]
    reasons: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=50)]
    legal_basis: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]

    def stated(self) -> CorrectionText:
        """The texts of the domain."""
        points = tuple(Point(point.subject, point.was, point.becomes) for point in self.points)
        return CorrectionText(points, self.reasons, self.legal_basis)


class LetterOrder(Statement):
    """The decision's letter once more."""

    addressee: StatedAddressee | None = Field(
        default=None, description="the right address, where the one of the case was wrong; it is then that of the case"
    )


class NewApplication(Statement):
    """An application for a grant."""

    call: Annotated[str, Field(min_length=1, max_length=100, description="the key of an open call")]
    applicant: StatedApplicant
    addressee: StatedAddressee
    project: StatedProject
    finance_plan: StatedFinancePlan

    @model_validator(mode="after")
    def _seat_is_a_municipality(self) -> Self:
        ags = self.applicant.seat_ags
        if ags.startswith(_LAND) and ags not in register():
            fix = "Send the AGS of a municipality of the Land, like 05914000, or of the seat outside of it."
            raise PydanticCustomError("unknown_municipality", "applicant.seat_ags is no municipality", {"fix": fix})
        return self


class CorrectedFinancePlan(Statement):
    """The finance plan that was asked for."""

    finance_plan: StatedFinancePlan


ME: Final = "me"
Person = Annotated[str, StringConstraints(pattern=PERSON_PATTERN)]


class NewInformationRequest(Statement):
    """What is missing: items by codes, more in German words; until when, and what follows when nothing comes."""

    items: Annotated[tuple[MissingItem, ...], Field(max_length=len(MissingItem))] = ()
    text: Sentence | None = None
    answer_by: date | None = Field(default=None, description="without it the usual time of the office")
    consequence: IfUnanswered = IfUnanswered.DECIDED_ON_THE_FILE

    @model_validator(mode="after")
    def _asks_for_something_once(self) -> Self:
        if not self.items and self.text is None:
            raise ValueError("items and text are both empty; name what is missing")
        if len(set(self.items)) != len(self.items):
            raise ValueError("items names something twice")
        return self


class Answer(Statement):
    """What the applicant answers; without a day it was received today."""

    text: Sentence
    received_on: date | None = None


class Withdrawal(Statement):
    """The application is taken back; without a day that was received today."""

    received_on: date | None = None


class NewEarlyStart(Statement):
    """From which day on the project may begin."""

    begins_on: date


class NewNote(Statement):
    """A note of the office."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]


class NewAssignment(Statement):
    """Whose case it is from now on."""

    assignee: Person | None = Field(description="`me`, a colleague, or null for nobody")

    def person(self, me: str) -> str | None:
        """The person meant."""
        return me if self.assignee == ME else self.assignee


class NewMandate(Statement):
    """Who stands in for whom, both days included."""

    represented: Person = Field(default=ME, description="`me`, or as a signatory somebody who is away")
    deputy: Person
    valid_from: date
    valid_until: date

    def person(self, me: str) -> str:
        """The person represented."""
        return me if self.represented == ME else self.represented


class StatedYear(Statement):
    """What falls into one budget year, in EUR."""

    year: Annotated[int, Field(ge=2000, le=2099)]
    amount: Money


class NewProposal(Statement):
    """What is proposed: an amount in EUR with its years, or 0.00 for a rejection; reasons and conditions in German."""

    amount: Money
    years: Annotated[tuple[StatedYear, ...], Field(max_length=10)] = ()
    reasons: Annotated[tuple[Sentence, ...], Field(max_length=20)] = ()
    conditions: Annotated[tuple[Sentence, ...], Field(max_length=20)] = ()

    def by_year(self) -> tuple[YearAmount, ...]:
        """The years of the domain."""
        return tuple(YearAmount(part.year, part.amount) for part in self.years)


class ReturnedProposal(Statement):
    """Why a proposal is given back."""

    reason: ReturnReason


class Signature(Statement):
    """What is signed: the digest of the letter as it was read (`letter-content`)."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Waiver(Statement):
    """A waiver of remedies; without a day it was received today."""

    received_on: date | None = None


class CourtAction(Statement):
    """An action against the decision."""

    filed_on: date


class CourtActionConclusion(Statement):
    """How an action ended."""

    end: ActionEnd
    concluded_on: date
