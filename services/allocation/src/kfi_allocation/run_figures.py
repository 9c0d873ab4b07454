"""Figures about runs for those who watch the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from kfi_allocation.domain.run_states import RunState
from kfi_allocation.run_tables import PLAN_RUN, RUN_HOUSEHOLD
from kfi_chassis.work import Work

_WAITS: Final = (RunState.QUEUED.value, RunState.RUNNING.value)
_COUNTS: Final = select(
    PLAN_RUN.c.state,
    func.count().label("count"),
    func.min(PLAN_RUN.c.queued_at).filter(PLAN_RUN.c.state.in_(_WAITS)).label("since"),
).group_by(PLAN_RUN.c.state)
_LAST: Final = (
    select(PLAN_RUN.c.started_at, PLAN_RUN.c.ended_at, PLAN_RUN.c.gap)
    .where(PLAN_RUN.c.certificate.is_not(None), PLAN_RUN.c.ended_at.is_not(None))
    .order_by(PLAN_RUN.c.ended_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs are in a state, and since when the oldest of those that wait for their plan was queued."""

    state: str
    count: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What the last proven plan took, and its proven gap as a ratio."""

    seconds: float
    gap: float


class RunMeasures:
    """The figures of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def counts(self) -> Sequence[RunCount]:
        """The states that have runs."""
        return [RunCount(row.state, row[1], row.since) for row in await self._work.connection.execute(_COUNTS)]

    async def placements(self, run_id: UUID, after: UUID | None, most: int) -> Sequence[Mapping[str, Any]]:
        """The town of each household of a run, its flat, or for which need it got none."""
        asked = select(RUN_HOUSEHOLD).where(RUN_HOUSEHOLD.c.run_id == run_id).limit(most)
        if after is not None:
            asked = asked.where(RUN_HOUSEHOLD.c.household_id > after)
        rows = await self._work.connection.execute(asked.order_by(RUN_HOUSEHOLD.c.household_id))
        return [dict(row) for row in rows.mappings()]

    async def last_proved(self) -> RunFigures | None:
        """The run that was proved last; None before the first."""
        row = (await self._work.connection.execute(_LAST)).one_or_none()
        if row is None:
            return None
        return RunFigures((row.ended_at - row.started_at).total_seconds(), float(row.gap))
