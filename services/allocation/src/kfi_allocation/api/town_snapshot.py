"""The snapshot a town begins from: its state as its events told it, with the place at which the feed goes on."""

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.api.account import AccountLine, line_on
from kfi_allocation.api.flats import FlatView
from kfi_allocation.api.reception import CapacityView, CareView
from kfi_allocation.api.stops import StopView
from kfi_allocation.api.town_doors import LOOKERS, TOWN, Ags, at_own_door
from kfi_allocation.domain.doors.cursor import Cursor
from kfi_allocation.domain.doors.town_state import TownHousehold
from kfi_allocation.domain.refusals import NoPolicyInForce
from kfi_allocation.domain.towns.flat import FlatState
from kfi_allocation.domain.towns.stop import StopState
from kfi_allocation.doors.feed_writer import households_of
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.problems import NotFound
from kfi_law.municipalities import register

router = APIRouter(prefix="/municipalities/{ags}/feed", tags=["feed"])
Reading = Annotated[Edge[AllocationWork], edge(TOWN, *LOOKERS)]


class TownHouseholdView(BaseModel):
    """A household that is meant for the town or lives there; who belongs to it is fetched by its `dataref`."""

    model_config = ConfigDict(frozen=True)

    household_id: UUID
    state: Annotated[str, Field(description="proposed, objected, agreed, decided or arrived")]
    persons: int
    arrival_on: date | None
    object_until: date | None
    received_on: date | None
    run_id: UUID | None
    decision_id: UUID | None
    arrived_on: date | None
    dataref: str

    @classmethod
    def of(cls, ags: str, household: TownHousehold) -> "TownHouseholdView":
        """The view of a household."""
        dataref = f"/allocation/v1/municipalities/{ags}/households/{household.household_id}"
        return cls(**asdict(household), dataref=dataref)


class Snapshot(BaseModel):
    """The town as its events have told it up to the cursor: with what follows the cursor, nothing is missing.

    What the town states itself, and its account, are as they stand now.
    """

    model_config = ConfigDict(frozen=True)

    ags: str
    cursor: Annotated[str, Field(description="Read the feed on from here, with `after`.")]
    position: Annotated[int, Field(description="The `sequence` of the last event that is in it.")]
    households: list[TownHouseholdView]
    capacities: Annotated[list[CapacityView], Field(description="Those that hold today or later.")]
    stops: Annotated[list[StopView], Field(description="Those that are asked for or approved, and not over.")]
    flats: Annotated[list[FlatView], Field(description="Those that were not withdrawn.")]
    care: Annotated[list[CareView], Field(description="Those that were not withdrawn.")]
    account: Annotated[AccountLine | None, Field(description="None while no policy is in force.")]


@router.get("/snapshot")
async def get_snapshot(ags: Ags, door: Reading) -> Snapshot:
    """The state of the town to begin from, with the cursor at which the feed goes on."""
    at_own_door(door, ags)
    if ags not in register():
        raise NotFound

    async def read(work: AllocationWork) -> Snapshot:
        feed = await work.feeds.of(ags, held=True)
        return Snapshot(
            ags=ags,
            cursor=str(Cursor(ags, feed.generation, feed.last_position)),
            position=feed.last_position,
            households=[TownHouseholdView.of(ags, each) for each in await households_of(ags, work)],
            capacities=await _capacities(ags, work),
            stops=await _stops(ags, door, work),
            flats=[
                FlatView.of(each, door)
                for each in await work.towns.flats.of(ags)
                if each.state is not FlatState.WITHDRAWN
            ],
            care=[CareView.of(each, door) for each in await work.towns.care.of(ags) if each.withdrawn_on is None],
            account=await _account(ags, work),
        )

    return await door.read(read)


async def _capacities(ags: str, work: AllocationWork) -> list[CapacityView]:
    today = work.calendar.today()
    stated = await work.towns.capacities.of(ags)
    return [CapacityView.of(each) for each in stated if each.valid_until is None or each.valid_until >= today]


async def _stops(ags: str, door: Edge[AllocationWork], work: AllocationWork) -> list[StopView]:
    today, open_ = work.calendar.today(), (StopState.ASKED, StopState.APPROVED)
    found = await work.towns.stops.of(ags)
    return [StopView.of(each, door) for each in found if each.state in open_ and each.last_day >= today]


async def _account(ags: str, work: AllocationWork) -> AccountLine | None:
    try:
        return await line_on(work.calendar.today(), ags, work)
    except NoPolicyInForce:
        return None
