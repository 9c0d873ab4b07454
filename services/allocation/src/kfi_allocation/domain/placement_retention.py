"""How long the personal data of a household is kept (Art. 5 (1) (e), Art. 17 (1) (a) and (3) (b) GDPR)."""

from datetime import date
from typing import ClassVar

from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import ENDED


class HouseholdIsKept(RuleBroken):
    """The personal data of the household has to be kept for a while."""

    code: ClassVar[str] = "household-is-kept"
    title: ClassVar[str] = "The personal data of the household has to be kept for a while"


def kept_until(placement: Placement, years: int) -> date:
    """The last day of the retention: the end of the year, so many years after the last that happened.

    Raises HouseholdIsKept while the procedure runs, or a decision can still be contested.
    """
    open_decision = any(each.announced_on is not None and each.final_on is None for each in placement.decisions)
    if placement.state not in ENDED or open_decision:
        raise HouseholdIsKept("The procedure has not ended.", fix="Come back when it has.")
    days = [placement.announced_on, placement.arrived_on, placement.cancelled_on]
    days += [each.final_on or each.decided_on for each in placement.decisions]
    return date(max(day for day in days if day is not None).year + years, 12, 31)


def erase(placement: Placement, on: date, years: int) -> date:
    """Its personal data goes; the last day of the retention. Raises HouseholdIsKept, with that day, while it runs."""
    last_day = kept_until(placement, years)
    if on <= last_day:
        raise HouseholdIsKept(
            f"The personal data of the household is kept until {last_day}.", fix="Come back after that day."
        )
    if placement.erased_on is None:
        placement.erase(on)
    return last_day
