"""A run only moves as the table says, and no plan is there before it was proved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kfi_allocation.domain.run import Failure, Frozen, Lease, Outcome, Run
from kfi_allocation.domain.run_diagram import document
from kfi_allocation.domain.run_errors import RunNotInThisState
from kfi_allocation.domain.run_states import (
    RUN_ENDED,
    RUN_GERMAN,
    RUN_TRANSITIONS,
    RunAction,
    RunState,
    open_to_planner,
    run_target,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FROZEN = Frozen("0" * 64, date(2026, 11, 23), "test", 1, 2, 5)
OUTCOME = Outcome("test", "optimal", Decimal(1), Decimal(1), Decimal(0), "proof", True)


class Runs(RuleBasedStateMachine):
    @initialize()
    def frozen(self) -> None:
        self.run = Run.freeze(uuid4(), FROZEN, "planner")

    def attempt(self, action: RunAction, *arguments: object) -> None:
        allowed = run_target(action, self.run.state)
        before = self.run.state
        try:
            getattr(self.run, action.value.replace("-", "_"))(*arguments)
        except RunNotInThisState:
            assert allowed is None
            assert self.run.state is before
        else:
            assert self.run.state is allowed

    @rule()
    def start(self) -> None:
        self.attempt(RunAction.START, NOW)

    @rule()
    def claim(self) -> None:
        self.attempt(RunAction.CLAIM, Lease(uuid4(), NOW), NOW)

    @rule()
    def prove(self) -> None:
        self.attempt(RunAction.PROVE, OUTCOME, {}, NOW)

    @rule()
    def find_infeasible(self) -> None:
        self.attempt(RunAction.FIND_INFEASIBLE, OUTCOME, NOW)

    @rule()
    def fail(self) -> None:
        self.attempt(RunAction.FAIL, Failure.SOLVER_KILLED, NOW)

    @rule()
    def cancel(self) -> None:
        self.attempt(RunAction.CANCEL, NOW)

    @rule()
    def accept(self) -> None:
        self.attempt(RunAction.ACCEPT, "planner", date(2026, 11, 23))

    @rule()
    def supersede(self) -> None:
        self.attempt(RunAction.SUPERSEDE, uuid4(), NOW)

    @invariant()
    def a_lease_is_held_while_it_runs_and_never_else(self) -> None:
        assert (self.run.lease is not None) == (self.run.state is RunState.RUNNING)

    @invariant()
    def what_is_accepted_was_proved(self) -> None:
        assert self.run.state is not RunState.ACCEPTED or self.run.outcome is not None

    @invariant()
    def every_step_is_told(self) -> None:
        assert self.run.steps[-1].target is self.run.state

    @invariant()
    def a_failure_is_told_until_the_next_start(self) -> None:
        if self.run.state is not RunState.SUPERSEDED:
            assert (self.run.failure is not None) == (self.run.state is RunState.FAILED)


TestRuns = Runs.TestCase
TestRuns.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def running(holder: UUID) -> Run:
    run = Run.freeze(uuid4(), FROZEN, "planner")
    run.start(NOW)
    run.claim(Lease(holder, NOW), NOW)
    return run


def test_a_worker_that_lost_its_lease_may_store_nothing() -> None:
    first, second = uuid4(), uuid4()
    run = running(first)
    assert run.is_solved_by(first)
    run.fail(Failure.WORKER_LOST, NOW)
    assert not run.is_solved_by(first)
    run.start(NOW)
    run.claim(Lease(second, NOW), NOW)
    assert (run.is_solved_by(first), run.is_solved_by(second), run.attempt) == (False, True, 2)


def test_every_state_can_be_reached_has_a_german_word_and_ends_where_it_should() -> None:
    assert {step.target for step in RUN_TRANSITIONS} == set(RunState) == set(RUN_GERMAN)
    assert {state for state in RunState if not any(step.source is state for step in RUN_TRANSITIONS)} == RUN_ENDED


@pytest.mark.parametrize("state", list(RunState))
def test_the_planner_is_offered_what_can_be_done_and_nothing_else(state: RunState) -> None:
    asked: dict[RunAction, Callable[[Run], None]] = {
        RunAction.START: lambda run: run.start(NOW),
        RunAction.CANCEL: lambda run: run.cancel(NOW),
        RunAction.ACCEPT: lambda run: run.accept("planner", NOW.date()),
    }
    for action, act in asked.items():
        run = replace(running(uuid4()), state=state)
        if action in open_to_planner(state):
            act(run)
        else:
            with pytest.raises(RunNotInThisState):
                act(run)


def test_the_drawn_states_are_those_of_the_table() -> None:
    drawn = (Path(__file__).parents[4] / "docs" / "states-of-a-plan-run.md").read_text("utf-8")
    assert drawn == document()
