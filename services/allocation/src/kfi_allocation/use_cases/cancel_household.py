"""A household will not come, as a list or somebody told: what was kept for it is free, and its town is told."""

from enum import StrEnum
from uuid import UUID

from kfi_allocation import households
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.placement import Placement
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.use_cases.correct_placement import cancel_placement
from kfi_allocation.work import AllocationWork


class CancelReason(StrEnum):
    """Why a planner cancels what no list has cancelled."""

    WITHDREW = "withdrew"
    NOT_ADMITTED = "not-admitted"
    ANNOUNCED_TWICE = "announced-twice"
    OTHER = "other"


async def cancel_household(household_id: UUID, seen: int, reason: CancelReason, work: AllocationWork) -> Placement:
    """Cancel one by hand. Raises UnknownPlacement, VersionConflict, and WrongState once it has arrived."""
    try:
        household = await work.households.get_to_change(household_id)
    except UnknownHousehold:
        raise UnknownPlacement from None
    return await take_back(household, work, seen=seen, because=reason.value)


async def take_back(
    household: Household, work: AllocationWork, *, seen: int | None = None, because: str = "list"
) -> Placement:
    """Cancel a household that is locked. Raises what ``cancel_placement`` does, before anything is stored."""
    placement = await cancel_placement(household.id, work, seen)
    cancelled = household.cancelled(work.calendar.today())
    await work.households.save(cancelled)
    work.audit.add(
        aggregate=households.AGGREGATE, aggregate_id=household.id, version=cancelled.version, action="cancel",
        details={"because": because},
    )  # fmt: skip
    return placement
