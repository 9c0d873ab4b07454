"""What the worker does about plan runs: it solves them, marks those that were lost, and counts them."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.run_figures import RunCount, RunFigures
from kfi_allocation.solver_process import ReadySolver
from kfi_allocation.use_cases.solve_run import SOLVE_RUNS, fail_lost_runs, solve_next
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

_SELF: Final = SYSTEM("allocation")
_SETTLED_SECONDS: Final = 5.0
"""When a process starts it has more urgent things to do than to load a solver."""


def declare_runs(worker: Worker) -> None:
    """The steps of plan runs; one run at a time in a process, more workers solve more."""
    worker.each(SOLVE_RUNS, every=timedelta(seconds=1))(SolvingRuns().turn)
    worker.each("lost-runs", every=timedelta(seconds=5))(runs_whose_worker_died_are_marked)
    worker.measure("runs")(runs_by_state)


class SolvingRuns:
    """Solves runs with a solver that is ready; the first is made so when the process has found time for it."""

    def __init__(self, settled_after: float = _SETTLED_SECONDS) -> None:
        self._solver, self._settled_after = ReadySolver(), settled_after
        self._since: float | None = None

    async def turn(self, transactions: Transactions[AllocationWork]) -> int:
        """Solve the run that waits longest; how many there were."""
        self._since = time.monotonic() if self._since is None else self._since
        done = await solve_next(transactions, self._solver.take)
        if done or time.monotonic() - self._since >= self._settled_after:
            await self._solver.keep()
        return done


async def runs_whose_worker_died_are_marked(transactions: Transactions[AllocationWork]) -> int:
    """They can be started again."""
    return await transactions.run(fail_lost_runs, actor=_SELF)


async def runs_by_state(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """How many runs stand where, how long the oldest waits, and what the last proven plan took and left open."""

    async def read(work: AllocationWork) -> tuple[datetime, Sequence[RunCount], RunFigures | None]:
        return work.clock.now(), await work.run_figures.counts(), await work.run_figures.last_proved()

    now, counts, last = await transactions.run(read, actor=_SELF)
    metrics.plan_runs.clear()
    for each in counts:
        metrics.plan_runs.labels(each.state).set(each.count)
    oldest = min((each.waiting_since for each in counts if each.waiting_since), default=now)
    metrics.plan_run_oldest_age_seconds.set((now - oldest).total_seconds())
    if last is not None:
        metrics.plan_run_last_duration_seconds.set(last.seconds)
        metrics.plan_run_last_gap_ratio.set(last.gap)
