"""Who may read and state what a town says of itself: the town, and planners; auditors read."""

from typing import Annotated

from kfi_allocation.api.forms import AUDITOR, PLANNER
from kfi_allocation.api.town_doors import TOWN, Ags, only_its_own
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.problems import NotFound
from kfi_law.municipalities import register

__all__ = ["Ags", "Planner", "Reader", "Town", "TownOrPlanner", "at_home", "is_planner"]

Reader = Annotated[Edge[AllocationWork], edge(TOWN, PLANNER, AUDITOR)]
Town = Annotated[Edge[AllocationWork], edge(TOWN)]
TownOrPlanner = Annotated[Edge[AllocationWork], edge(TOWN, PLANNER)]
Planner = Annotated[Edge[AllocationWork], edge(PLANNER)]


def at_home(door: Edge[AllocationWork], ags: str) -> None:
    """Raises NotFound for what is no municipality and for another's, Forbidden for an account of no municipality."""
    only_its_own(door.principal, ags)
    if ags not in register():
        raise NotFound


def is_planner(door: Edge[AllocationWork]) -> bool:
    """Whether a planner asks."""
    return PLANNER in door.principal.roles
