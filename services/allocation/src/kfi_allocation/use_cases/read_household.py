"""Somebody looks at a household; whoever may see persons leaves a record of it."""

from dataclasses import replace
from uuid import UUID

from kfi_allocation import households
from kfi_allocation.domain.household import NO_CONTACT, Household
from kfi_allocation.domain.placement_states import ARRIVED, SETTLED, State
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.work import AllocationWork

_NAMED_TO_THE_TOWN = (*SETTLED, *ARRIVED)


async def read_household(household_id: UUID, ags: str | None, work: AllocationWork) -> tuple[Household, State]:
    """The household and the state of its placement. Raises UnknownHousehold; with ``ags`` for any other town's too.

    A town sees what it has to prepare from the proposal on, and the persons from the day on which they are surely its.
    """
    try:
        placement = await work.placements.get(household_id, ags=ags)
    except UnknownPlacement:
        raise UnknownHousehold from None
    if ags is not None and placement.state is State.CANCELLED:
        raise UnknownHousehold
    household = await work.households.get(household_id)
    if ags is not None and placement.state not in _NAMED_TO_THE_TOWN:
        household = _without_persons(household)
    work.audit.add(
        aggregate=households.AGGREGATE, aggregate_id=household_id, version=household.version, action="read-household",
        details={"persons_shown": str(bool(household.members)).lower()},
    )  # fmt: skip
    return household, placement.state


def _without_persons(household: Household) -> Household:
    return replace(household, members=(), contact=NO_CONTACT)
