"""Who may stand at a town's doors: the town itself; planners, auditors and operators look, and see no secret."""

from typing import Annotated, Final

from fastapi import Path

from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge
from kfi_chassis.identity import Principal
from kfi_chassis.problems import Forbidden, NotFound

TOWN: Final = "municipality"
LOOKERS: Final = ("allocation-planner", "auditor", "operator")
Ags = Annotated[str, Path(pattern=r"^[0-9]{8}$", description="Official municipality key (AGS), eight digits.")]


def only_its_own(principal: Principal, ags: str) -> None:
    """Raises NotFound for the door of another town, Forbidden for an account of no town."""
    if TOWN not in principal.roles:
        return
    if principal.ags is None:
        raise Forbidden("The account acts for no municipality.")
    if principal.ags != ags:
        raise NotFound


def at_own_door(door: Edge[AllocationWork], ags: str) -> Edge[AllocationWork]:
    """The door, when whoever stands there may. Raises as `only_its_own`."""
    only_its_own(door.principal, ags)
    return door
