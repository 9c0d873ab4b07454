"""Parked events over HTTP: what the broker refuses, released or given up by operators alone."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from sqlalchemy import Row

from kfi_chassis.desk import disclosure, parked_events
from kfi_chassis.desk.api import Decided, Operator
from kfi_chassis.desk.reasons import REFUSALS, explain
from kfi_chassis.desk.views import ParkedEventView
from kfi_chassis.edge import IfMatch
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problems import NotFound, VersionMismatch

Position = Annotated[int, InPath(ge=1, le=2**63 - 1)]


router = APIRouter(prefix="/parked-events", tags=["parked events"])


@router.get("")
async def list_parked_events(door: Operator, paged: Paged) -> Page[ParkedEventView]:
    """The events of this service that the broker refuses, oldest first."""
    after = paged.after(int) or (0,)

    async def read(work: Any) -> Page[ParkedEventView]:
        found = await parked_events.page(work, after=after[0], limit=paged.rows)
        return paged.page(found, view_of, lambda row: (row.position,))

    return await door.read(read)


@router.get("/{position}")
async def get_parked_event(position: Position, door: Operator) -> ParkedEventView:
    """One event: why the broker refuses it, what to do next, and how many wait behind it."""

    async def read(work: Any) -> ParkedEventView:
        door.etag(parked_events.VERSION)
        return await _found(work, position)

    return await door.read(read)


@router.post("/{position}/release")
async def release_parked_event(position: Position, body: Decided, seen: IfMatch, door: Operator) -> ParkedEventView:
    """Have the relay try again: the cause is mended."""

    async def release(work: Any) -> ParkedEventView:
        view = await _seen(work, position, seen)
        await parked_events.release(work, position, body.reason)
        return view.model_copy(update={"actions": []})

    return await door.command(release)


@router.post("/{position}/discard")
async def discard_parked_event(position: Position, body: Decided, seen: IfMatch, door: Operator) -> ParkedEventView:
    """Remove the event for good: nobody will ever hear of it, and those behind it go out."""

    async def give_up(work: Any) -> ParkedEventView:
        view = await _seen(work, position, seen)
        await parked_events.give_up(work, position, body.reason)
        return view.model_copy(update={"actions": []})

    return await door.command(give_up)


def view_of(row: Row[Any]) -> ParkedEventView:
    """What may be seen of a parked event; its content stays in the outbox."""
    explained = explain(row.parked_reason, REFUSALS)
    return ParkedEventView(
        position=row.position,
        reason=row.parked_reason,
        meaning=explained.meaning,
        remedy=explained.remedy,
        actions=["discard", "release"],
        event_id=str(row.event_id),
        event_type=row.type,
        topic=row.topic,
        key=disclosure.key(row.key.encode()),
        sequence=row.sequence,
        recorded_at=row.occurred_at,
        age_seconds=round(row.age, 1),
        size=row.size,
        waiting_behind=row.behind,
        version=parked_events.VERSION,
    )


async def _seen(work: Any, position: int, version: int) -> ParkedEventView:
    view = await _found(work, position)
    if version != view.version:
        raise VersionMismatch
    return view


async def _found(work: Any, position: int) -> ParkedEventView:
    try:
        return view_of(await parked_events.one(work, position))
    except parked_events.EventNotParkedError:
        raise NotFound from None
