"""The town's side of placements: what is proposed to it, its agreement, its objection."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from kfi_allocation.api.placement_doors import Town, act_as_town
from kfi_allocation.api.placement_requests import NewObjection
from kfi_allocation.api.placement_views import TownPlacementView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_doors import Ags, at_own_door
from kfi_allocation.domain.errors import ObjectionOpen, PeriodOver, WrongState
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placement_list import Wanted
from kfi_allocation.use_cases.hear_town import Object, agree_for_town, object_to_proposal
from kfi_allocation.use_cases.read_placement import Look, read_as_town
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import IfMatch
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/municipalities/{ags}/placements", tags=["municipalities"])


@router.get("")
async def list_town_placements(
    ags: Ags,
    door: Town,
    asked: Paged,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
) -> Page[TownPlacementView]:
    """What is proposed to the town or settled with it, in the order of receipt."""
    own, after = at_own_door(door, ags), asked.after(int)

    async def page(work: AllocationWork) -> Page[TownPlacementView]:
        wanted = Wanted(state, ags, without=State.CANCELLED if state is None else None)
        lines = await work.placement_list.all(wanted, after=after[0] if after else None, rows=asked.rows)
        found = {each.id: each for each in await work.placements.many([line.id for line in lines])}
        return asked.page(
            lines, lambda line: TownPlacementView.of(found[line.id], own.principal), lambda line: (line.position,)
        )

    return await own.read(page)


@router.get("/{household_id}")
async def get_town_placement(ags: Ags, household_id: UUID, door: Town) -> TownPlacementView:
    """One of them, with the actions allowed now. It is recorded."""
    own = at_own_door(door, ags)
    placement = await own.read(lambda work: read_as_town(household_id, ags, Look.FILE, work))
    own.etag(placement.version)
    return TownPlacementView.of(placement, own.principal)


@router.post("/{household_id}/objection")
@documents(KINDS[WrongState], KINDS[ObjectionOpen], KINDS[PeriodOver])
async def post_town_objection(
    ags: Ags, household_id: UUID, body: NewObjection, seen: IfMatch, door: Town
) -> TownPlacementView:
    """Object to a proposal within the period, with a reason; the planners decide about it."""
    command = Object(household_id, seen, ags, body.reason, body.explanation)
    return await act_as_town(at_own_door(door, ags), lambda work: object_to_proposal(command, work))


@router.post("/{household_id}/agreement")
@documents(KINDS[WrongState], KINDS[ObjectionOpen])
async def post_own_agreement(ags: Ags, household_id: UUID, seen: IfMatch, door: Town) -> TownPlacementView:
    """Agree before the period is over; a town that says nothing agrees at its end."""
    return await act_as_town(at_own_door(door, ags), lambda work: agree_for_town(household_id, seen, ags, work))
