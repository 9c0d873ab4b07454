"""The personal data of a household is erased: its key goes, and all other services hear of it."""

from enum import StrEnum
from uuid import UUID

from kfi_allocation import households
from kfi_allocation.domain.placement_retention import erase
from kfi_allocation.work import AllocationWork


class ErasureReason(StrEnum):
    """Why personal data is erased; a code, because the audit holds no text."""

    RETENTION_OVER = "retention-over"
    REQUESTED = "requested"


async def erase_household(household_id: UUID, reason: ErasureReason, work: AllocationWork) -> None:
    """Delete the key of the household, for good. Raises HouseholdIsKept, UnknownPlacement.

    What was encrypted with it, members, hearings, objections and letters included, can be read by nobody from then on,
    also in a backup. Numbers and days stay, because money is counted by them.
    """
    placement = await work.placements.get_to_change(household_id)
    household = await work.households.get_to_change(household_id)
    today = work.calendar.today()
    last_day = erase(placement, today, work.settings.retention_years)
    await work.placements.save(placement)
    if household.erased_on is None:
        await work.households.save(household.erased(today))
    await work.persons.erase(household_id)
    work.audit.add(
        aggregate=households.AGGREGATE,
        aggregate_id=household_id,
        version=household.version + 1,
        action="erased",
        reason=reason,
        details={"retained_until": last_day.isoformat()},
    )
