"""A household will not come: whoever prepared for it is told, and what was kept for it is free."""

from kfi_allocation.domain.placement import Placement
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion


async def cancel_placement(placement: Placement, work: AllocationWork) -> None:
    """Cancel one that was loaded to be changed. Raises WrongState once the household has arrived."""
    placement.cancel(work.calendar.today())
    await work.placements.save(placement)
    if placement.ags is None:
        return
    await work.ledger.will_not_come([placement.id], work.calendar.today())
    await work.notices.order(placement.ags, NoticeOccasion.CANCELLED, concerns=placement.id)
