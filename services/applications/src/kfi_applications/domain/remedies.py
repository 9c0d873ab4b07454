"""What happens after a decision: announcement, waiver, court action, finality (Bestandskraft)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FinalityBasis(StrEnum):
    """Why no remedy is left."""

    REMEDY_PERIOD_ENDED = "remedy_period_ended"
    WAIVER = "waiver"
    ACTION_CONCLUDED = "action_concluded"


class ActionEnd(StrEnum):
    """How a court action ended without touching the decision."""

    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class PaymentBlock(StrEnum):
    """Why no money may flow (Nr. 7.1 and 7.4 VV zu § 44 LHO)."""

    NOTHING_GRANTED = "nothing-granted"
    NOT_FINAL = "not-final"
    ACTION_PENDING = "action-pending"
    LETTER_CAME_BACK = "letter-came-back"
    NO_BANK_ACCOUNT = "no-bank-account"


@dataclass(frozen=True)
class Remedies:
    """The days that decide on finality; all are business dates, None until they happened."""

    not_retrieved_by: date | None = None
    """The last day on which the letter could be retrieved from the inbox, when nobody did; it went by post then."""
    announced_on: date | None = None
    remedy_ends_on: date | None = None
    remedy_period_ended_on: date | None = None
    waived_on: date | None = None
    action_filed_on: date | None = None
    action_concluded_on: date | None = None
    final_on: date | None = None
    basis: FinalityBasis | None = None


@dataclass(frozen=True)
class FailedNotification:
    """A letter or e-mail that did not get out, was recalled, or came back; a person looks after it.

    ``reason`` is a code; ``of_decision``: it was to announce the decision, as every letter of an older release.
    """

    channel: str
    reason: str
    final: bool
    of_decision: bool = True

    @property
    def kind(self) -> tuple[str, bool]:
        """Of each kind the last one is kept."""
        return (self.channel, self.of_decision)
