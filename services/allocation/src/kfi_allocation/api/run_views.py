"""What is shown of a plan run: how it stands, what is proven, how it went on."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.domain.run import Cause, Failure, Run, RunKind
from kfi_allocation.domain.run_states import RunAction, RunState, open_to_planner
from kfi_allocation.runs import Progress

Figure = Annotated[str, Field(description="an exact figure as text")]


class RunPart(BaseModel):
    """A part of an answer about a run; figures are exact and come as text."""

    model_config = ConfigDict(frozen=True)


class OutcomeView(RunPart):
    """What is proven about the plan: no plan can cost less than the bound."""

    status: Annotated[str, Field(description="optimal (proven within 0.1 %), feasible or infeasible")]
    objective: Figure
    bound: Figure
    gap: Figure
    stopped_by: str
    reproducible: bool
    solver: str


class ProgressView(RunPart):
    """The best plan and the bound after a stage."""

    number: int
    attempt: int
    at: datetime
    stage: str
    objective: Figure
    bound: Figure
    gap: Figure

    @classmethod
    def of(cls, step: Progress) -> "ProgressView":
        """The view of a step."""
        gap = (step.objective - step.bound) / step.objective if step.objective else Decimal(0)
        return cls(
            number=step.number, attempt=step.attempt, at=step.at, stage=step.stage, objective=text_of(step.objective),
            bound=text_of(step.bound), gap=text_of(round(gap, 8)),
        )  # fmt: skip


class ProgressPage(RunPart):
    """What happened since; `ended`: nothing more will come of this attempt."""

    state: RunState
    ended: bool
    preview: Annotated[bool, Field(description="whether a first complete plan can be looked at")]
    steps: list[ProgressView]


class RunView(RunPart):
    """A run as it stands. `actions` are those open to whoever asks now."""

    id: UUID
    kind: RunKind
    state: RunState
    version: int
    digest: Annotated[str, Field(description="SHA-256 of the frozen input's canonical bytes")]
    frozen_on: date
    policy_version: str
    seed: int
    households: int
    persons: int
    repairs: UUID | None
    replans: UUID | None
    causes: list[Cause]
    created_by: str
    attempt: int
    started_at: datetime | None
    ended_at: datetime | None
    outcome: OutcomeView | None
    failure: Failure | None
    accepted_by: str | None
    accepted_on: date | None
    actions: list[RunAction]

    @classmethod
    def of(cls, run: Run, *, plans: bool) -> "RunView":
        """The view for whoever plans, or only looks."""
        named = ("id", "kind", "state", "version", "repairs", "replans", "created_by", "attempt", "started_at",
                 "ended_at", "failure", "accepted_by", "accepted_on")  # fmt: skip
        frozen = ("digest", "policy_version", "seed", "households", "persons")
        return cls(
            **{name: getattr(run, name) for name in named},
            **{name: getattr(run.frozen, name) for name in frozen},
            frozen_on=run.frozen.on,
            causes=list(run.causes),
            outcome=_outcome(run),
            actions=list(open_to_planner(run.state)) if plans else [],
        )


def _outcome(run: Run) -> OutcomeView | None:
    if run.outcome is None:
        return None
    return outcome_of({name: getattr(run.outcome, name) for name in OutcomeView.model_fields})


def outcome_of(plan: Mapping[str, Any]) -> OutcomeView:
    """What a plan says of itself."""
    figures = {name: text_of(Decimal(plan[name])) for name in ("objective", "bound", "gap")}
    words = {name: plan[name] for name in ("status", "stopped_by", "reproducible", "solver")}
    return OutcomeView(**figures, **words)


def text_of(value: Decimal) -> str:
    """An exact figure as text."""
    return f"{value:f}"
