"""What others are told of a run: that its plan is proven, with the figures everybody may know."""

from collections.abc import Iterator

from kfi_allocation.domain.run import Run
from kfi_allocation.domain.run_states import RunAction
from kfi_contracts.allocation import PlanProved, PlanStatus, PlanStop
from kfi_contracts.event import Event


def events_of(run: Run) -> Iterator[Event]:
    """The events of the steps of this transaction."""
    return (_proved(run) for step in run.steps if step.action is RunAction.PROVE)


def _proved(run: Run) -> Event:
    if run.outcome is None or run.certificate is None:
        raise AssertionError("what is proved has an outcome and a certificate")
    outcome, statement = run.outcome, run.certificate["statement"]
    return PlanProved(
        run_id=run.id,
        policy_version=run.frozen.policy_version,
        solver=outcome.solver,
        seed=run.frozen.seed,
        status=PlanStatus(outcome.status),
        objective=f"{outcome.objective:f}",
        bound=f"{outcome.bound:f}",
        gap=f"{outcome.gap:f}",
        stopped_by=PlanStop(outcome.stopped_by),
        reproducible=outcome.reproducible,
        households=run.frozen.households,
        persons=run.frozen.persons,
        input_root=statement["input_root"],
        plan_root=statement["plan_root"],
        signature=run.certificate["signature"],
    )
