"""After the decision: a town confirms an arrival, reports moves, births and deaths, and corrects what it said."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Reader, TownOrPlanner, at_home
from kfi_allocation.api.forms import Persons, SomeDay, Stated, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible, WrongState
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import State
from kfi_allocation.domain.presence.entries import Happened, PresenceEntry, present
from kfi_allocation.domain.refusals import PresenceNotPossible
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.use_cases.change_presence import (
    Report,
    correct_presence,
    record_birth,
    record_death,
    record_move,
)
from kfi_allocation.use_cases.confirm_arrival import ConfirmedArrival, confirm_arrival
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, IfMatch
from kfi_chassis.problem import documents

router = APIRouter(prefix="/municipalities/{ags}/placements/{household_id}", tags=["after arrival"])
_REFUSED = documents(KINDS[WrongState], KINDS[DateNotPossible], KINDS[PresenceNotPossible])
DayOfLaw = Annotated[SomeDay, Field(ge=date(2022, 1, 1), description="from 1 January 2022, when § 17 TIntG began")]
Cohort = Annotated[
    int | None,
    Field(ge=1, description="the entry that brought them, such as that of a birth; without it who came first"),
]


class StatedArrival(Stated):
    """The household is there."""

    persons: Persons
    arrived_on: DayOfLaw
    entered_on: Annotated[
        DayOfLaw | None, Field(description="into the country; without it the day of arrival counts")
    ] = None


class StatedMove(Stated):
    """So many persons moved, to a town of the Land or, without one, out of it."""

    to_ags: Annotated[str | None, Field(pattern=r"^[0-9]{8}$")] = None
    persons: Persons
    on: DayOfLaw
    cohort: Cohort = None


class StatedBirth(Stated):
    """Children were born; the day is used to find the head counts and is not kept."""

    children: Annotated[Persons, Field(le=6)]
    on: DayOfLaw


class StatedDeath(Stated):
    """Persons died."""

    persons: Persons
    on: DayOfLaw
    cohort: Cohort = None


class StatedCorrection(Stated):
    """So many persons more or fewer in an earlier entry of this town."""

    corrects: Annotated[int, Field(ge=1)]
    persons: Annotated[int, Field(ge=-100, le=100, strict=True)]


class PresenceEntryView(View):
    """An entry of the ledger; of a birth, `on` is the first head count after it."""

    number: int
    ags: str
    on: date
    happened: Happened
    persons: int
    cohort: int
    counts_from: date | None
    counts_before: date | None
    corrects: int | None

    @classmethod
    def of(cls, entry: PresenceEntry) -> "PresenceEntryView":
        """The view of an entry."""
        names = ("ags", "on", "happened", "persons", "counts_from", "counts_before", "corrects")
        known = {name: getattr(entry.change, name) for name in names}
        return cls(number=entry.number, cohort=entry.cohort, **known)


class PresenceView(View):
    """Who of a household lives in the town, and what the town reported; nothing of what other towns did."""

    household_id: UUID
    ags: str
    state: State
    persons: Annotated[int, Field(description="of the household, who live in this town")]
    entries: tuple[PresenceEntryView, ...]


@router.get("/presence")
async def get_presence(ags: Ags, household_id: UUID, door: Reader) -> PresenceView:
    """Who of a household lives here, with the ETag of its placement."""
    at_home(door, ags)

    async def read(work: AllocationWork) -> PresenceView:
        return await _shown(door, ags, await work.placements.get(household_id), work)

    return await door.read(read)


@router.post("/arrival")
@_REFUSED
async def post_arrival(
    ags: Ags, household_id: UUID, body: StatedArrival, seen: IfMatch, door: TownOrPlanner
) -> PresenceView:
    """Confirm the arrival: it counts from now on; another number than was announced becomes a planner's task."""
    at_home(door, ags)
    confirmed = ConfirmedArrival(household_id, ags, **body.model_dump())
    return await _booked(door, ags, lambda work: confirm_arrival(confirmed, seen, work))


@router.post("/moves")
@_REFUSED
async def post_move(ags: Ags, household_id: UUID, body: StatedMove, seen: IfMatch, door: TownOrPlanner) -> PresenceView:
    """Persons moved away from this town."""
    at_home(door, ags)
    report, said = Report(household_id, ags, seen), (body.to_ags, body.persons, body.on, body.cohort)
    return await _booked(door, ags, lambda work: record_move(report, *said, work))


@router.post("/births")
@_REFUSED
async def post_birth(
    ags: Ags, household_id: UUID, body: StatedBirth, seen: IfMatch, door: TownOrPlanner
) -> PresenceView:
    """Children were born into the household."""
    at_home(door, ags)
    report = Report(household_id, ags, seen)
    return await _booked(door, ags, lambda work: record_birth(report, body.children, body.on, work))


@router.post("/deaths")
@_REFUSED
async def post_death(
    ags: Ags, household_id: UUID, body: StatedDeath, seen: IfMatch, door: TownOrPlanner
) -> PresenceView:
    """Persons of the household died."""
    at_home(door, ags)
    report = Report(household_id, ags, seen)
    return await _booked(door, ags, lambda work: record_death(report, body.persons, body.on, body.cohort, work))


@router.post("/presence-corrections")
@_REFUSED
async def post_presence_correction(
    ags: Ags, household_id: UUID, body: StatedCorrection, seen: IfMatch, door: TownOrPlanner
) -> PresenceView:
    """Correct the number of an arrival, a birth or a death; the wrong entry stays."""
    at_home(door, ags)
    report = Report(household_id, ags, seen)
    return await _booked(door, ags, lambda work: correct_presence(report, body.corrects, body.persons, work))


async def _booked(
    door: Edge[AllocationWork], ags: str, use: Callable[[AllocationWork], Awaitable[Placement]]
) -> PresenceView:
    """Book what somebody reports of the household, and show who lives there then."""

    async def book(work: AllocationWork) -> PresenceView:
        return await _shown(door, ags, await use(work), work)

    return await door.command(book)


async def _shown(door: Edge[AllocationWork], ags: str, placement: Placement, work: AllocationWork) -> PresenceView:
    history = await work.presence.of_household(placement.id)
    own = tuple(PresenceEntryView.of(entry) for entry in history if entry.change.ags == ags)
    if not own and placement.ags != ags:
        raise UnknownPlacement
    living = sum(one.persons for one in present(history) if one.ags == ags)
    door.etag(placement.version)
    return PresenceView(household_id=placement.id, ags=ags, state=placement.state, persons=living, entries=own)
