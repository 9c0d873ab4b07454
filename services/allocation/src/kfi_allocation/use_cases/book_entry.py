"""A planner books what no step of a household brings: a recognised credit, an intake of before, a correction."""

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.quota_ledger import PLACED, NewEntry
from kfi_allocation.domain.refusals import BookingNotPossible
from kfi_allocation.work import AllocationWork


async def book_entry(entry: NewEntry, work: AllocationWork) -> int:
    """The number the entry got. Raises BookingNotPossible, DateNotPossible for a day that has not come."""
    if entry.on > work.calendar.today():
        raise DateNotPossible("An entry counts from no day to come.", fix="Take today or an earlier day.", field="on")
    if entry.until is not None and entry.until < entry.on:
        raise DateNotPossible("The credit would end before it begins.", fix="Correct the days.", field="until")
    if entry.credit == PLACED:
        raise BookingNotPossible(
            "Who is placed is credited by the plan alone.", fix="Name another credit of the policy.", field="credit"
        )
    return (await work.ledger.book(entry)).number
