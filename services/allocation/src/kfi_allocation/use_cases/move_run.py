"""A planner starts a run, again after a failure, or cancels it."""

from uuid import UUID

from kfi_allocation.domain.run import Run
from kfi_allocation.use_cases.solve_run import SOLVE_RUNS
from kfi_allocation.work import AllocationWork


async def start_run(run_id: UUID, seen_version: int, work: AllocationWork) -> Run:
    """Let a worker solve it. Raises UnknownRun, VersionConflict, RunNotInThisState."""
    run = await work.runs.get_to_change(run_id, seen_version)
    run.start(work.clock.now())
    await work.runs.save(run)
    work.wake(SOLVE_RUNS)
    return run


async def cancel_run(run_id: UUID, seen_version: int, work: AllocationWork) -> Run:
    """Nobody wants its plan; a solver at work is ended at its next beat. Raises as start_run."""
    run = await work.runs.get_to_change(run_id, seen_version)
    run.cancel(work.clock.now())
    await work.runs.save(run)
    return run
