"""What the notifications service tells of letters to families."""

from datetime import date
from uuid import UUID

from kfi_allocation.work import AllocationWork


async def record_announcement(
    household_id: UUID, act_id: UUID, announced_on: date, remedy_ends_on: date | None, work: AllocationWork
) -> None:
    """A decision is announced; its remedy period runs. Raises WrongState, UnknownPlacement."""
    placement = await work.placements.get_to_change(household_id)
    placement.record_announcement(act_id, announced_on, remedy_ends_on)
    await work.placements.save(placement)


async def end_remedy_period(household_id: UUID, act_id: UUID, ended_on: date, work: AllocationWork) -> None:
    """A decision is final. Raises WrongState, UnknownPlacement."""
    placement = await work.placements.get_to_change(household_id)
    placement.end_remedy_period(act_id, ended_on)
    await work.placements.save(placement)


async def record_failed_letter(household_id: UUID, letter_id: UUID, reason: str, work: AllocationWork) -> None:
    """A letter did not get out or was recalled; a planner looks after it. Raises UnknownPlacement."""
    placement = await work.placements.get_to_change(household_id)
    placement.record_failed_letter(letter_id, reason)
    await work.placements.save(placement)


async def record_returned_letter(
    household_id: UUID, letter_id: UUID, act_id: UUID | None, reason: str, work: AllocationWork
) -> None:
    """What the letter was to announce is not announced. Raises WrongState, UnknownPlacement."""
    placement = await work.placements.get_to_change(household_id)
    placement.record_returned_letter(letter_id, act_id, reason)
    await work.placements.save(placement)
