"""Flats a town offers: their size, whether they have steps, from when on they are free, and for whom they are kept."""

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Reader, Town, TownOrPlanner, at_home, is_planner
from kfi_allocation.api.forms import Persons, SomeDay, Stated, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.refusals import OfferNotFree
from kfi_allocation.domain.towns.flat import Flat, FlatState, FlatStep, Size
from kfi_allocation.use_cases.offer_flat import change_flat, offer_flat, reserve_flat
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/municipalities/{ags}/flats", tags=["flats"])


class StatedFlat(Stated):
    """A flat as the town offers it."""

    persons: Annotated[Persons, Field(description="for how many")]
    square_metres: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    barrier_free: bool
    free_from: SomeDay

    def size(self) -> Size:
        """The size of the domain."""
        return Size(**self.model_dump())


class Reservation(Stated):
    """For whom a flat is kept."""

    household_id: UUID


class FlatView(View):
    """A flat and what may be done with it."""

    id: UUID
    ags: str
    persons: int
    square_metres: int
    barrier_free: bool
    free_from: date
    offered_on: date
    state: FlatState
    household_id: UUID | None
    actions: tuple[FlatStep, ...]

    @classmethod
    def of(cls, flat: Flat, door: Edge[AllocationWork]) -> "FlatView":
        """The view of a flat for this reader."""
        of_size = {name: getattr(flat.size, name) for name in ("persons", "square_metres", "barrier_free", "free_from")}
        names = ("id", "ags", "offered_on", "state", "household_id")
        own, planner = door.principal.ags == flat.ags, is_planner(door)
        actions = tuple(s for s in flat.allowed() if own or (planner and s in (FlatStep.RESERVE, FlatStep.RELEASE)))
        return cls(**of_size, **{name: getattr(flat, name) for name in names}, actions=actions)


@router.get("")
async def list_flats(
    ags: Ags, door: Reader, asked: Paged, state: Annotated[FlatState | None, Query(description="only these")] = None
) -> Page[FlatView]:
    """The flats of a town, the last offered first."""
    at_home(door, ags)
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[FlatView]:
        found = await work.towns.flats.page(ags, state, before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: FlatView.of(row[1], door), lambda row: (row[0],))

    return await door.read(page)


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_flat(ags: Ags, body: StatedFlat, once: Idempotent, door: Town) -> FlatView:
    """Offer a flat."""
    at_home(door, ags)
    view = await door.create(
        once, lambda work: offer_flat(ags, body.size(), work), lambda flat_id, work: _one(ags, flat_id, door, work)
    )
    door.located(f"/allocation/v1/municipalities/{ags}/flats/{view.id}")
    return view


@router.get("/{flat_id}")
async def get_flat(ags: Ags, flat_id: UUID, door: Reader) -> FlatView:
    """One flat, its ETag, and the actions open to this person now."""
    at_home(door, ags)
    return await door.read(lambda work: _one(ags, flat_id, door, work))


@router.post("/{flat_id}/correction")
@documents(KINDS[OfferNotFree])
async def post_flat_correction(ags: Ags, flat_id: UUID, body: StatedFlat, seen: IfMatch, door: Town) -> FlatView:
    """It is another size, or free from another day."""
    return await _changed(ags, flat_id, lambda flat: flat.correct(body.size()), seen, door)


@router.post("/{flat_id}/reservation")
@documents(KINDS[OfferNotFree])
async def post_flat_reservation(
    ags: Ags, flat_id: UUID, body: Reservation, seen: IfMatch, door: TownOrPlanner
) -> FlatView:
    """Keep it for a household that is to come to this town or lives there."""
    at_home(door, ags)

    async def reserve(work: AllocationWork) -> FlatView:
        return _shown(door, await reserve_flat(ags, flat_id, body.household_id, seen, work))

    return await door.command(reserve)


@router.post("/{flat_id}/release")
@documents(KINDS[OfferNotFree])
async def post_flat_release(ags: Ags, flat_id: UUID, seen: IfMatch, door: TownOrPlanner) -> FlatView:
    """The household needs it no more."""
    return await _changed(ags, flat_id, Flat.release, seen, door)


@router.post("/{flat_id}/occupation")
@documents(KINDS[OfferNotFree])
async def post_flat_occupation(ags: Ags, flat_id: UUID, seen: IfMatch, door: Town) -> FlatView:
    """The household it was kept for lives there."""
    return await _changed(ags, flat_id, Flat.take, seen, door)


@router.post("/{flat_id}/withdrawal")
@documents(KINDS[OfferNotFree])
async def post_flat_withdrawal(ags: Ags, flat_id: UUID, seen: IfMatch, door: Town) -> FlatView:
    """It is lost; a household it was kept for has to be looked after."""
    return await _changed(ags, flat_id, Flat.withdraw, seen, door)


async def _changed(
    ags: str, flat_id: UUID, change: Callable[[Flat], None], seen: int, door: Edge[AllocationWork]
) -> FlatView:
    at_home(door, ags)

    async def use(work: AllocationWork) -> FlatView:
        return _shown(door, await change_flat(ags, flat_id, change, seen, work))

    return await door.command(use)


async def _one(ags: str, flat_id: UUID, door: Edge[AllocationWork], work: AllocationWork) -> FlatView:
    return _shown(door, await work.towns.flats.get(flat_id, ags))


def _shown(door: Edge[AllocationWork], flat: Flat) -> FlatView:
    door.etag(flat.version)
    return FlatView.of(flat, door)
