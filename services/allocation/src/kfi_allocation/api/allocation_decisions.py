"""From the draft to the signature: the decision on a town (Zuweisungsbescheid)."""

from uuid import UUID

from fastapi import APIRouter

from kfi_allocation.api.placement_doors import Planner, Signatory, Staff, act
from kfi_allocation.api.placement_requests import LetterOrder, NewDraft, NewSignature
from kfi_allocation.api.placement_views import LetterContentView, PlacementView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import (
    AddressMissing,
    FourEyesViolated,
    LetterChanged,
    LetterTooLong,
    ObjectionOpen,
    PeriodRuns,
    ReasonsMissing,
    WrongState,
)
from kfi_allocation.letter_contents import digest_of
from kfi_allocation.use_cases.draft_decision import DraftDecision, draft_decision, letter_of_draft, return_draft
from kfi_allocation.use_cases.order_family_letter_again import order_letter_again
from kfi_allocation.use_cases.read_placement import Look, read_placement
from kfi_allocation.use_cases.sign_allocation import SignAllocation, sign_allocation
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import IfMatch
from kfi_chassis.problem import documents

router = APIRouter(prefix="/placements/{household_id}", tags=["decisions"])


@router.post("/draft")
@documents(
    KINDS[WrongState],
    KINDS[ReasonsMissing],
    KINDS[PeriodRuns],
    KINDS[ObjectionOpen],
    KINDS[AddressMissing],
    KINDS[LetterTooLong],
)
async def post_draft(household_id: UUID, body: NewDraft, seen: IfMatch, door: Planner) -> PlacementView:
    """Put a decision before the signatory: the figures of the run, own sentences, the answers to whoever was heard."""
    command = DraftDecision(household_id, seen, body.weighing, body.reply_to_family, body.reply_to_community)
    return await act(door, lambda work: draft_decision(command, work))


@router.post("/draft-return")
@documents(KINDS[WrongState], KINDS[FourEyesViolated])
async def post_draft_return(household_id: UUID, seen: IfMatch, door: Signatory) -> PlacementView:
    """Give the draft back to the planner."""
    return await act(door, lambda work: return_draft(household_id, seen, work))


@router.get("/letter-content")
@documents(KINDS[WrongState], KINDS[AddressMissing], KINDS[LetterTooLong])
async def get_letter_content(household_id: UUID, door: Staff) -> LetterContentView:
    """The very letter that this person's signature would send, and the digest to sign. It is recorded."""

    async def read(work: AllocationWork) -> LetterContentView:
        placement = await read_placement(household_id, Look.LETTER, work)
        content = await letter_of_draft(placement, work)
        door.etag(placement.version)
        return LetterContentView(digest=digest_of(content), content=content)

    return await door.read(read)


@router.post("/signature")
@documents(
    KINDS[WrongState], KINDS[FourEyesViolated], KINDS[LetterChanged], KINDS[ReasonsMissing], KINDS[PeriodRuns],
    KINDS[ObjectionOpen], KINDS[AddressMissing], KINDS[LetterTooLong],
)  # fmt: skip
async def post_signature(household_id: UUID, body: NewSignature, seen: IfMatch, door: Signatory) -> PlacementView:
    """Sign the letter that was read: the draft becomes the decision, and this very letter is sent."""
    command = SignAllocation(household_id, seen, body.digest)
    return await act(door, lambda work: sign_allocation(command, work))


@router.post("/letter-order")
@documents(KINDS[WrongState], KINDS[AddressMissing], KINDS[LetterTooLong])
async def post_letter_order(household_id: UUID, body: LetterOrder, seen: IfMatch, door: Planner) -> PlacementView:
    """Order a letter again that failed, was recalled or came back, to the address as it is known now."""
    return await act(door, lambda work: order_letter_again(household_id, seen, body.letter_id, work))
