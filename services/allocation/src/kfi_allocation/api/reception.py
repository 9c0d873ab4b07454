"""The reception situation of a town: what it can take, which care it has, and what follows from all it said."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Reader, Town, TownOrPlanner, at_home
from kfi_allocation.api.forms import SomeDay, Stated, View, Word
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.instance_document import MOST_COUNT
from kfi_allocation.domain.refusals import NoPolicyInForce, SettledAlready
from kfi_allocation.domain.towns.capacity import Capacity
from kfi_allocation.domain.towns.care import CareOffer
from kfi_allocation.use_cases.state_reception import offer_care, state_capacity, withdraw_care
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_law.municipalities import register

router = APIRouter(prefix="/municipalities/{ags}", tags=["reception"])


class SituationView(View):
    """What a plan of today reckons with."""

    ags: str
    name: str
    on: date
    capacity_left: Annotated[int, Field(description="persons that can still be placed")]
    stopped: Annotated[bool, Field(description="an approved stop of reception runs")]
    offers: Annotated[list[str], Field(description="needs that are met here")]


class StatedCapacity(Stated):
    """So many persons from a day on; those who were placed before are not counted against it."""

    persons: Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
    valid_from: SomeDay
    valid_until: SomeDay | None = None


class CapacityView(View):
    """A statement; of those that cover a day, the one with the highest number holds."""

    id: UUID
    ags: str
    number: int
    persons: int
    valid_from: date
    valid_until: date | None
    stated_on: date

    @classmethod
    def of(cls, stated: Capacity) -> "CapacityView":
        """The view of a statement."""
        return cls(**{name: getattr(stated, name) for name in cls.model_fields})


class StatedCare(Stated):
    """Care or advice for those who need it, by the word of the need."""

    offers: Annotated[Word, Field(description="specialist_medicine, language:uk, or another need of households")]
    first_day: SomeDay
    last_day: SomeDay | None = None


class CareView(View):
    """An offer of care or advice."""

    id: UUID
    ags: str
    offers: str
    first_day: date
    last_day: date | None
    stated_on: date
    withdrawn_on: date | None
    actions: list[str]

    @classmethod
    def of(cls, offer: CareOffer, door: Edge[AllocationWork]) -> "CareView":
        """The view of an offer."""
        open_ = offer.withdrawn_on is None and door.principal.ags == offer.ags
        known = {name: getattr(offer, name) for name in cls.model_fields if name != "actions"}
        return cls(**known, actions=["withdrawal"] if open_ else [])


@router.get("/situation")
@documents(KINDS[NoPolicyInForce])
async def get_situation(ags: Ags, door: Reader) -> SituationView:
    """What a plan of today reckons with: capacity left, stops, offers."""
    at_home(door, ags)

    async def read(work: AllocationWork) -> SituationView:
        today = work.calendar.today()
        found = await work.towns.situation_of(ags, today)
        return SituationView(
            ags=ags, name=register().get(ags).name, on=today, capacity_left=found.capacity_left,
            stopped=found.stopped, offers=sorted(found.offers),
        )  # fmt: skip

    return await door.read(read)


@router.get("/capacities")
async def list_capacities(ags: Ags, door: Reader, asked: Paged) -> Page[CapacityView]:
    """What the town stated, the last first."""
    at_home(door, ags)
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[CapacityView]:
        found = await work.towns.capacities.page(ags, before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: CapacityView.of(row[1]), lambda row: (row[0],))

    return await door.read(page)


@router.post("/capacities", status_code=status.HTTP_201_CREATED)
@documents(KINDS[DateNotPossible])
async def post_capacity(ags: Ags, body: StatedCapacity, once: Idempotent, door: TownOrPlanner) -> CapacityView:
    """State how many persons the town can take; what was stated before stays on record."""
    at_home(door, ags)

    async def state(work: AllocationWork) -> UUID:
        return await state_capacity(ags, work=work, **body.model_dump())

    async def show(capacity_id: UUID, work: AllocationWork) -> CapacityView:
        return CapacityView.of(await work.towns.capacities.get(capacity_id, ags))

    return await door.create(once, state, show)


@router.get("/care-offers")
async def list_care_offers(ags: Ags, door: Reader, asked: Paged) -> Page[CareView]:
    """What the town offers and offered, the last first."""
    at_home(door, ags)
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[CareView]:
        found = await work.towns.care.page(ags, before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: CareView.of(row[1], door), lambda row: (row[0],))

    return await door.read(page)


@router.post("/care-offers", status_code=status.HTTP_201_CREATED)
@documents(KINDS[DateNotPossible])
async def post_care_offer(ags: Ags, body: StatedCare, once: Idempotent, door: Town) -> CareView:
    """Offer care or advice from a day on."""
    at_home(door, ags)

    async def offer(work: AllocationWork) -> UUID:
        return await offer_care(ags, work=work, **body.model_dump())

    return await door.create(once, offer, lambda offer_id, work: _care(ags, offer_id, door, work))


@router.get("/care-offers/{offer_id}")
async def get_care_offer(ags: Ags, offer_id: UUID, door: Reader) -> CareView:
    """One offer, its ETag, and the actions open to this person now."""
    at_home(door, ags)
    return await door.read(lambda work: _care(ags, offer_id, door, work))


@router.post("/care-offers/{offer_id}/withdrawal")
@documents(KINDS[SettledAlready])
async def post_care_withdrawal(ags: Ags, offer_id: UUID, seen: IfMatch, door: Town) -> CareView:
    """The town has it no longer, from today on."""
    at_home(door, ags)

    async def withdraw(work: AllocationWork) -> CareView:
        return _shown(door, await withdraw_care(ags, offer_id, seen, work))

    return await door.command(withdraw)


async def _care(ags: str, offer_id: UUID, door: Edge[AllocationWork], work: AllocationWork) -> CareView:
    return _shown(door, await work.towns.care.get(offer_id, ags))


def _shown(door: Edge[AllocationWork], offer: CareOffer) -> CareView:
    door.etag(offer.version)
    return CareView.of(offer, door)
