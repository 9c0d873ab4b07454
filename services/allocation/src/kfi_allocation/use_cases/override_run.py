"""A planner overrides a plan that is not accepted yet: the rest is planned again around the towns that were named."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.overriding import Override, OverrideReason, merged
from kfi_allocation.domain.run import Run
from kfi_allocation.domain.run_errors import NotOfThisRun, RunNotInThisState
from kfi_allocation.domain.run_states import RunState
from kfi_allocation.use_cases.freeze_run import Origin, freeze_run_of
from kfi_allocation.work import AllocationWork

_CAN_BE_OVERRIDDEN = (RunState.PROVED, RunState.INFEASIBLE, RunState.FROZEN, RunState.FAILED)


@dataclass(frozen=True)
class NamedTown:
    """What a planner says of one household."""

    household_id: UUID
    ags: str
    reason: OverrideReason
    explanation: str


async def override_run(run_id: UUID, named: Sequence[NamedTown], work: AllocationWork) -> UUID:
    """Freeze a new run about the same households that still wait, with these towns fixed beside earlier ones.

    Raises UnknownRun, RunNotInThisState, NotOfThisRun, InputNotPlannable.
    """
    run = await work.runs.get(run_id)
    households = await work.runs.households(run_id)
    _must_be_open(run)
    foreign = sorted({one.household_id for one in named} - set(households))
    if foreign:
        raise NotOfThisRun(foreign[0])
    by = work.actor.person
    overrides = [Override(one.household_id, one.ags, one.reason, one.explanation, by) for one in named]
    all_of_them = merged(await work.overrides.of_run(run_id), overrides)
    waiting = {household.id: household for household in await work.households.waiting()}
    still = [waiting[household] for household in households if household in waiting]
    fixed = {one.household_id: one.ags for one in all_of_them if one.household_id in waiting}
    new_id = await freeze_run_of(still, fixed, run.frozen.seed, Origin(replans=run_id), work)
    await work.overrides.add(new_id, [one for one in all_of_them if one.household_id in waiting])
    return new_id


def _must_be_open(run: Run) -> None:
    if run.state not in _CAN_BE_OVERRIDDEN:
        raise RunNotInThisState(
            f"The run is {run.state.value}; its plan cannot be overridden.",
            fix="Override before the plan is accepted; afterwards repair the accepted run.",
        )
