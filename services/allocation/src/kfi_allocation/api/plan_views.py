"""What is shown of a plan: its figures by town, whom a repair moves, what would have to be relaxed."""

from uuid import UUID

from kfi_allocation.api.run_views import Figure, OutcomeView, RunPart, outcome_of, text_of
from kfi_allocation.domain.repairing import why_moved
from kfi_allocation.domain.rules_to_relax import told
from kfi_allocation.domain.run_summary import Reached, Summary
from kfi_allocation.use_cases.read_run import PlannedRun


class RuleView(RunPart):
    """A rule to relax when nothing fits, in plain words, and who may approve it."""

    rule: str
    relax_by: int
    households: list[str]
    text: str
    approved_by: str


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
            outcome=outcome_of(plan),
            relatives=ReachedView.of(summary.relatives),
            relatives_same_district=summary.relatives_same_district,
            wishes=ReachedView.of(summary.wishes),
            languages=ReachedView.of(summary.languages),
            towns=[
                TownPlanView(
                    ags=t.ags, target=text_of(t.target), capacity=t.capacity, persons=t.persons, households=t.households
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
