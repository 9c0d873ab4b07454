"""What the funding service tells the others about an application."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from kfi_contracts.classification import Internal, Public
from kfi_contracts.codes import Code, FileNumber
from kfi_contracts.event import Event, Published
from kfi_contracts.money import Money
from kfi_contracts.topics import APPLICATIONS

SOURCE: Final = "/kfi/applications"

ApplicationId = Annotated[UUID, Internal("The application; its events are read in order")]
DecisionId = Annotated[UUID, Internal("The decision (Bescheid) on the application")]


class Outcome(StrEnum):
    """How the application was decided."""

    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REJECTED = "rejected"


class FinalityBasis(StrEnum):
    """Why the decision can no longer be contested (Bestandskraft)."""

    REMEDY_PERIOD_ENDED = "remedy_period_ended"
    WAIVER = "waiver"
    ACTION_CONCLUDED = "action_concluded"


class YearAmount(Published):
    """What falls due in one budget year (Haushaltsjahr)."""

    year: Annotated[int, Field(ge=1990, le=2999), Internal("Calendar year")]
    amount: Annotated[Money, Internal("EUR in that year")]


class ApplicationFiled(Event):
    """An application for a grant was received."""

    type: ClassVar[str] = "de.nrw.kfi.applications.application-filed.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    file_number: Annotated[FileNumber, Internal("Aktenzeichen")]
    programme: Annotated[Code, Public("Code of the funding programme")]
    call: Annotated[Code, Public("Code of the call within the programme")]
    filed_on: Annotated[date, Internal("Day of receipt, local time of the authority")]
    late: Annotated[bool, Internal("Received after the deadline of the call")]
    requested_amount: Annotated[Money, Internal("EUR applied for")]


class InformationRequested(Event):
    """The applicant was asked for what is missing, with a last day for an answer; what is missing, in codes."""

    type: ClassVar[str] = "de.nrw.kfi.applications.information-requested.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    file_number: Annotated[FileNumber, Internal("Aktenzeichen")]
    requested_on: Annotated[date, Internal("Day of the request, local time of the authority")]
    answer_by: Annotated[date, Internal("Last day on which an answer is in time")]
    items: Annotated[tuple[Code, ...], Internal("What is missing, in codes; more may be asked for in words")]
    consequence: Annotated[Code, Internal("What follows when nothing comes; the decision stays a person's")]
    letter_id: Annotated[UUID, Internal("The notification that carries the request")]


class ApplicationWithdrawn(Event):
    """The applicant took the application back before it was decided; its case has ended."""

    type: ClassVar[str] = "de.nrw.kfi.applications.application-withdrawn.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    file_number: Annotated[FileNumber, Internal("Aktenzeichen")]
    withdrawn_on: Annotated[date, Internal("Day on which the withdrawal was received, local time of the authority")]


class DecisionMade(Event):
    """A second person signed: the application is granted, granted in part or rejected.

    The amounts agree: the years add up to the granted amount, and a rejection grants nothing.
    """

    type: ClassVar[str] = "de.nrw.kfi.applications.decision-made.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    decision_id: DecisionId
    file_number: Annotated[FileNumber, Internal("Aktenzeichen")]
    outcome: Annotated[Outcome, Internal("Granted, granted in part, or rejected")]
    granted_amount: Annotated[Money, Internal("EUR granted; 0.00 when rejected")]
    decided_on: Annotated[date, Internal("Day of the second signature, local time of the authority")]
    years: Annotated[tuple[YearAmount, ...], Internal("The granted amount by budget year; empty when rejected")]
    letter_id: Annotated[UUID, Internal("The notification that carries the decision")]

    @model_validator(mode="after")
    def _amounts_agree(self) -> Self:
        if sum((part.amount for part in self.years), Decimal(0)) != self.granted_amount:
            raise ValueError("the years do not add up to the granted amount")
        if (self.granted_amount == 0) != (self.outcome is Outcome.REJECTED):
            raise ValueError("a grant grants something and a rejection nothing")
        return self


class PersonErased(Event):
    """The time to keep the personal data of an application is over: whoever holds any of it deletes it as well.

    What the application is about stays known by its id alone.
    """

    type: ClassVar[str] = "de.nrw.kfi.applications.person-erased.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    erased_on: Annotated[date, Internal("Day of the erasure, local time of the authority")]


class DecisionFinal(Event):
    """The decision can no longer be contested; money may flow."""

    type: ClassVar[str] = "de.nrw.kfi.applications.decision-final.v1"
    topic: ClassVar[str] = APPLICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "application_id"

    application_id: ApplicationId
    decision_id: DecisionId
    final_on: Annotated[date, Internal("First day on which the decision is final")]
    basis: Annotated[FinalityBasis, Internal("Why it is final")]
