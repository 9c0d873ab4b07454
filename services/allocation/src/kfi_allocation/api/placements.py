"""Placements: what waits for whom, one of them with all that was said, its history, its town beside the others."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from kfi_allocation.api.placement_doors import Planner, Staff, act
from kfi_allocation.api.placement_requests import Cancellation
from kfi_allocation.api.placement_views import HistoryLine, PlacementLineView, PlacementView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.proceedings_views import ReasonsView
from kfi_allocation.domain.errors import ReasonsMissing, WrongState
from kfi_allocation.domain.placement_due import WaitsFor
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placement_list import Wanted
from kfi_allocation.use_cases.cancel_household import cancel_household
from kfi_allocation.use_cases.draft_decision import reasons_of
from kfi_allocation.use_cases.read_placement import Look, read_placement
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import IfMatch
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/placements", tags=["placements"])
Town = Annotated[str | None, Query(pattern=r"^[0-9]{8}$", description="Only those whose town of now this is.")]


@router.get("")
async def list_all_placements(
    door: Staff,
    asked: Paged,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    ags: Town = None,
    list_id: Annotated[UUID | None, Query(description="Only those of this list of arrivals.")] = None,
    run_id: Annotated[UUID | None, Query(description="Only those that this run placed and no later one.")] = None,
) -> Page[PlacementLineView]:
    """Placements in the order of receipt, also those that have ended; without what people said."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[PlacementLineView]:
        wanted = Wanted(state, ags, list_id, run_id)
        found = await work.placement_list.all(wanted, after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, PlacementLineView.of, lambda line: (line.position,))

    return await door.read(page)


@router.get("/work-list")
async def list_due_placements(
    door: Staff,
    asked: Paged,
    waits_for: Annotated[WaitsFor | None, Query(description="Only those whose turn it is.")] = None,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    ags: Town = None,
    list_id: Annotated[UUID | None, Query(description="Only those of this list of arrivals.")] = None,
    due_until: Annotated[date | None, Query(description="Only those due on this day or before it.")] = None,
) -> Page[PlacementLineView]:
    """Placements that wait for somebody, the oldest due first."""
    after = asked.after(date.fromisoformat, int)
    place = (after[0], after[1]) if after else None

    async def page(work: AllocationWork) -> Page[PlacementLineView]:
        wanted = Wanted(state, ags, list_id, waits_for=waits_for and waits_for.value, due_until=due_until)
        found = await work.placement_list.due(wanted, after=place, rows=asked.rows)
        return asked.page(found, PlacementLineView.of, lambda line: (line.due_on, line.position))

    return await door.read(page)


@router.get("/{household_id}")
async def get_placement(household_id: UUID, door: Staff) -> PlacementView:
    """One placement with all that was said about it, and the actions allowed to this person now. It is recorded."""
    placement = await door.read(lambda work: read_placement(household_id, Look.FILE, work))
    door.etag(placement.version)
    return PlacementView.of(placement, door.principal)


@router.get("/{household_id}/history")
async def get_history(
    household_id: UUID,
    door: Staff,
    asked: Paged,
    *,
    looks: Annotated[bool, Query(description="Who looked at it as well.")] = False,
) -> Page[HistoryLine]:
    """Every change of a placement in its order. That somebody looked at it is recorded."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[HistoryLine]:
        await read_placement(household_id, Look.HISTORY, work)
        found = await work.placement_list.history(
            household_id, looks=looks, after=after[0] if after else None, rows=asked.rows
        )
        return asked.page(found, HistoryLine.of, lambda line: (line.number,))

    return await door.read(page)


@router.get("/{household_id}/comparison")
@documents(KINDS[WrongState], KINDS[ReasonsMissing])
async def get_comparison(household_id: UUID, door: Staff) -> ReasonsView:
    """The town of now against its best alternatives, in the frozen input and plan of its run. It is recorded."""

    async def read(work: AllocationWork) -> ReasonsView:
        return ReasonsView.of(await reasons_of(await read_placement(household_id, Look.COMPARISON, work), work))

    return await door.read(read)


@router.post("/{household_id}/cancellation")
@documents(KINDS[WrongState])
async def post_household_cancellation(
    household_id: UUID, body: Cancellation, seen: IfMatch, door: Planner
) -> PlacementView:
    """It will not come, though no list says so yet: its flat is free, its town is told."""
    return await act(door, lambda work: cancel_household(household_id, seen, body.reason, work))
