"""Households are corrected or do not come: what follows for towns, accounts and flats, for one or for many."""

from collections.abc import Collection, Sequence
from uuid import UUID

from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import UNDER_WAY, State
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion


async def keep_corrected(locked: Sequence[Placement], resized: Collection[UUID], work: AllocationWork) -> None:
    """Store placements that were amended or cancelled, with what follows, in few statements.

    The accounts of their towns follow those who are ``resized`` now; of who will not come nothing is kept any longer,
    and their town is told.
    """
    today = work.calendar.today()
    await work.placements.save_all(locked)
    named = [(placement, placement.ags) for placement in locked if placement.ags is not None]
    coming = {one.id: (ags, one.persons) for one, ags in named if one.id in resized and one.state in UNDER_WAY}
    gone = {one.id: ags for one, ags in named if one.state is State.CANCELLED}
    if coming:
        await work.ledger.placed(coming, today)
    if gone:
        await work.ledger.will_not_come(gone, today)
        await give_flats_free(gone, work)
    for household_id, ags in gone.items():
        await work.notices.order(ags, NoticeOccasion.CANCELLED, concerns=household_id)


async def give_flats_free(households: Collection[UUID], work: AllocationWork) -> None:
    """No flat is kept any longer for households that go elsewhere or do not come."""
    for flat in (await work.flats.held_by(households)).values():
        await work.flats.release(flat)
