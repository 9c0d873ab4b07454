"""Plan runs in the database: claimed by one worker for a lease, their documents under a key of their own."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from kfi_allocation.domain.run import Cause, Failure, Frozen, Lease, Outcome, Run, RunKind
from kfi_allocation.domain.run_states import RUN_ENDED, RunState
from kfi_allocation.run_events import events_of
from kfi_allocation.run_tables import PLAN_RUN, RUN_DOCUMENT, RUN_HOUSEHOLD, RUN_PROGRESS
from kfi_allocation.solver_process import ProgressLine
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "plan-run"
_PLAIN: Final = ("id", "version", "sequence", "attempt", "repairs", "replans", "created_by", "queued_at", "started_at",
                 "ended_at", "certificate", "accepted_by", "accepted_on")  # fmt: skip
_FROZEN: Final = ("digest", "policy_version", "seed", "households", "persons")
_OUTCOME: Final = ("solver", "status", "objective", "bound", "gap", "stopped_by", "reproducible")
_FOUND: Final = select(PLAN_RUN).where(PLAN_RUN.c.id == bindparam("wanted"))
_LOCKED: Final = _FOUND.with_for_update()
_NEXT: Final = (
    select(PLAN_RUN).where(PLAN_RUN.c.state == RunState.QUEUED.value).order_by(PLAN_RUN.c.position).limit(1)
    .with_for_update(skip_locked=True)
)  # fmt: skip
_LOST: Final = (
    select(PLAN_RUN).where(PLAN_RUN.c.lease_until < bindparam("now")).order_by(PLAN_RUN.c.position).limit(10)
    .with_for_update(skip_locked=True)
)  # fmt: skip
_EXTENDED: Final = (
    update(PLAN_RUN).where(PLAN_RUN.c.id == bindparam("wanted"), PLAN_RUN.c.holder == bindparam("by"))
    .values(lease_until=bindparam("until"))
)  # fmt: skip
_CHANGED: Final = update(PLAN_RUN).where(
    PLAN_RUN.c.id == bindparam("wanted"), PLAN_RUN.c.version == bindparam("loaded")
)
_OTHER: Final = RUN_HOUSEHOLD.alias("other")
_SHARING: Final = (
    select(_OTHER.c.run_id)
    .join(RUN_HOUSEHOLD, RUN_HOUSEHOLD.c.household_id == _OTHER.c.household_id)
    .where(RUN_HOUSEHOLD.c.run_id == bindparam("wanted"), _OTHER.c.run_id != bindparam("wanted"))
)
_OVERLAPPING: Final = (
    select(PLAN_RUN)
    .where(PLAN_RUN.c.id.in_(_SHARING), PLAN_RUN.c.state.not_in([state.value for state in RUN_ENDED]))
    .order_by(PLAN_RUN.c.id)
    .with_for_update()
)


class UnknownRun(LookupError):
    """There is no such run, or it has no such document."""


class Document(StrEnum):
    """What is kept of a run."""

    INPUT = "input"
    PREVIEW = "preview"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Progress:
    """What the solver had after a stage, counted from 1."""

    number: int
    attempt: int
    at: datetime
    stage: str
    objective: Decimal
    bound: Decimal


class Runs:
    """The runs of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, run: Run, content: bytes, households: Sequence[UUID]) -> None:
        """Store a new run with its frozen input."""
        await self._work.connection.execute(insert(PLAN_RUN), _values(run))
        if households:
            rows = [{"run_id": run.id, "household_id": household} for household in households]
            await self._work.connection.execute(insert(RUN_HOUSEHOLD), rows)
        await self.keep(run.id, Document.INPUT, content)
        self._record(run)

    async def get(self, run_id: UUID) -> Run:
        """The run to read. Raises UnknownRun."""
        return await self._one(_FOUND, run_id)

    async def get_to_change(self, run_id: UUID, seen_version: int | None = None) -> Run:
        """The run, locked. Raises UnknownRun, VersionConflict."""
        run = await self._one(_LOCKED, run_id)
        if seen_version is not None and run.version != seen_version:
            raise VersionConflict(retry=False)
        return run

    async def page(self, before: int | None, most: int, state: RunState | None) -> Sequence[tuple[int, Run]]:
        """Runs with their places, the newest first."""
        asked = select(PLAN_RUN).order_by(PLAN_RUN.c.position.desc()).limit(most)
        if before is not None:
            asked = asked.where(PLAN_RUN.c.position < before)
        if state is not None:
            asked = asked.where(PLAN_RUN.c.state == state.value)
        return [(row.position, _run(row)) for row in await self._work.connection.execute(asked)]

    async def next_queued(self) -> Run | None:
        """The run that waits longest, locked; one that another worker is about to take is passed over."""
        row = (await self._work.connection.execute(_NEXT)).one_or_none()
        return None if row is None else _run(row)

    async def lost(self, now: datetime) -> Sequence[Run]:
        """Runs whose worker did not renew its lease, locked."""
        return [_run(row) for row in await self._work.connection.execute(_LOST, {"now": now})]

    async def renew(self, run_id: UUID, lease: Lease) -> bool:
        """Hold the run for longer; false when it is no longer this worker's."""
        asked = {"wanted": run_id, "by": lease.holder, "until": lease.until}
        return bool((await self._work.connection.execute(_EXTENDED, asked)).rowcount)

    async def overlapping(self, run_id: UUID) -> Sequence[Run]:
        """Runs that have not ended and share a household with this one, locked."""
        return [_run(row) for row in await self._work.connection.execute(_OVERLAPPING, {"wanted": run_id})]

    async def save(self, run: Run) -> None:
        """Store what changed of a run that was read to change, with audit rows and events. Raises VersionConflict."""
        loaded, run.version = run.version, run.version + 1
        events = list(events_of(run))
        for number, event in enumerate(events, start=run.sequence + 1):
            self._work.outbox.add(event, sequence=number)
        run.sequence += len(events)
        values = _values(run) | {"wanted": run.id, "loaded": loaded}
        if (await self._work.connection.execute(_CHANGED, values)).rowcount == 0:
            raise VersionConflict
        self._record(run)

    async def keep(self, run_id: UUID, kind: Document, content: bytes) -> None:
        """Keep a document of the run in place of an earlier one."""
        key = await self._work.persons.key(run_id)
        stored = key.encrypt(RUN_DOCUMENT.c.content, _place(run_id, kind), zlib.compress(content))
        added = postgresql.insert(RUN_DOCUMENT).values(run_id=run_id, kind=kind.value, content=stored)
        changed = added.on_conflict_do_update(index_elements=["run_id", "kind"], set_={"content": stored})
        await self._work.connection.execute(changed)

    async def document(self, run_id: UUID, kind: Document) -> bytes:
        """A document as it was kept. Raises UnknownRun, PersonErased."""
        asked = select(RUN_DOCUMENT.c.content).where(RUN_DOCUMENT.c.run_id == run_id, RUN_DOCUMENT.c.kind == kind.value)
        stored = (await self._work.connection.execute(asked)).scalar_one_or_none()
        if stored is None:
            raise UnknownRun
        keys = await self._work.persons.keys({run_id})
        content = keys[run_id].decrypt(RUN_DOCUMENT.c.content, _place(run_id, kind), stored)
        if content is None:
            raise PersonErased
        return zlib.decompress(content)

    async def kept(self, run_id: UUID) -> frozenset[Document]:
        """Which documents the run has."""
        asked = select(RUN_DOCUMENT.c.kind).where(RUN_DOCUMENT.c.run_id == run_id)
        return frozenset(Document(kind) for kind in (await self._work.connection.execute(asked)).scalars())

    async def forget_preview(self, run_id: UUID) -> None:
        """Drop what an attempt before showed."""
        preview = RUN_DOCUMENT.c.kind == Document.PREVIEW.value
        await self._work.connection.execute(delete(RUN_DOCUMENT).where(RUN_DOCUMENT.c.run_id == run_id, preview))

    async def households(self, run_id: UUID) -> Sequence[UUID]:
        """The households of the run, in the order of their ids."""
        asked = select(RUN_HOUSEHOLD.c.household_id).where(RUN_HOUSEHOLD.c.run_id == run_id)
        return (await self._work.connection.execute(asked.order_by(RUN_HOUSEHOLD.c.household_id))).scalars().all()

    async def assign(self, run_id: UUID, assignments: Mapping[str, str]) -> None:
        """Note the town of each household of the proven plan."""
        changed = (
            update(RUN_HOUSEHOLD)
            .where(RUN_HOUSEHOLD.c.run_id == run_id, RUN_HOUSEHOLD.c.household_id == bindparam("home"))
            .values(ags=bindparam("town"))
        )
        rows = [{"home": UUID(home), "town": ags} for home, ags in sorted(assignments.items())]
        await self._work.connection.execute(changed, rows)

    async def add_progress(self, run: Run, lines: Sequence[ProgressLine], at: datetime) -> None:
        """Note what the solver told."""
        if not lines:
            return
        counted = select(func.count()).select_from(RUN_PROGRESS).where(RUN_PROGRESS.c.run_id == run.id)
        first = (await self._work.connection.execute(counted)).scalar_one() + 1
        rows = [
            {"run_id": run.id, "number": number, "attempt": run.attempt, "at": at, **asdict(line)}
            for number, line in enumerate(lines, start=first)
        ]
        await self._work.connection.execute(insert(RUN_PROGRESS), rows)

    async def progress(self, run_id: UUID, after: int) -> Sequence[Progress]:
        """What the solver told since."""
        asked = (
            select(RUN_PROGRESS).where(RUN_PROGRESS.c.run_id == run_id, RUN_PROGRESS.c.number > after)
            .order_by(RUN_PROGRESS.c.number)
        )  # fmt: skip
        return [
            Progress(row.number, row.attempt, row.at, row.stage, row.objective, row.bound)
            for row in await self._work.connection.execute(asked)
        ]

    async def _one(self, found: Select[Any], run_id: UUID) -> Run:
        row = (await self._work.connection.execute(found, {"wanted": run_id})).one_or_none()
        if row is None:
            raise UnknownRun
        return _run(row)

    def _record(self, run: Run) -> None:
        for step in run.steps:
            details = {"from": step.source or "", "to": step.target.value}
            self._work.audit.add(
                aggregate=AGGREGATE, aggregate_id=run.id, version=run.version, action=step.action.value,
                reason=step.reason, details=details,
            )  # fmt: skip
        run.steps.clear()


