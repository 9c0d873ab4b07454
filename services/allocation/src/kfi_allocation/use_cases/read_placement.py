"""Somebody reads a placement: its file names what people said, so the look is recorded."""

from enum import StrEnum
from uuid import UUID

from kfi_allocation.domain.placement import Placement
from kfi_allocation.placements import AGGREGATE
from kfi_allocation.work import AllocationWork


class Look(StrEnum):
    """What was looked at."""

    FILE = "read"
    LETTER = "read-letter"
    HISTORY = "read-history"
    COMPARISON = "read-comparison"


async def read_placement(household_id: UUID, look: Look, work: AllocationWork) -> Placement:
    """The placement, with an audit row of the look. Raises UnknownPlacement."""
    placement = await work.placements.get(household_id)
    work.audit.add(aggregate=AGGREGATE, aggregate_id=placement.id, version=placement.version, action=look)
    return placement


async def read_as_town(household_id: UUID, ags: str, look: Look, work: AllocationWork) -> Placement:
    """The same for a town, of its own alone. Raises UnknownPlacement for any other."""
    placement = await work.placements.get(household_id, ags=ags)
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=placement.id, version=placement.version, action=look, details={"ags": ags}
    )
    return placement
