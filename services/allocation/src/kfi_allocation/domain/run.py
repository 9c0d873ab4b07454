"""A plan run: its frozen input, who solves it until when, and how it ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from kfi_allocation.domain.run_errors import RunNotInThisState
from kfi_allocation.domain.run_states import RunAction, RunState, run_target


class RunKind(StrEnum):
    """A plan places households that wait; a repair moves as few as possible of an accepted run."""

    PLAN = "plan"
    REPAIR = "repair"


class Cause(StrEnum):
    """Why an accepted run is repaired."""

    OBJECTION_UPHELD = "objection-upheld"
    RECEPTION_STOP = "reception-stop"
    OFFER_LOST = "offer-lost"
    HOUSEHOLD_CANCELLED = "household-cancelled"
    HOUSEHOLD_CHANGED = "household-changed"
    HEARING = "hearing"
    OTHER = "other"


class Failure(StrEnum):
    """Why a run ended without a plan."""

    WORKER_LOST = "worker-lost"
    SOLVER_KILLED = "solver-killed"
    SOLVER_FAILED = "solver-failed"
    PLAN_NOT_SOUND = "plan-not-sound"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a run is about: by which policy, of which day, how many, and the SHA-256 of its canonical bytes."""

    digest: str
    on: date
    policy_version: str
    seed: int
    households: int
    persons: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is proven about the plan of a run; figures exact, the gap rounded to eight decimals."""

    solver: str
    status: str
    objective: Decimal
    bound: Decimal
    gap: Decimal
    stopped_by: str
    reproducible: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """Who solves the run, and until when nobody else may think it lost."""

    holder: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class RunStep:
    """A step for the audit."""

    action: RunAction
    source: RunState | None
    target: RunState
    reason: str | None = None


@dataclass
class Run:
    """One run. ``version`` counts saves (the ETag), ``sequence`` its published events, ``attempt`` its starts."""

    id: UUID
    kind: RunKind
    frozen: Frozen
    created_by: str
    state: RunState = RunState.FROZEN
    version: int = 1
    sequence: int = 0
    attempt: int = 0
    repairs: UUID | None = None
    replans: UUID | None = None
    causes: tuple[Cause, ...] = ()
    lease: Lease | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    certificate: Mapping[str, Any] | None = None
    failure: Failure | None = None
    accepted_by: str | None = None
    accepted_on: date | None = None
    steps: list[RunStep] = field(default_factory=list)

    @classmethod
    def freeze(
        cls,
        run_id: UUID,
        frozen: Frozen,
        by: str,
        *,
        repairs: UUID | None = None,
        replans: UUID | None = None,
        causes: tuple[Cause, ...] = (),
    ) -> "Run":
        """A new run that can be looked at before it starts."""
        kind = RunKind.PLAN if repairs is None else RunKind.REPAIR
        run = cls(run_id, kind, frozen, by, repairs=repairs, replans=replans, causes=causes)
        run.steps.append(RunStep(RunAction.FREEZE, None, RunState.FROZEN))
        return run

    def start(self, at: datetime) -> None:
        """Let the next free worker solve it; after a failure by the same input again. Raises RunNotInThisState."""
        self._move(RunAction.START)
        self.failure = self.started_at = self.ended_at = None
        self.queued_at = at

    def claim(self, lease: Lease, at: datetime) -> None:
        """A worker begins to solve it. Raises RunNotInThisState."""
        self._move(RunAction.CLAIM)
        self.lease, self.started_at = lease, at
        self.attempt += 1

    def prove(self, outcome: Outcome, certificate: Mapping[str, Any], at: datetime) -> None:
        """A whole plan was found, checked and signed. Raises RunNotInThisState."""
        self._move(RunAction.PROVE)
        self._end(at)
        self.outcome, self.certificate = outcome, certificate

    def find_infeasible(self, outcome: Outcome, at: datetime) -> None:
        """No plan keeps all rules; which to relax is stored beside. Raises RunNotInThisState."""
        self._move(RunAction.FIND_INFEASIBLE)
        self._end(at)
        self.outcome = outcome

    def fail(self, failure: Failure, at: datetime) -> None:
        """It ended without a plan and can be started again. Raises RunNotInThisState."""
        self._move(RunAction.FAIL, failure)
        self._end(at)
        self.failure = failure

    def cancel(self, at: datetime) -> None:
        """Nobody wants its plan; a solver at work is ended. Raises RunNotInThisState."""
        self._move(RunAction.CANCEL)
        self._end(at)

    def accept(self, by: str, on: date) -> None:
        """The planner takes the plan: its households are proposed to their towns. Raises RunNotInThisState."""
        self._move(RunAction.ACCEPT)
        self.accepted_by, self.accepted_on = by, on

    def supersede(self, by_run: UUID, at: datetime) -> None:
        """Another run about the same households was accepted. Raises RunNotInThisState."""
        self._move(RunAction.SUPERSEDE, str(by_run))
        if self.lease is not None:
            self._end(at)

    def is_solved_by(self, holder: UUID) -> bool:
        """Whether what this worker found may still be stored."""
        return self.state is RunState.RUNNING and self.lease is not None and self.lease.holder == holder

    def _move(self, action: RunAction, reason: str | None = None) -> None:
        target = run_target(action, self.state)
        if target is None:
            raise RunNotInThisState(
                f"The run is {self.state.value}; so it cannot be done: {action.value}.",
                fix="Read the run again; it lists the actions that are allowed now.",
            )
        self.steps.append(RunStep(action, self.state, target, reason))
        self.state = target

    def _end(self, at: datetime) -> None:
        self.lease, self.ended_at = None, at
