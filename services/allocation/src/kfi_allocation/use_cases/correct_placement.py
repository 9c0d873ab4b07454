"""A list corrects or cancels a household: its placement follows, and whoever prepared for it is told."""

from datetime import date
from uuid import UUID

from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import UNDER_WAY
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion


async def amend_placement(
    household_id: UUID, *, persons: int, arrival_on: date | None, work: AllocationWork
) -> Placement:
    """Other persons or another day; the town's account follows. Raises WrongState where a settled size would change."""
    placement = await work.placements.get_to_change(household_id)
    others = persons != placement.persons
    placement.amend(persons=persons, arrival_on=arrival_on)
    await work.placements.save(placement)
    if others and placement.ags is not None and placement.state in UNDER_WAY:
        await work.ledger.placed({household_id: (placement.ags, persons)}, work.calendar.today())
    return placement


async def cancel_placement(household_id: UUID, work: AllocationWork, seen: int | None = None) -> Placement:
    """It will not come: nothing is kept for it any longer.

    Raises WrongState once it has arrived, UnknownPlacement, and VersionConflict for another version than ``seen``.
    """
    placement = await work.placements.get_to_change(household_id, seen)
    placement.cancel(work.calendar.today())
    await work.placements.save(placement)
    if placement.ags is not None:
        await work.ledger.will_not_come([household_id], work.calendar.today())
        await give_flats_free(household_id, work)
        await work.notices.order(placement.ags, NoticeOccasion.CANCELLED, concerns=household_id)
    return placement


async def give_flats_free(household_id: UUID, work: AllocationWork) -> None:
    """No flat is kept any longer for a household that goes elsewhere or does not come."""
    for flat in (await work.flats.held_by([household_id])).values():
        await work.flats.release(flat)
