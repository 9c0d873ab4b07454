"""Plan runs: frozen, looked at, started, watched, cancelled, overridden, accepted, repaired."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kfi_allocation.api.run_input_views import InputView
from kfi_allocation.api.run_problems import RUN_KINDS
from kfi_allocation.api.run_views import ProgressPage, ProgressView, RunView
from kfi_allocation.api.town_problems import NOT_COMPUTABLE, TOWN_KINDS
from kfi_allocation.domain.overriding import OverrideReason
from kfi_allocation.domain.refusals import NoPolicyInForce
from kfi_allocation.domain.run import Cause, Run
from kfi_allocation.domain.run_errors import (
    InputChanged,
    InputNotPlannable,
    NotOfThisRun,
    NotYetAccepted,
    RunNotInThisState,
)
from kfi_allocation.domain.run_states import RunMover, RunState
from kfi_allocation.runs import Document
from kfi_allocation.use_cases.accept_run import accept_run
from kfi_allocation.use_cases.freeze_run import FreezeRun, freeze_run
from kfi_allocation.use_cases.move_run import cancel_run, start_run
from kfi_allocation.use_cases.override_run import NamedTown, override_run
from kfi_allocation.use_cases.read_run import frozen_input
from kfi_allocation.use_cases.repair_run import RepairRun, repair_run
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

PLANNER: Final = RunMover.PLANNER.value
READERS: Final = (PLANNER, "allocation-signatory", "auditor", "operator")
LONGEST_WAIT: Final = 10
_PAUSE: Final = 0.25
_UNDER_WAY: Final = frozenset({RunState.QUEUED, RunState.RUNNING})

router = APIRouter(prefix="/runs", tags=["runs"])
Reader = Annotated[Edge[AllocationWork], edge(*READERS)]
Planner = Annotated[Edge[AllocationWork], edge(PLANNER)]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NewRun(_Stated):
    """Which households that wait are planned; without lists all of them."""

    lists: Annotated[list[UUID] | None, Field(max_length=1000)] = None
    without: Annotated[list[UUID], Field(max_length=1000, description="households to leave out")] = []
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1


class NamedTownBody(_Stated):
    """The town that a planner names for a household, and why."""

    household_id: UUID
    ags: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    reason: OverrideReason
    explanation: Annotated[str, StringConstraints(min_length=3, max_length=2000, strip_whitespace=True)]

    def stated(self) -> NamedTown:
        """The order."""
        return NamedTown(self.household_id, self.ags, self.reason, self.explanation)


class NewOverride(_Stated):
    """Towns that planners name; the rest is planned again around them."""

    towns: Annotated[list[NamedTownBody], Field(min_length=1, max_length=500)]


class NewRepair(_Stated):
    """Why the accepted run is repaired. `released`: settled households that may move all the same."""

    causes: Annotated[list[Cause], Field(min_length=1, max_length=10)]
    released: Annotated[list[UUID], Field(max_length=500)] = []
    towns: Annotated[list[NamedTownBody], Field(max_length=500)] = []


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(RUN_KINDS[InputNotPlannable], TOWN_KINDS[NoPolicyInForce], NOT_COMPUTABLE)
async def post_run(body: NewRun, once: Idempotent, door: Planner) -> RunView:
    """Freeze the input of a run; it can be looked at before it starts."""
    lists = None if body.lists is None else frozenset(body.lists)
    command = FreezeRun(lists, frozenset(body.without), body.seed)
    return await _created(door, once, lambda work: freeze_run(command, work))


@router.get("")
async def list_runs(
    door: Reader,
    asked: Paged,
    state: Annotated[RunState | None, Query(description="Only runs in this state.")] = None,
) -> Page[RunView]:
    """The runs, the newest first."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[RunView]:
        found = await work.runs.page(after[0] if after else None, asked.rows, state)
        return asked.page(found, lambda row: _view(door, row[1]), lambda row: (row[0],))

    return await door.read(page)


@router.get("/{run_id}")
async def get_run(run_id: UUID, door: Reader) -> RunView:
    """One run with its ETag and the actions open now."""

    async def read(work: AllocationWork) -> RunView:
        return _shown(door, await work.runs.get(run_id))

    return await door.read(read)


