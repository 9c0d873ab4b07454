"""The bodies of the requests about placements; unknown fields are refused."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement_record import RevisionReason
from kfi_allocation.use_cases.cancel_household import CancelReason
from kfi_law.municipalities import register

_NO_CONTROL = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=_NO_CONTROL)]
Town = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]


class Statement(BaseModel):
    """What is said of a placement."""

    model_config = ConfigDict(extra="forbid")


def _known(ags: str) -> str:
    if ags not in register():
        fix = "Send the AGS of a municipality of the Land, like 05914000."
        raise PydanticCustomError("unknown_municipality", "this is no municipality of the Land", {"fix": fix})
    return ags


class Cancellation(Statement):
    """Why a household does not come, in a code."""

    reason: CancelReason


class NewObjection(Statement):
    """An objection against a proposal, in a code and in the town's own words."""

    reason: ObjectionReason
    explanation: Sentence


class NewRuling(Statement):
    """Whether an objection holds, and why."""

    upheld: bool
    explanation: Sentence


class NewRevision(Statement):
    """Another town for the household, and why."""

    ags: Town
    reason: RevisionReason = RevisionReason.OVERRIDDEN
    explanation: Sentence

    @field_validator("ags")
    @classmethod
    def _is_a_municipality(cls, ags: str) -> str:
        return _known(ags)


class NewFamilyAnswer(Statement):
    """Whether the family agrees to the town; without a day it was said today."""

    agrees: bool
    answered_on: date | None = None
    said: Annotated[str, StringConstraints(max_length=2_000)] = ""


class NewHearingAnswer(Statement):
    """What the family said: towns it wishes for, and why; without a day it was received today."""

    received_on: date | None = None
    wishes: Annotated[tuple[Town, ...], Field(max_length=10)] = ()
    said: Sentence

    @field_validator("wishes")
    @classmethod
    def _are_municipalities(cls, wishes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known(ags) for ags in wishes)


class NewCommunityAnswer(Statement):
    """What the Kultusgemeinde said; without a day it was received today."""

    supports: bool
    said: Sentence
    received_on: date | None = None


class NewDraft(Statement):
    """What the planner adds to the figures: own sentences, and the answers to whoever was heard, in German."""

    weighing: Annotated[tuple[Sentence, ...], Field(max_length=20)] = ()
    reply_to_family: Sentence | None = None
    reply_to_community: Sentence | None = None


class NewSignature(Statement):
    """The digest of the letter that was read."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class LetterOrder(Statement):
    """A letter that did not reach the family, once more."""

    letter_id: UUID
