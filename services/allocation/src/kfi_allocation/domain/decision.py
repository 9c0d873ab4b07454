"""The decision on a household's town (Zuweisungsbescheid): its draft, its signature, its letters."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_allocation.domain.reasons import Reasons


@dataclass(frozen=True, slots=True)
class Draft:
    """What a planner puts before the signatory: the reasons with their figures, and the answers to whoever was heard.

    ``by`` is a person. ``weighing`` are the planner's own sentences; ``reply_to_family`` answers what the family said,
    ``reply_to_community`` what its community said.
    """

    by: str
    drafted_on: date
    ags: str
    reasons: Reasons
    weighing: tuple[str, ...] = ()
    reply_to_family: str | None = None
    reply_to_community: str | None = None


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """What was signed, frozen: the draft, how the letter names the signatory, and the very letter as JSON."""

    decision_id: UUID
    draft: Draft
    signed_by_name: str | None
    letter: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A signed decision. ``letter_digest`` is the SHA-256 of the content that was signed; persons are pseudonyms.

    The days are None until notifications told of them; ``final_on`` is the day from which nobody can contest it.
    """

    id: UUID
    ags: str
    decided_on: date
    drafted_by: str
    signed_by: str
    letter_id: UUID
    letter_digest: str
    announced_on: date | None = None
    remedy_ends_on: date | None = None
    final_on: date | None = None


class LetterKind(StrEnum):
    """Which letter to the family it was."""

    HEARING = "hearing"
    DECISION = "decision"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that was ordered; ``failed`` is the code of what went wrong, until it is ordered again."""

    id: UUID
    kind: LetterKind
    ordered_on: date
    failed: str | None = None
