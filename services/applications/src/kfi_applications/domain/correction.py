"""A correction (Änderungsbescheid): an act of its own that changes what an earlier decision says.

It has its own proposal, its own second signature, its own letter, announcement and remedy period. It moves no money: a
decision that granted another amount is another decision.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.errors import FourEyesViolated, ProposalChanged, WrongState


class CorrectionState(StrEnum):
    """Where a correction stands."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    ANNOUNCED = "announced"
    FINAL = "final"


@dataclass(frozen=True)
class Point:
    """One point that is corrected: what the decision said, and what it says now."""

    subject: str
    was: str
    becomes: str


@dataclass(frozen=True)
class CorrectionText:
    """What people wrote: German sentences for the letter; ``named`` is how the letter names who signed it."""

    points: tuple[Point, ...]
    reasons: tuple[str, ...]
    legal_basis: tuple[str, ...]
    named: str | None = None


@dataclass
class Correction:
    """The correction of one decision; its id is that of the act. Persons are persons, not accounts."""

    id: UUID
    application_id: UUID
    number: int
    text: CorrectionText
    proposed_by: str
    proposed_on: date
    state: CorrectionState = CorrectionState.PROPOSED
    version: int = 1
    signed_by: str | None = None
    decided_on: date | None = None
    letter_id: UUID | None = None
    letter_digest: str | None = None
    announced_on: date | None = None
    remedy_ends_on: date | None = None
    final_on: date | None = None
    failure: str | None = None
    """Why its letter reached nobody, as a code; a person looks after it."""
    steps: list[str] = field(default_factory=list)
    """What this transaction did, for the audit."""

    def sign(
        self, by: str, *, seen_digest: str, letter_digest: str, on: date, letter_id: UUID, named: str | None
    ) -> None:
        """The second signature makes it an act. Raises WrongState, FourEyesViolated, ProposalChanged."""
        self._must_be(CorrectionState.PROPOSED)
        if by == self.proposed_by:
            raise FourEyesViolated(
                "The person who proposed the correction cannot sign it.", fix="Have another signatory sign it."
            )
        if seen_digest != letter_digest:
            raise ProposalChanged(
                "The letter that would be sent is not the one that was read.",
                fix="Read the letter again and sign its digest.",
                field="digest",
            )
        self.text = CorrectionText(self.text.points, self.text.reasons, self.text.legal_basis, named)
        self.signed_by, self.decided_on = by, on
        self.letter_id, self.letter_digest = letter_id, letter_digest
        self._become(CorrectionState.SIGNED, "sign")

    def record_announcement(self, on: date, remedy_ends_on: date | None) -> None:
        """Its letter is announced; its own remedy period runs. Raises WrongState."""
        self._must_be(CorrectionState.SIGNED)
        self.announced_on, self.remedy_ends_on, self.failure = on, remedy_ends_on, None
        self._become(CorrectionState.ANNOUNCED, "record-announcement")

    def end_remedy_period(self, on: date) -> None:
        """Nobody can contest it any more. Raises WrongState."""
        self._must_be(CorrectionState.ANNOUNCED)
        self.final_on = on
        self._become(CorrectionState.FINAL, "end-remedy-period")

    def record_failure(self, code: str) -> None:
        """Its letter failed, was recalled, or came back: it is not announced, neither was it before."""
        self.failure = code
        if self.state is CorrectionState.ANNOUNCED:
            self.announced_on = self.remedy_ends_on = None
            self.state = CorrectionState.SIGNED
        self.steps.append("record-failed-notification")

    def order_letter_again(self, letter_id: UUID, letter_digest: str) -> None:
        """Its letter is ordered once more, to the address the case has now. Raises WrongState."""
        self._must_be(CorrectionState.SIGNED)
        if self.failure is None:
            raise WrongState("The letter is on its way.", fix="Read the correction again.")
        self.letter_id, self.letter_digest, self.failure = letter_id, letter_digest, None
        self.steps.append("order-letter-again")

    def _must_be(self, state: CorrectionState) -> None:
        if self.state is not state:
            raise WrongState(f"The correction is {self.state}.", fix="Read the correction again.")

    def _become(self, state: CorrectionState, step: str) -> None:
        self.state = state
        self.steps.append(step)
