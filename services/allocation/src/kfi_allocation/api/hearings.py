"""Hearings: of the family about its town (Anhörung), and of the Kultusgemeinde for Jewish immigrants."""

from uuid import UUID

from fastapi import APIRouter

from kfi_allocation.api.placement_doors import Planner, act
from kfi_allocation.api.placement_requests import NewCommunityAnswer, NewHearingAnswer
from kfi_allocation.api.placement_views import PlacementView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import AddressMissing, DateNotPossible, LetterTooLong, ObjectionOpen, WrongState
from kfi_allocation.use_cases.hear_family import (
    RecordHearing,
    ask_community,
    order_hearing,
    record_communitys_answer,
    record_hearing,
)
from kfi_chassis.edge import IfMatch
from kfi_chassis.problem import documents

router = APIRouter(prefix="/placements/{household_id}", tags=["hearings"])


@router.post("/hearing")
@documents(KINDS[WrongState], KINDS[ObjectionOpen], KINDS[AddressMissing], KINDS[LetterTooLong])
async def post_hearing(household_id: UUID, seen: IfMatch, door: Planner) -> PlacementView:
    """Ask the family about the town by letter; it has the days of the policy to answer."""
    return await act(door, lambda work: order_hearing(household_id, seen, work))


@router.post("/hearing-answer")
@documents(KINDS[WrongState], KINDS[DateNotPossible])
async def post_hearing_answer(
    household_id: UUID, body: NewHearingAnswer, seen: IfMatch, door: Planner
) -> PlacementView:
    """Enter what the family said, also when it is late; a draft that does not answer it is void."""
    command = RecordHearing(household_id, seen, body.received_on, body.wishes, body.said)
    return await act(door, lambda work: record_hearing(command, work))


@router.post("/community-hearing")
@documents(KINDS[WrongState])
async def post_community_hearing(household_id: UUID, seen: IfMatch, door: Planner) -> PlacementView:
    """Note that the Kultusgemeinde was asked about the town; it has the days of the policy to answer."""
    return await act(door, lambda work: ask_community(household_id, seen, work))


@router.post("/community-answer")
@documents(KINDS[WrongState], KINDS[DateNotPossible])
async def post_community_answer(
    household_id: UUID, body: NewCommunityAnswer, seen: IfMatch, door: Planner
) -> PlacementView:
    """Enter what the Kultusgemeinde said, also when it is late."""
    return await act(
        door,
        lambda work: record_communitys_answer(
            household_id, seen, supports=body.supports, text=body.said, received_on=body.received_on, work=work
        ),
    )
