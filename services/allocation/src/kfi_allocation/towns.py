"""What towns said of themselves, in the database, and the situation of all of them on a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select

from kfi_allocation.domain.account.entries import Entry
from kfi_allocation.domain.quota_ledger import PLACED
from kfi_allocation.domain.towns.flat import Flat, FlatState
from kfi_allocation.domain.towns.situation import Coming, Said, TownSituation, situation_of
from kfi_allocation.domain.towns.stop import StopState
from kfi_allocation.ledger_tables import BOOKING
from kfi_allocation.town_rows import (
    capacity_of,
    capacity_row,
    care_of,
    care_row,
    flat_of,
    flat_row,
    stop_of,
    stop_row,
)
from kfi_allocation.town_statements import Statement, Statements
from kfi_allocation.town_tables import CARE_OFFER, FLAT_OFFER, TOWN_CAPACITY, TOWN_STOP
from kfi_law.municipalities import register

if TYPE_CHECKING:
    from kfi_allocation.work import AllocationWork

S = TypeVar("S", bound=Statement)
_CAUSE: Final = BOOKING.alias("cause")
_RECEIVED: Final = _CAUSE.c.kind == Entry.INTAKE.value
_COMING: Final = (
    select(
        BOOKING.c.ags,
        func.min(BOOKING.c.booked_on).label("placed_on"),
        func.sum(BOOKING.c.persons).label("persons"),
        func.coalesce(func.sum(BOOKING.c.persons).filter(_RECEIVED), 0).label("received"),
    )
    .join(_CAUSE, _CAUSE.c.number == func.coalesce(BOOKING.c.corrects, BOOKING.c.number))
    .where(BOOKING.c.household_id.is_not(None), or_(_RECEIVED, _CAUSE.c.credit == PLACED))
    .group_by(BOOKING.c.ags, BOOKING.c.household_id)
    .having(func.sum(BOOKING.c.persons) > 0)
)
_NEXT: Final = select(func.coalesce(func.max(TOWN_CAPACITY.c.number), 0) + 1).where(
    TOWN_CAPACITY.c.ags == bindparam("wanted")
)


class Towns:
    """The statements of towns in one transaction."""

    def __init__(self, work: "AllocationWork") -> None:
        self._work = work
        self.capacities = Statements(work, "capacity", TOWN_CAPACITY, capacity_of, capacity_row)
        self.stops = Statements(work, "reception-stop", TOWN_STOP, stop_of, stop_row)
        self.flats = Statements(work, "flat-offer", FLAT_OFFER, flat_of, flat_row)
        self.care = Statements(work, "care-offer", CARE_OFFER, care_of, care_row)

    async def situation(self, on: date) -> Mapping[str, TownSituation]:
        """The situation of every municipality of the register on a day. Raises NoPolicyInForce."""
        policy = await self._work.policies.in_force(on)
        said, nothing = await self._said(None), Said()
        return {town.ags: situation_of(said.get(town.ags, nothing), on, policy) for town in register()}

    async def situation_of(self, ags: str, on: date) -> TownSituation:
        """The situation of one town. Raises NoPolicyInForce."""
        policy = await self._work.policies.in_force(on)
        return situation_of((await self._said(ags)).get(ags, Said()), on, policy)

    async def next_capacity(self, ags: str) -> int:
        """The number of the town's next statement."""
        return int((await self._work.connection.execute(_NEXT, {"wanted": ags})).scalar_one())

    async def flat(self, flat_id: UUID, ags: str, *, seen_version: int) -> Flat:
        """A flat of the town, locked to be changed. Raises UnknownStatement, VersionConflict."""
        return await self.flats.get(flat_id, ags, seen_version=seen_version)

    async def flats_reserved_for(self, household_id: UUID, ags: str) -> Sequence[Flat]:
        """The flats of the town that are kept for the household."""
        reserved = FLAT_OFFER.c.state == FlatState.RESERVED.value
        return await self.flats.of(ags, reserved, FLAT_OFFER.c.household_id == household_id)

    async def save_flat(self, flat: Flat) -> None:
        """Store the step that was taken with a flat."""
        await self.flats.save(flat, flat.steps.pop())

    async def _said(self, ags: str | None) -> Mapping[str, Said]:
        """What bears on the situation, by town."""
        counting = TOWN_STOP.c.state.in_((StopState.APPROVED.value, StopState.ENDED.value))
        capacities = _by_town(await self.capacities.of(ags))
        stops = _by_town(await self.stops.of(ags, counting))
        flats = _by_town(await self.flats.of(ags, FLAT_OFFER.c.state == FlatState.FREE.value))
        care = _by_town(await self.care.of(ags))
        coming = await self._coming(ags)
        return {
            town: Said(
                tuple(capacities.get(town, ())), tuple(stops.get(town, ())), tuple(flats.get(town, ())),
                tuple(care.get(town, ())), tuple(coming.get(town, ())),
            )
            for town in {*capacities, *stops, *flats, *care, *coming}
        }  # fmt: skip

    async def _coming(self, ags: str | None) -> dict[str, list[Coming]]:
        asked = _COMING if ags is None else _COMING.where(BOOKING.c.ags == ags)
        found: dict[str, list[Coming]] = {}
        for row in await self._work.connection.execute(asked):
            one = Coming(row.placed_on, row.persons, arrived=row.received > 0)
            found.setdefault(row.ags, []).append(one)
        return found


def _by_town(stated: Iterable[S]) -> dict[str, list[S]]:
    found: dict[str, list[S]] = {}
    for one in stated:
        found.setdefault(one.ags, []).append(one)
    return found
