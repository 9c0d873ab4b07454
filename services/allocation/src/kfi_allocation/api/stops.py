"""Stops of reception (Überlastungsanzeigen): asked by the town, approved or refused by a planner."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from kfi_allocation.api.at_town import Ags, Planner, Reader, Town, at_home, is_planner
from kfi_allocation.api.forms import AUDITOR, PLANNER, SomeDay, Stated, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.refusals import SettledAlready
from kfi_allocation.domain.towns.stop import RefusalReason, Stop, StopReason, StopState, StopStep
from kfi_allocation.use_cases.stop_reception import approve_stop, ask_for_stop, end_stop, refuse_stop
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(tags=["reception stops"])
Staff = Annotated[Edge[AllocationWork], edge(PLANNER, AUDITOR)]


class AskedStop(Stated):
    """From when to when nobody new can come, and why."""

    first_day: SomeDay
    last_day: SomeDay
    reason: StopReason


class Refusal(Stated):
    """Why a stop is not approved."""

    reason: RefusalReason


class StopView(View):
    """A stop; only an approved one counts, on its days, until it was ended."""

    id: UUID
    ags: str
    first_day: date
    last_day: date
    reason: StopReason
    asked_on: date
    state: StopState
    decided_by: str | None
    decided_on: date | None
    refused_because: RefusalReason | None
    ended_on: date | None
    actions: tuple[StopStep, ...]

    @classmethod
    def of(cls, stop: Stop, door: Edge[AllocationWork]) -> "StopView":
        """The view of a stop for this reader; towns are not told which planner decided."""
        known = {name: getattr(stop, name) for name in cls.model_fields if name not in {"actions", "decided_by"}}
        planner, own = is_planner(door), door.principal.ags == stop.ags
        by = None if door.principal.ags else stop.decided_by
        return cls(**known, decided_by=by, actions=stop.allowed(decides=planner) if planner or own else ())


@router.get("/stops")
async def list_all_stops(
    door: Staff, asked: Paged, state: Annotated[StopState | None, Query(description="only in this state")] = None
) -> Page[StopView]:
    """The stops of all towns, the last asked first."""
    return await door.read(lambda work: _page(work, door, asked, None, state))


@router.get("/municipalities/{ags}/stops")
async def list_stops(ags: Ags, door: Reader, asked: Paged) -> Page[StopView]:
    """The stops of a town, the last asked first."""
    at_home(door, ags)
    return await door.read(lambda work: _page(work, door, asked, ags, None))


@router.post("/municipalities/{ags}/stops", status_code=status.HTTP_201_CREATED)
@documents(KINDS[DateNotPossible])
async def post_stop(ags: Ags, body: AskedStop, once: Idempotent, door: Town) -> StopView:
    """Ask for a stop; it counts for nothing before a planner has approved it."""
    at_home(door, ags)

    async def ask(work: AllocationWork) -> UUID:
        return await ask_for_stop(ags, work=work, **body.model_dump())

    async def show(stop_id: UUID, work: AllocationWork) -> StopView:
        return _shown(door, await work.towns.stops.get(stop_id, ags))

    return await door.create(once, ask, show)


@router.get("/municipalities/{ags}/stops/{stop_id}")
async def get_stop(ags: Ags, stop_id: UUID, door: Reader) -> StopView:
    """One stop, its ETag, and the actions open to this person now."""
    at_home(door, ags)

    async def read(work: AllocationWork) -> StopView:
        return _shown(door, await work.towns.stops.get(stop_id, ags))

    return await door.read(read)


@router.post("/municipalities/{ags}/stops/{stop_id}/approval")
@documents(KINDS[SettledAlready])
async def post_stop_approval(ags: Ags, stop_id: UUID, seen: IfMatch, door: Planner) -> StopView:
    """Approve it: on its days nobody new is placed there."""
    at_home(door, ags)

    async def approve(work: AllocationWork) -> StopView:
        return _shown(door, await approve_stop(ags, stop_id, seen, work))

    return await door.command(approve)


@router.post("/municipalities/{ags}/stops/{stop_id}/refusal")
@documents(KINDS[SettledAlready])
async def post_stop_refusal(ags: Ags, stop_id: UUID, body: Refusal, seen: IfMatch, door: Planner) -> StopView:
    """Refuse it, with the reason."""
    at_home(door, ags)

    async def refuse(work: AllocationWork) -> StopView:
        return _shown(door, await refuse_stop(ags, stop_id, body.reason, seen, work))

    return await door.command(refuse)


@router.post("/municipalities/{ags}/stops/{stop_id}/end")
@documents(KINDS[SettledAlready])
async def post_stop_end(ags: Ags, stop_id: UUID, seen: IfMatch, door: Town) -> StopView:
    """The town takes people again from today on, or takes its request back."""
    at_home(door, ags)

    async def end(work: AllocationWork) -> StopView:
        return _shown(door, await end_stop(ags, stop_id, seen, work))

    return await door.command(end)


async def _page(
    work: AllocationWork, door: Edge[AllocationWork], asked: Paged, ags: str | None, state: StopState | None
) -> Page[StopView]:
    after = asked.after(int)
    found = await work.towns.stops.page(ags, state, before=after[0] if after else None, rows=asked.rows)
    return asked.page(found, lambda row: StopView.of(row[1], door), lambda row: (row[0],))


def _shown(door: Edge[AllocationWork], stop: Stop) -> StopView:
    door.etag(stop.version)
    return StopView.of(stop, door)
