"""The worker solves the run that waits longest: in a process of its own, watched, checked, and stored at once.

Between its beginning and its end a run is held by a lease that every beat renews. Whoever lost the lease stores nothing
more, so that a run never has two ends, and no plan is there before the run is proved.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.certifying import Checked, PlanNotSound, checked
from kfi_allocation.domain.freezing import thawed
from kfi_allocation.domain.run import Failure, Lease, Run
from kfi_allocation.runs import Document
from kfi_allocation.settings import AllocationSettings
from kfi_allocation.solver_process import ProgressLine, SolverDied, SolverJob, SolverStopped, Take, solve, started
from kfi_allocation.work import AllocationWork
from kfi_chassis import logs
from kfi_chassis.identity import SYSTEM
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions

_SELF: Final = SYSTEM("allocation")
SOLVE_RUNS: Final = "solve-runs"
"""The name of the worker's step; whoever queues a run wakes it."""


@dataclass(frozen=True)
class _Claimed:
    run: Run
    lease: Lease
    content: bytes
    settings: AllocationSettings


async def solve_next(transactions: Transactions[AllocationWork], take: Take = started) -> int:
    """Solve the run that waits longest; 0 when none does. `take` gives its solver."""
    claimed = await transactions.run(_claim, actor=_SELF)
    if claimed is None:
        return 0
    frozen = await asyncio.to_thread(thawed, claimed.content)
    try:
        plan = await solve(_job(claimed.content, claimed.settings), _Telling(transactions, claimed).told, take)
        found = await asyncio.to_thread(checked, frozen, plan, keys_in(claimed.settings.certificate_keys))
    except SolverStopped:
        logs.event("run_not_wanted_any_more", run=str(claimed.run.id))
    except SolverDied as died:
        logs.event("solver_died", level=logging.ERROR, run=str(claimed.run.id), exit_code=died.code)
        await _failed(transactions, claimed, Failure.SOLVER_KILLED if died.killed else Failure.SOLVER_FAILED)
    except PlanNotSound as unsound:
        logs.event("plan_not_sound", level=logging.ERROR, run=str(claimed.run.id), problems=len(unsound.problems))
        await _failed(transactions, claimed, Failure.PLAN_NOT_SOUND)
    else:
        await transactions.run(lambda work: _store(claimed, plan, found, work), actor=_SELF)
    return 1


async def fail_lost_runs(work: AllocationWork) -> int:
    """Mark runs whose worker is gone; how many there were."""
    lost = await work.runs.lost(work.clock.now())
    for run in lost:
        run.fail(Failure.WORKER_LOST, work.clock.now())
        await work.runs.save(run)
    return len(lost)


async def _claim(work: AllocationWork) -> _Claimed | None:
    run = await work.runs.next_queued()
    if run is None:
        return None
    lease = _lease(work)
    run.claim(lease, work.clock.now())
    await work.runs.save(run)
    await work.runs.forget_preview(run.id)
    return _Claimed(run, lease, await work.runs.document(run.id, Document.INPUT), work.settings)


def _lease(work: AllocationWork, holder: Lease | None = None) -> Lease:
    until = work.clock.now() + timedelta(seconds=work.settings.solver_lease_seconds)
    return Lease(uuid4() if holder is None else holder.holder, until)


def _job(content: bytes, settings: AllocationSettings) -> SolverJob:
    """The solver gets the figures as they were written."""
    document = json.loads(content)
    return SolverJob(
        document["instance"], document["orders"], document.get("kept"), document["seed"], settings.solver_seconds
    )


class _Telling:
    """Stores what the solver tells, and hears from the database whether its plan is still wanted."""

    def __init__(self, transactions: Transactions[AllocationWork], claimed: _Claimed) -> None:
        self._transactions, self._claimed = transactions, claimed
        self._waiting: list[ProgressLine] = []
        self._preview: bytes | None = None

    async def told(self, lines: Sequence[ProgressLine], preview: bytes | None) -> bool:
        """Keep on while the lease holds; what a database that is away could not take is stored later."""
        self._waiting += lines
        self._preview = preview or self._preview
        try:
            held = await self._transactions.run(self._stored, actor=_SELF)
        except Exception as error:
            if not is_outage(error):
                raise
            return True
        self._waiting, self._preview = [], None
        return held

    async def _stored(self, work: AllocationWork) -> bool:
        run = self._claimed.run
        if not await work.runs.renew(run.id, _lease(work, self._claimed.lease)):
            return False
        await work.runs.add_progress(run, self._waiting, work.clock.now())
        if self._preview is not None:
            await work.runs.keep(run.id, Document.PREVIEW, self._preview)
        return True


async def _failed(transactions: Transactions[AllocationWork], claimed: _Claimed, failure: Failure) -> None:
    async def fail(work: AllocationWork) -> None:
        run = await work.runs.get_to_change(claimed.run.id)
        if run.is_solved_by(claimed.lease.holder):
            run.fail(failure, work.clock.now())
            await work.runs.save(run)

    await transactions.run(fail, actor=_SELF)


async def _store(claimed: _Claimed, plan: bytes, found: Checked, work: AllocationWork) -> None:
    """The end of a run: its state, its plan, its certificate and the news of it, all or nothing."""
    run = await work.runs.get_to_change(claimed.run.id)
    if not run.is_solved_by(claimed.lease.holder):
        return
    await work.runs.keep(run.id, Document.PLAN, plan)
    if found.signed is None:
        run.find_infeasible(found.outcome, work.clock.now())
    else:
        run.prove(found.outcome, found.signed, work.clock.now())
        await work.runs.assign(run.id, found.assignments)
    await work.runs.save(run)
