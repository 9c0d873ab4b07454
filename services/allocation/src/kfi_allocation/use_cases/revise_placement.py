"""A planner names another town for one household after it was proposed, with a reason."""

from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement import Placement, Revision, RevisionReason
from kfi_allocation.domain.placement_states import Action
from kfi_allocation.use_cases.correct_placements import give_flats_free
from kfi_allocation.use_cases.propose_placements import objection_until
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion


@dataclass(frozen=True)
class RevisePlacement:
    """Which household goes where, and why in the planner's words."""

    household_id: UUID
    seen_version: int
    ags: str
    reason: RevisionReason
    text: str


async def revise_placement(command: RevisePlacement, work: AllocationWork) -> Placement:
    """Name the town; the former one is told, the new one may object. Raises TownExcluded, WrongState."""
    placement = await work.placements.get_to_change(command.household_id, command.seen_version)
    former, run_id = placement.town(Action.REVISE), placement.run_id
    if run_id is None:
        raise WrongState("The household was in no plan yet.", fix="Override it in its run.")
    until = await objection_until(work)
    revision = Revision(former, command.ags, command.reason, work.actor.person, work.calendar.today(), command.text)
    placement.revise(revision, run_id=run_id, object_until=until, fixed=True)
    await work.placements.save(placement)
    await work.ledger.placed({placement.id: (command.ags, placement.persons)}, work.calendar.today())
    await give_flats_free([placement.id], work)
    await work.notices.order(command.ags, NoticeOccasion.REVISED, concerns=placement.id, object_until=until)
    await work.notices.order(former, NoticeOccasion.CANCELLED, concerns=placement.id)
    return placement
