"""That a town took note of a proposal, once for each."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.door_tables import PLACEMENT_RECEIPT
from kfi_chassis.work import Work


class PlacementReceipts:
    """The receipts of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, household_id: UUID, ags: str, *, proposed_on: date, received_on: date) -> bool:
        """Note that the town knows of the proposal of a day; false when that is known already."""
        row = {"household_id": household_id, "ags": ags, "proposed_on": proposed_on, "received_on": received_on}
        added = await self._work.connection.execute(insert(PLACEMENT_RECEIPT).values(row).on_conflict_do_nothing())
        return bool(added.rowcount)

    async def first(self, household_id: UUID, ags: str, proposed_on: date) -> date:
        """The day on which the town first said so, of a proposal it took note of."""
        said = select(PLACEMENT_RECEIPT.c.received_on).filter_by(
            household_id=household_id, ags=ags, proposed_on=proposed_on
        )
        day: date = (await self._work.connection.execute(said)).scalar_one()
        return day
