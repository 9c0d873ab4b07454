"""A town takes note of a proposal."""

from datetime import date
from typing import Final
from uuid import UUID

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement_states import State
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import AGGREGATE, UnknownPlacement
from kfi_allocation.work import AllocationWork
from kfi_contracts.municipality import TownPlacementReceived

_OVER: Final = (State.ANNOUNCED, State.CANCELLED)


async def receive_proposal(household_id: UUID, ags: str, work: AllocationWork) -> date:
    """The day on which the town first said that it took note; said again, nothing changes.

    Raises UnknownHousehold for what is not the town's, WrongState when nothing is proposed.
    """
    try:
        placement = await work.placements.get_to_change(household_id, ags=ags)
    except UnknownPlacement:
        raise UnknownHousehold from None
    if placement.state in _OVER or placement.proposed_on is None:
        raise WrongState("Nothing is proposed to the town.", fix="Read the feed again.")
    today = work.calendar.today()
    if not await work.receipts.add(household_id, ags, proposed_on=placement.proposed_on, received_on=today):
        return await work.receipts.first(household_id, ags, placement.proposed_on)
    await work.feeds.tell(TownPlacementReceived(ags=ags, household_id=household_id, received_on=today))
    work.audit.add(aggregate=AGGREGATE, aggregate_id=household_id, version=placement.version, action="receive-proposal")
    return today
