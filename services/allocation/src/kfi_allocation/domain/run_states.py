"""The states of a plan run and the steps between them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    """Where a run stands."""

    FROZEN = "frozen"
    QUEUED = "queued"
    RUNNING = "running"
    PROVED = "proved"
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"


class RunAction(StrEnum):
    """What moves a run."""

    FREEZE = "freeze"
    START = "start"
    CLAIM = "claim"
    PROVE = "prove"
    FIND_INFEASIBLE = "find-infeasible"
    FAIL = "fail"
    CANCEL = "cancel"
    ACCEPT = "accept"
    SUPERSEDE = "supersede"


class RunMover(StrEnum):
    """Who moves a run: people by the role of their access token, and the worker that solves."""

    PLANNER = "allocation-planner"
    SOLVER = "solver"


@dataclass(frozen=True, slots=True)
class RunTransition:
    """One allowed step; ``source`` None: a new run. The guard is a sentence."""

    action: RunAction
    source: RunState | None
    target: RunState
    mover: RunMover
    guard: str = ""


_BEFORE_THE_END: Final = (RunState.FROZEN, RunState.QUEUED, RunState.RUNNING)
_STILL_USABLE: Final = (*_BEFORE_THE_END, RunState.PROVED, RunState.INFEASIBLE, RunState.FAILED, RunState.ACCEPTED)

RUN_TRANSITIONS: Final = (
    RunTransition(RunAction.FREEZE, None, RunState.FROZEN, RunMover.PLANNER, "every household could be placed alone"),
    *(
        RunTransition(RunAction.START, state, RunState.QUEUED, RunMover.PLANNER, "also again, with the same input")
        for state in (RunState.FROZEN, RunState.FAILED)
    ),
    RunTransition(RunAction.CLAIM, RunState.QUEUED, RunState.RUNNING, RunMover.SOLVER, "one worker, for a lease"),
    RunTransition(RunAction.PROVE, RunState.RUNNING, RunState.PROVED, RunMover.SOLVER, "the checker found no problem"),
    RunTransition(RunAction.FIND_INFEASIBLE, RunState.RUNNING, RunState.INFEASIBLE, RunMover.SOLVER, "rules named"),
    RunTransition(RunAction.FAIL, RunState.RUNNING, RunState.FAILED, RunMover.SOLVER, "no plan leaves the run"),
    *(
        RunTransition(RunAction.CANCEL, state, RunState.CANCELLED, RunMover.PLANNER, "the solver is ended")
        for state in _BEFORE_THE_END
    ),
    RunTransition(RunAction.ACCEPT, RunState.PROVED, RunState.ACCEPTED, RunMover.PLANNER, "the households still wait"),
    *(
        RunTransition(RunAction.SUPERSEDE, state, RunState.SUPERSEDED, RunMover.PLANNER, "another run was accepted")
        for state in _STILL_USABLE
    ),
)

RUN_ENDED: Final = frozenset({RunState.CANCELLED, RunState.SUPERSEDED})
"""Where nobody can do anything more with a run."""

RUN_GERMAN: Final = {
    RunState.FROZEN: "EINGEFROREN",
    RunState.QUEUED: "EINGEREIHT",
    RunState.RUNNING: "IN_BERECHNUNG",
    RunState.PROVED: "BEWIESEN",
    RunState.INFEASIBLE: "UNERFÜLLBAR",
    RunState.FAILED: "ABGEBROCHEN",
    RunState.CANCELLED: "STORNIERT",
    RunState.ACCEPTED: "ANGENOMMEN",
    RunState.SUPERSEDED: "ÜBERHOLT",
}


def run_target(action: RunAction, source: RunState | None) -> RunState | None:
    """The state an action leads to; None when it is not allowed there."""
    return next((step.target for step in RUN_TRANSITIONS if (step.action, step.source) == (action, source)), None)


def open_to_planner(state: RunState) -> tuple[RunAction, ...]:
    """What a planner may do with a run in this state; superseding follows from accepting another one."""
    asked = (RunAction.START, RunAction.CANCEL, RunAction.ACCEPT)
    return tuple(action for action in asked if run_target(action, state) is not None)