def _place(run_id: UUID, kind: Document) -> str:
    return f"{run_id}:{kind}"


def _values(run: Run) -> dict[str, Any]:
    frozen, lease, outcome = run.frozen, run.lease, run.outcome
    return {
        **{name: getattr(run, name) for name in _PLAIN},
        **{name: getattr(frozen, name) for name in _FROZEN},
        **{name: None if outcome is None else getattr(outcome, name) for name in _OUTCOME},
        "frozen_on": frozen.on,
        "kind": run.kind.value,
        "state": run.state.value,
        "causes": [cause.value for cause in run.causes],
        "holder": None if lease is None else lease.holder,
        "lease_until": None if lease is None else lease.until,
        "failure": None if run.failure is None else run.failure.value,
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        **{name: getattr(row, name) for name in _PLAIN},
        frozen=Frozen(on=row.frozen_on, **{name: getattr(row, name) for name in _FROZEN}),
        outcome=None if row.solver is None else Outcome(**{name: getattr(row, name) for name in _OUTCOME}),
        kind=RunKind(row.kind),
        state=RunState(row.state),
        causes=tuple(Cause(cause) for cause in row.causes),
        lease=None if row.holder is None else Lease(row.holder, row.lease_until),
        failure=None if row.failure is None else Failure(row.failure),
    )
