"""The town's part: it agrees or objects within its period, and the planner decides about an objection."""

from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Action
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.use_cases.agree_placement import save_and_confirm
from kfi_allocation.work import AllocationWork


@dataclass(frozen=True)
class Object:
    """What a town says against a proposal; ``ags`` None: a planner enters what the town of now wrote."""

    household_id: UUID
    seen_version: int
    ags: str | None
    reason: ObjectionReason
    text: str


async def object_to_proposal(command: Object, work: AllocationWork) -> Placement:
    """Record the objection. Raises ObjectionOpen, PeriodOver, WrongState, and UnknownPlacement for another town."""
    placement = await work.placements.get_to_change(command.household_id, command.seen_version, ags=command.ags)
    ags = placement.town(Action.OBJECT)
    placement.object_to(ags, command.reason, command.text, on=work.calendar.today())
    await work.placements.save(placement)
    return placement


async def agree_for_town(household_id: UUID, seen: int, ags: str | None, work: AllocationWork) -> Placement:
    """The town says yes before its period is over. Raises ObjectionOpen, WrongState, UnknownPlacement."""
    placement = await work.placements.get_to_change(household_id, seen, ags=ags)
    placement.record_towns_agreement(placement.town(Action.RECORD_TOWNS_AGREEMENT), on=work.calendar.today())
    return await save_and_confirm(placement, work)


async def rule_on_objection(
    household_id: UUID, seen: int, *, upheld: bool, text: str, work: AllocationWork
) -> Placement:
    """Uphold it, so that the next plan excludes the town, or reject it with a reason. Raises WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    rule = placement.uphold_objection if upheld else placement.reject_objection
    rule(work.actor.person, text, on=work.calendar.today())
    return await save_and_confirm(placement, work)


async def end_objection_period(household_id: UUID, work: AllocationWork) -> None:
    """The day after the last day has come: a town that was silent agrees."""
    try:
        placement = await work.placements.get_to_change(household_id)
    except UnknownPlacement:
        return
    if placement.end_objection_period(work.calendar.today()):
        await save_and_confirm(placement, work)
