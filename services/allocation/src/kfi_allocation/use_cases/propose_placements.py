"""A planner accepted a plan: its households are proposed to their towns; after a repair, the few that move."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement import Revision, RevisionReason
from kfi_allocation.domain.run import Run
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion
from kfi_law.periods import end_of_day_period


@dataclass(frozen=True, slots=True)
class Move:
    """A household that a repair sends to another town, and why."""

    ags: str
    reason: RevisionReason


async def propose(
    run: Run, assignments: Mapping[UUID, str], work: AllocationWork, *, fixed: Collection[UUID] = ()
) -> None:
    """Propose every household of an accepted plan, all or none; each town has one notice and one period to object.

    ``fixed`` are the households whose town a planner had named. Raises WrongState when one does not wait any more.
    """
    today, until = work.calendar.today(), await objection_until(work)
    placements = await work.placements.many_to_change(assignments.keys())
    for placement in placements:
        placement.propose(run.id, assignments[placement.id], object_until=until, on=today, fixed=placement.id in fixed)
    await work.placements.save_all(placements)
    for ags, count in sorted(Counter(assignments.values()).items()):
        await work.notices.order(ags, NoticeOccasion.PROPOSED, concerns=run.id, placements=count, object_until=until)


async def revise(run: Run, moves: Mapping[UUID, Move], work: AllocationWork) -> None:
    """Name the new towns of an accepted repair, all or none; former towns are told, new ones have a period to object.

    Raises TownExcluded, WrongState.
    """
    today, until, by = work.calendar.today(), await objection_until(work), work.actor.person
    placements = await work.placements.many_to_change(moves.keys())
    left: Counter[str] = Counter()
    for placement in placements:
        move = moves[placement.id]
        if placement.ags is None:
            raise WrongState("The household has no town yet.", fix="Plan it in a run of its own.")
        left[placement.ags] += 1
        revision = Revision(placement.ags, move.ags, move.reason, by, today)
        placement.revise(revision, run_id=run.id, object_until=until)
    await work.placements.save_all(placements)
    await _tell(Counter(move.ags for move in moves.values()), left, run.id, until, work)


async def objection_until(work: AllocationWork) -> date:
    """The last day on which a town that is told today may object, by the policy in force. Raises NoPolicyInForce."""
    today = work.calendar.today()
    return end_of_day_period(today, (await work.policies.in_force(today)).objection_days)


async def _tell(
    new: Mapping[str, int], left: Mapping[str, int], run_id: UUID, until: date, work: AllocationWork
) -> None:
    for ags, count in sorted(new.items()):
        await work.notices.order(ags, NoticeOccasion.REVISED, concerns=run_id, placements=count, object_until=until)
    for ags, count in sorted(left.items()):
        await work.notices.order(ags, NoticeOccasion.CANCELLED, concerns=run_id, placements=count)


__all__ = ["Move", "UnknownPlacement", "objection_until", "propose", "revise"]
