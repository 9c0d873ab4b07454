"""A town takes note of a proposal."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement_states import State
from kfi_allocation.door_tables import PLACEMENT_RECEIPT
from kfi_allocation.households import UnknownHousehold
from kfi_allocation.placements import UnknownPlacement
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
    which = {"household_id": household_id, "ags": ags, "proposed_on": placement.proposed_on}
    added = insert(PLACEMENT_RECEIPT).values(**which, received_on=today).on_conflict_do_nothing()
    if (await work.connection.execute(added)).rowcount:
        await work.feeds.tell(TownPlacementReceived(ags=ags, household_id=household_id, received_on=today))
        work.audit.add(
            aggregate="placement", aggregate_id=household_id, version=placement.version, action="receive-proposal"
        )
        return today
    said = select(PLACEMENT_RECEIPT.c.received_on).filter_by(**which)
    first: date = (await work.connection.execute(said)).scalar_one()
    return first
