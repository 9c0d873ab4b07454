"""The facts of letters beside the decision itself: receipt, a request for information, a correction."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kfi_contracts.applications import Outcome
from kfi_contracts.money import Money
from kfi_contracts.sealed_part import Line, SealedPart, Sentences


class ReceiptAcknowledgementFacts(SealedPart):
    """The facts of an acknowledgement of receipt (Eingangsbestätigung); it announces nothing and promises nothing."""

    kind: Literal["receipt-acknowledgement"] = "receipt-acknowledgement"
    programme_title: Line
    project_title: Line
    received_on: date
    late: bool
    """Received after the last day of the call; the letter says so."""
    requested_amount: Money
    hints: tuple[Sentences, ...] = ()
    written_by_name: Line | None = None


class InformationRequestFacts(SealedPart):
    """The facts of a request for information (Nachforderung): what is missing, by when, and what follows.

    The first letter has `reminder` 0. A reminder is numbered from 1 and names the day on which was asked first.
    """

    kind: Literal["information-request"] = "information-request"
    programme_title: Line
    project_title: Line
    filed_on: date
    missing: Annotated[tuple[Sentences, ...], Field(min_length=1)]
    reply_by: date
    """The last day on which an answer is in time."""
    consequence: Sentences
    reminder: Annotated[int, Field(ge=0, le=99)] = 0
    first_asked_on: date | None = None
    legal_basis: tuple[Line, ...] = ()
    written_by_name: Line | None = None

    @model_validator(mode="after")
    def _a_reminder_names_the_first_letter(self) -> Self:
        if (self.reminder > 0) != (self.first_asked_on is not None):
            raise ValueError("a reminder names the day on which was asked first, and nothing else does")
        return self


class CorrectedPoint(SealedPart):
    """One point of a decision that is corrected: what it said, and what it says now."""

    subject: Line
    was: Sentences
    becomes: Sentences


class GrantCorrectionFacts(SealedPart):
    """The facts of a correction (Änderungsbescheid): an act of its own that refers to the decision it changes."""

    kind: Literal["grant-correction"] = "grant-correction"
    programme_title: Line
    project_title: Line
    corrected_outcome: Outcome
    """What the decision said that is corrected, which tells its name."""
    corrected_on: date
    """The day of that decision."""
    number: Annotated[int, Field(ge=1, le=999)]
    """Counts the corrections of that decision, from 1."""
    points: Annotated[tuple[CorrectedPoint, ...], Field(min_length=1)]
    reasons: Annotated[tuple[Sentences, ...], Field(min_length=1)]
    decided_by_name: Line | None = None
    legal_basis: tuple[Line, ...]
