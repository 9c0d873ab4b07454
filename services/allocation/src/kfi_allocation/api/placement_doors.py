"""Who stands at the doors of placements, and the answer of every action: the placement as it is now, with its ETag."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from kfi_allocation.api.placement_views import PlacementView, TownPlacementView
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Mover
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge

AUDITOR: Final = "auditor"
STAFF: Final = (Mover.PLANNER.value, Mover.SIGNATORY.value, AUDITOR)
Staff = Annotated[Edge[AllocationWork], edge(*STAFF)]
Planner = Annotated[Edge[AllocationWork], edge(Mover.PLANNER)]
Signatory = Annotated[Edge[AllocationWork], edge(Mover.SIGNATORY)]
Town = Annotated[Edge[AllocationWork], edge(Mover.MUNICIPALITY)]


async def act(door: Edge[AllocationWork], use: Callable[[AllocationWork], Awaitable[Placement]]) -> PlacementView:
    """Run a use case in one transaction and show the office what became of the placement."""
    placement = await door.command(use)
    door.etag(placement.version)
    return PlacementView.of(placement, door.principal)


async def act_as_town(
    door: Edge[AllocationWork], use: Callable[[AllocationWork], Awaitable[Placement]]
) -> TownPlacementView:
    """The same for a town, which sees its own part."""
    placement = await door.command(use)
    door.etag(placement.version)
    return TownPlacementView.of(placement, door.principal)
