"""What is shown of a plan run."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.domain.freezing import FrozenInput
from kfi_allocation.domain.overriding import Override, OverrideReason
from kfi_allocation.domain.repairing import why_moved
from kfi_allocation.domain.rules_to_relax import told
from kfi_allocation.domain.run import Cause, Failure, Run, RunKind
from kfi_allocation.domain.run_states import RunAction, RunState, open_to_planner
from kfi_allocation.domain.run_summary import Reached, Summary
from kfi_allocation.runs import Progress
from kfi_allocation.use_cases.read_run import PlannedRun

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


class RuleView(RunPart):
    """A rule to relax when nothing fits, in plain words, and who may approve it."""

    rule: str
    relax_by: int
    households: list[str]
    text: str
    approved_by: str


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
            number=step.number, attempt=step.attempt, at=step.at, stage=step.stage, objective=_text(step.objective),
            bound=_text(step.bound), gap=_text(round(gap, 8)),
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


class TownInputView(RunPart):
    """A town as the run sees it."""

    ags: str
    target: Figure
    capacity: int
    offers: list[str]


class OverrideView(RunPart):
    """A town that a planner named; what he wrote is gone once the household was erased."""

    household_id: UUID
    ags: str
    reason: OverrideReason
    explanation: str
    decided_by: str

    @classmethod
    def of(cls, one: Override) -> "OverrideView":
        """The view of an override."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class InputView(RunPart):
    """The frozen input before and after the run: counts, weights, towns with their targets, what people decided."""

    digest: str
    on: date
    policy_version: str
    weights: dict[str, Any]
    households: int
    persons: int
    with_relatives: int
    must_join: int
    needs: dict[str, int]
    profiles: int
    fixed: int
    excluded: int
    kept: int
    overrides: list[OverrideView]
    towns: list[TownInputView]

    @classmethod
    def of(cls, frozen: FrozenInput, overrides: Sequence[Override]) -> "InputView":
        """The view of a frozen input."""
        homes, document = frozen.instance.households, frozen.document
        words = sorted({need for home in homes for need in home.needs})
        return cls(
            digest=frozen.digest,
            on=date.fromisoformat(document["on"]),
            policy_version=document["policy_version"],
            weights={name: _plain(value) for name, value in document["instance"]["policy"].items()},
            households=len(homes),
            persons=frozen.instance.persons,
            with_relatives=sum(home.relatives_in is not None for home in homes),
            must_join=sum(home.must_join for home in homes),
            needs={word: sum(word in home.needs for home in homes) for word in words},
            profiles=len(document["profiles"]),
            fixed=len(frozen.orders.fixed),
            excluded=len(frozen.orders.excluded),
            kept=len(frozen.kept or {}),
            overrides=[OverrideView.of(one) for one in overrides],
            towns=[
                TownInputView(ags=t.ags, target=_text(t.target), capacity=t.capacity, offers=sorted(t.offers))
                for t in frozen.instance.municipalities
            ],
        )


class ReachedView(RunPart):
    """Of how many households something was asked for, and of how many it is so."""

    asked: int
    reached: int

    @classmethod
    def of(cls, one: Reached) -> "ReachedView":
        """The view of a count."""
        return cls(asked=one.asked, reached=one.reached)


class TownPlanView(RunPart):
    """A town under the plan."""

    ags: str
    target: Figure
    capacity: int
    persons: int
    households: int


class MoveView(RunPart):
    """A household that a repair moves, and why; `from` and `to` are AGS."""

    household_id: UUID
    from_ags: str | None
    to_ags: str
    reason: str


class PlanView(RunPart):
    """A plan in figures. `rules`: nothing fits without relaxing these; `moves`: whom a repair moves and why."""

    run_id: UUID
    outcome: OutcomeView
    relatives: ReachedView
    relatives_same_district: int
    wishes: ReachedView
    languages: ReachedView
    towns: list[TownPlanView]
    rules: list[RuleView]
    moves: list[MoveView]
    fewest_moves: int | None

    @classmethod
    def of(cls, planned: PlannedRun, summary: Summary) -> "PlanView":
        """The view of a preview or a plan."""
        plan = planned.plan
        repair = plan.get("repair", {})
        return cls(
            run_id=planned.run.id,
            outcome=_outcome_of_plan(plan),
            relatives=ReachedView.of(summary.relatives),
            relatives_same_district=summary.relatives_same_district,
            wishes=ReachedView.of(summary.wishes),
            languages=ReachedView.of(summary.languages),
            towns=[
                TownPlanView(
                    ags=t.ags, target=_text(t.target), capacity=t.capacity, persons=t.persons, households=t.households
                )
                for t in summary.towns
            ],
            rules=[RuleView(**told(rule, planned.frozen)) for rule in plan["conflict"]],
            moves=[
                MoveView(
                    household_id=m["household"], from_ags=m["from"], to_ags=m["to"], reason=why_moved(m, planned.frozen)
                )
                for m in repair.get("moves", [])
            ],
            fewest_moves=repair.get("fewest_moves"),
        )


class RunPlacementView(RunPart):
    """A household's town under the plan; once accepted, its flat, or for which need it got none."""

    household_id: UUID
    ags: str | None
    flat_id: UUID | None
    flat_missing: str | None


def _outcome(run: Run) -> OutcomeView | None:
    if run.outcome is None:
        return None
    return _outcome_of_plan({name: getattr(run.outcome, name) for name in OutcomeView.model_fields})


def _outcome_of_plan(plan: Mapping[str, Any]) -> OutcomeView:
    figures = {name: _text(Decimal(plan[name])) for name in ("objective", "bound", "gap")}
    words = {name: plan[name] for name in ("status", "stopped_by", "reproducible", "solver")}
    return OutcomeView(**figures, **words)


def _text(value: Decimal) -> str:
    return f"{value:f}"


def _plain(value: object) -> object:
    return _text(value) if isinstance(value, Decimal) else value
