"""What towns say to proposals, as the office enters and decides it; other towns; the family's agreement."""

from uuid import UUID

from fastapi import APIRouter

from kfi_allocation.api.placement_doors import Planner, act
from kfi_allocation.api.placement_requests import NewFamilyAnswer, NewObjection, NewRevision, NewRuling
from kfi_allocation.api.placement_views import PlacementView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible, ObjectionOpen, PeriodOver, TownExcluded, WrongState
from kfi_allocation.use_cases.agree_placement import record_familys_answer
from kfi_allocation.use_cases.hear_town import Object, agree_for_town, object_to_proposal, rule_on_objection
from kfi_allocation.use_cases.revise_placement import RevisePlacement, revise_placement
from kfi_chassis.edge import IfMatch
from kfi_chassis.problem import documents

router = APIRouter(prefix="/placements/{household_id}", tags=["objections"])


@router.post("/objection")
@documents(KINDS[WrongState], KINDS[ObjectionOpen], KINDS[PeriodOver])
async def post_objection(household_id: UUID, body: NewObjection, seen: IfMatch, door: Planner) -> PlacementView:
    """Enter what the town of now wrote against the proposal, within its period."""
    command = Object(household_id, seen, None, body.reason, body.explanation)
    return await act(door, lambda work: object_to_proposal(command, work))


@router.post("/town-agreement")
@documents(KINDS[WrongState], KINDS[ObjectionOpen])
async def post_town_agreement(household_id: UUID, seen: IfMatch, door: Planner) -> PlacementView:
    """Enter that the town of now agrees, before its period is over."""
    return await act(door, lambda work: agree_for_town(household_id, seen, None, work))


@router.post("/objection-ruling")
@documents(KINDS[WrongState])
async def post_objection_ruling(household_id: UUID, body: NewRuling, seen: IfMatch, door: Planner) -> PlacementView:
    """Uphold the open objection, so that the next plan excludes the town, or reject it with a reason."""
    return await act(
        door,
        lambda work: rule_on_objection(household_id, seen, upheld=body.upheld, text=body.explanation, work=work),
    )


@router.post("/revision")
@documents(KINDS[WrongState], KINDS[TownExcluded])
async def post_revision(household_id: UUID, body: NewRevision, seen: IfMatch, door: Planner) -> PlacementView:
    """Name another town with a reason; what was said about the former one is said anew, a decision is made anew."""
    command = RevisePlacement(household_id, seen, body.ags, body.reason, body.explanation)
    return await act(door, lambda work: revise_placement(command, work))


@router.post("/family-answer")
@documents(KINDS[WrongState], KINDS[ObjectionOpen], KINDS[DateNotPossible])
async def post_family_answer(household_id: UUID, body: NewFamilyAnswer, seen: IfMatch, door: Planner) -> PlacementView:
    """Enter whether the family of a coordinated procedure agrees to the town; with the town's yes it is settled."""
    return await act(
        door,
        lambda work: record_familys_answer(
            household_id,
            seen,
            agrees=body.agrees,
            answered_on=body.answered_on or work.calendar.today(),
            text=body.said,
            work=work,
        ),
    )
