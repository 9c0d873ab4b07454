"""The town confirms that a household has arrived: from now on it counts there, and numbers that differ are a task."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.presence.entries import arrival
from kfi_allocation.work import AllocationWork


@dataclass(frozen=True, slots=True)
class ConfirmedArrival:
    """So many persons are there since a day; `entered_on`: into the country, without it on the day of arrival."""

    household_id: UUID
    ags: str
    persons: int
    arrived_on: date
    entered_on: date | None


async def confirm_arrival(confirmed: ConfirmedArrival, seen_version: int, work: AllocationWork) -> Placement:
    """The arrival stands in placement, presence and account; what was announced is not overwritten.

    Raises UnknownPlacement, VersionConflict, WrongState, DateNotPossible, PresenceNotPossible.
    """
    today, home = work.calendar.today(), confirmed.household_id
    if confirmed.arrived_on > today:
        raise DateNotPossible("The day is still to come.", fix="Confirm what has happened.", field="arrived_on")
    await work.presence.to_change(home)
    placement = await work.placements.get_to_change(home, seen_version, ags=confirmed.ags)
    announced = placement.persons
    placement.confirm_arrival(persons=confirmed.persons, on=confirmed.arrived_on)
    entered = confirmed.entered_on or confirmed.arrived_on
    change = arrival(home, confirmed.ags, confirmed.persons, arrived_on=confirmed.arrived_on, entered_on=entered)
    (entry,) = await work.presence.add([change])
    if announced != confirmed.persons:
        await work.presence.notice(entry, announced, today)
    await work.ledger.arrived(home, confirmed.ags, confirmed.persons, confirmed.arrived_on)
    await _moves_in(home, confirmed.ags, work)
    await work.placements.save(placement)
    return placement


async def _moves_in(household_id: UUID, ags: str, work: AllocationWork) -> None:
    """Flats that were kept for it are taken; one kept in another town is nobody's business here."""
    for flat in await work.towns.flats_reserved_for(household_id, ags):
        flat.take()
        await work.towns.save_flat(flat)
