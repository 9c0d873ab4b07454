"""A town asks for a stop of reception; a planner decides; the town takes people again."""

from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.domain.towns.stop import RefusalReason, Stop, StopReason
from kfi_allocation.use_cases.tell_towns import tell_of_stop
from kfi_allocation.work import AllocationWork


async def ask_for_stop(ags: str, *, first_day: date, last_day: date, reason: StopReason, work: AllocationWork) -> UUID:
    """It waits for a planner and counts for nothing until then. Raises DateNotPossible."""
    today = work.calendar.today()
    stop = Stop.ask(uuid4(), ags, first_day=first_day, last_day=last_day, reason=reason, on=today)
    await _save(stop, work, new=True)
    return stop.id


async def approve_stop(ags: str, stop_id: UUID, seen_version: int, work: AllocationWork) -> Stop:
    """From now on it counts on its days. Raises UnknownStatement, SettledAlready."""
    stop = await work.towns.stops.get(stop_id, ags, seen_version=seen_version)
    stop.approve(by=work.actor.person, on=work.calendar.today())
    await tell_of_stop(stop, work)
    return await _save(stop, work)


async def refuse_stop(ags: str, stop_id: UUID, because: RefusalReason, seen_version: int, work: AllocationWork) -> Stop:
    """It never counts. Raises UnknownStatement, SettledAlready."""
    stop = await work.towns.stops.get(stop_id, ags, seen_version=seen_version)
    stop.refuse(by=work.actor.person, on=work.calendar.today(), because=because)
    await tell_of_stop(stop, work)
    return await _save(stop, work)


async def end_stop(ags: str, stop_id: UUID, seen_version: int, work: AllocationWork) -> Stop:
    """The town takes people again from today on, or takes its request back. Raises UnknownStatement, SettledAlready."""
    stop = await work.towns.stops.get(stop_id, ags, seen_version=seen_version)
    stop.end(work.calendar.today())
    await tell_of_stop(stop, work)
    return await _save(stop, work)


async def _save(stop: Stop, work: AllocationWork, *, new: bool = False) -> Stop:
    (step,) = stop.steps
    store = work.towns.stops.add if new else work.towns.stops.save
    await store(stop, step, reason=stop.refused_because or stop.reason)
    stop.steps.clear()
    return stop