@router.get("/{run_id}/input")
async def get_input(run_id: UUID, door: Reader) -> InputView:
    """What the run is about: counts, weights, every town's target and places, and what people decided before."""

    async def read(work: AllocationWork) -> InputView:
        _, frozen = await frozen_input(run_id, work)
        return InputView.of(frozen, await work.overrides.of_run(run_id))

    return await door.read(read)


@router.get("/{run_id}/progress")
async def get_progress(
    run_id: UUID,
    door: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The number of the last step seen.")] = 0,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="Wait so many seconds for news.")] = 0,
) -> ProgressPage:
    """The steps since; with `wait`, the answer comes with the next one or at the end of the run."""

    async def read(work: AllocationWork) -> ProgressPage:
        run = await work.runs.get(run_id)
        return ProgressPage(
            state=run.state,
            ended=run.state not in _UNDER_WAY,
            preview=Document.PREVIEW in await work.runs.kept(run_id),
            steps=[ProgressView.of(step) for step in await work.runs.progress(run_id, after)],
        )

    until = time.monotonic() + wait
    while True:
        page = await door.read(read)
        if page.steps or page.ended or time.monotonic() >= until:
            return page
        await asyncio.sleep(_PAUSE)


@router.post("/{run_id}/start")
@documents(RUN_KINDS[RunNotInThisState])
async def post_start(run_id: UUID, seen: IfMatch, door: Planner) -> RunView:
    """Let a worker solve it; after a failure once more, with the same input."""
    return await _moved(door, lambda work: start_run(run_id, seen, work))


@router.post("/{run_id}/cancellation")
@documents(RUN_KINDS[RunNotInThisState])
async def post_cancellation(run_id: UUID, seen: IfMatch, door: Planner) -> RunView:
    """Nobody wants its plan; a solver at work is ended."""
    return await _moved(door, lambda work: cancel_run(run_id, seen, work))


@router.post("/{run_id}/acceptance")
@documents(RUN_KINDS[RunNotInThisState], RUN_KINDS[InputChanged])
async def post_acceptance(run_id: UUID, seen: IfMatch, door: Planner) -> RunView:
    """Take the plan: the households are proposed to their towns, and flats are kept for those who need one."""
    return await _moved(door, lambda work: accept_run(run_id, seen, work))


@router.post("/{run_id}/overrides", status_code=status.HTTP_201_CREATED)
@documents(RUN_KINDS[RunNotInThisState], RUN_KINDS[NotOfThisRun], RUN_KINDS[InputNotPlannable])
async def post_override(run_id: UUID, body: NewOverride, once: Idempotent, door: Planner) -> RunView:
    """Name towns for households of a plan that is not accepted; the new run plans the rest around them."""
    named = [one.stated() for one in body.towns]
    return await _created(door, once, lambda work: override_run(run_id, named, work))


@router.post("/{run_id}/repair", status_code=status.HTTP_201_CREATED)
@documents(RUN_KINDS[NotYetAccepted], RUN_KINDS[NotOfThisRun], RUN_KINDS[InputNotPlannable])
async def post_repair(run_id: UUID, body: NewRepair, once: Idempotent, door: Planner) -> RunView:
    """Freeze a run that moves as few households of the accepted one as possible, then costs least."""
    named = tuple(one.stated() for one in body.towns)
    command = RepairRun(run_id, tuple(dict.fromkeys(body.causes)), frozenset(body.released), named)
    return await _created(door, once, lambda work: repair_run(command, work))


async def _created(
    door: Edge[AllocationWork], once: Idempotent, use: Callable[[AllocationWork], Awaitable[UUID]]
) -> RunView:
    async def show(run_id: UUID, work: AllocationWork) -> RunView:
        return _shown(door, await work.runs.get(run_id))

    view = await door.create(once, use, show)
    door.located(f"/allocation/v1/runs/{view.id}")
    return view


async def _moved(door: Edge[AllocationWork], use: Callable[[AllocationWork], Awaitable[Run]]) -> RunView:
    async def move(work: AllocationWork) -> RunView:
        return _shown(door, await use(work))

    return await door.command(move)


def _shown(door: Edge[AllocationWork], run: Run) -> RunView:
    door.etag(run.version)
    return _view(door, run)


def _view(door: Edge[AllocationWork], run: Run) -> RunView:
    return RunView.of(run, plans=door.principal.has_any(frozenset({PLANNER})))
