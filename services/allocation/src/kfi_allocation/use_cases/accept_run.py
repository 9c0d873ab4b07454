"""A planner accepts a proven plan: households are proposed to their towns, flats are kept for those who need one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from kfi_allocation.domain.freezing import changed_since
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_record import RevisionReason
from kfi_allocation.domain.placement_states import SETTLED
from kfi_allocation.domain.repairing import REASONS, why_moved
from kfi_allocation.domain.run import Run, RunKind
from kfi_allocation.domain.run_errors import InputChanged
from kfi_allocation.runs import Document
from kfi_allocation.use_cases.circumstances import waiting
from kfi_allocation.use_cases.keep_flats import keep_flats
from kfi_allocation.use_cases.propose_placements import Move, propose, revise
from kfi_allocation.use_cases.read_run import PlannedRun, planned_run
from kfi_allocation.use_cases.repair_run import TO_COME
from kfi_allocation.work import AllocationWork


async def accept_run(run_id: UUID, seen_version: int, work: AllocationWork) -> Run:
    """Take the plan. Raises UnknownRun, VersionConflict, RunNotInThisState, InputChanged.

    Every other run about one of these households is superseded, so that no household is placed by two plans.
    """
    run = await work.runs.get_to_change(run_id, seen_version)
    run.accept(work.actor.person, work.calendar.today())
    planned = await planned_run(run_id, Document.PLAN, work)
    if run.kind is RunKind.REPAIR:
        households = await _revised(run, planned, work)
    else:
        households = await _proposed(run, planned, work)
    placed = {household.id: (planned.assignments[str(household.id)], household.persons) for household in households}
    await work.ledger.placed(placed, work.calendar.today())
    await keep_flats(run.id, planned.assignments, households, work)
    for other in await work.runs.overlapping(run_id):
        other.supersede(run_id, work.clock.now())
        await work.runs.save(other)
    await work.runs.save(run)
    return run


async def _proposed(run: Run, planned: PlannedRun, work: AllocationWork) -> Sequence[Household]:
    ids = {UUID(home) for home in planned.assignments}
    households = [household for household in await work.households.waiting() if household.id in ids]
    _must_be_unchanged(planned, households)
    fixed = {UUID(home) for home in planned.frozen.orders.fixed}
    await propose(run, {UUID(home): ags for home, ags in planned.assignments.items()}, work, fixed=fixed)
    return households


async def _revised(run: Run, planned: PlannedRun, work: AllocationWork) -> Sequence[Household]:
    ids = {UUID(home) for home in planned.assignments}
    households = await work.households.many(ids)
    _must_be_unchanged(planned, households)
    moves = {
        UUID(move["household"]): Move(move["to"], REASONS.get(why_moved(move, planned.frozen), RevisionReason.OTHER))
        for move in planned.plan["repair"]["moves"]
    }
    _must_stand_as_frozen(planned, moves, await work.placements.many(ids))
    await revise(run, moves, work)
    return households


def _must_be_unchanged(planned: PlannedRun, households: Sequence[Household]) -> None:
    changed = changed_since(planned.frozen, [waiting(household) for household in households])
    if changed:
        raise _changed(changed)


def _must_stand_as_frozen(planned: PlannedRun, moves: Mapping[UUID, Move], placements: Sequence[Placement]) -> None:
    """Each household is where it was; who was settled meanwhile does not move, unless people released or placed it."""
    kept, fixed = planned.frozen.kept or {}, planned.frozen.orders.fixed
    released = planned.frozen.document.get("released", ())
    other = [
        str(one.id)
        for one in placements
        if one.state not in TO_COME
        or one.ags != kept.get(str(one.id))
        or (one.state in SETTLED and one.id in moves and str(one.id) not in {*released, *fixed})
    ]
    if other:
        raise _changed(other)


def _changed(households: Sequence[str]) -> InputChanged:
    named = ", ".join(households[:20])
    return InputChanged(
        f"{len(households)} households changed since the input was frozen: {named}.",
        fix="Freeze a new run and start that.",
    )
