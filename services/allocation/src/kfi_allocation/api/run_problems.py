"""What runs refuse, as problems of RFC 9457."""

from typing import Final

from kfi_allocation.api.rule_problems import kinds, unknown
from kfi_allocation.domain import run_errors
from kfi_allocation.runs import UnknownRun
from kfi_chassis.http import DomainProblems
from kfi_chassis.problems import FieldError, Problem

MOST_NAMED: Final = 50
"""So many obstacles are named in one answer; the text says how many there are."""

RUN_KINDS: Final = kinds(
    {
        run_errors.RunNotInThisState: (409, "Read the run again; it lists the actions that are allowed now."),
        run_errors.InputNotPlannable: (
            422,
            "Correct what is named, have it approved by whom it names, or leave the household out of the run.",
        ),
        run_errors.InputChanged: (409, "Freeze a new run and start that."),
        run_errors.NotYetAccepted: (409, "Repair the run that was accepted last for these households."),
        run_errors.NotOfThisRun: (422, "Name households of the run."),
    }
)


def _not_plannable(broken: run_errors.InputNotPlannable) -> Problem:
    """Every obstacle with its rule, in plain words, and who may relax it."""
    errors = [
        FieldError(
            "/lists" if one.household is None else "/without", one.rule.value,
            f"{one.text} To be approved by {one.approved_by}.",
        )
        for one in broken.obstacles[:MOST_NAMED]
    ]  # fmt: skip
    return Problem.of(RUN_KINDS[run_errors.InputNotPlannable], broken.detail, errors=errors)


RUN_PROBLEMS: Final[DomainProblems] = {
    run_errors.InputNotPlannable: _not_plannable,
    UnknownRun: unknown,
}
