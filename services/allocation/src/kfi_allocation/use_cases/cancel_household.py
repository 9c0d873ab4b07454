"""A household will not come, as a list or somebody told: what was kept for it is free, and its town is told."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from kfi_allocation import households
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.placement import Placement
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.use_cases.correct_placements import keep_corrected
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
    placement = await work.placements.get_to_change(household_id, seen)
    placement.cancel(work.calendar.today())
    await keep_corrected([placement], (), work)
    await keep_cancelled([household], reason.value, work)
    return placement


async def keep_cancelled(locked: Sequence[Household], because: str, work: AllocationWork) -> None:
    """Note of households, whose placements say it already, that they do not come."""
    cancelled = [household.cancelled(work.calendar.today()) for household in locked]
    await work.households.save_all(cancelled)
    for household in cancelled:
        work.audit.add(
            aggregate=households.AGGREGATE, aggregate_id=household.id, version=household.version, action="cancel",
            details={"because": because},
        )  # fmt: skip
