"""What the rules of plan runs forbid."""

from uuid import UUID

from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.domain.obstacles import Obstacle


class RunNotInThisState(RuleBroken):
    """The run is not in a state in which this can be done."""

    code = "run-not-in-this-state"
    title = "The run is not in a state in which this can be done"


class InputNotPlannable(RuleBroken):
    """A household has no place even alone, or all places together do not suffice; each is named with its rule."""

    code = "input-not-plannable"
    title = "No plan can exist for this input"

    def __init__(self, found: tuple[Obstacle, ...]) -> None:
        super().__init__(
            f"{len(found)} rules leave no place.",
            fix="Correct what is named, have it approved, or leave the household out of the run.",
        )
        self.obstacles = found


class InputChanged(RuleBroken):
    """Since the input was frozen, households were placed, cancelled or amended."""

    code = "run-input-changed"
    title = "The households changed since the input was frozen"


class NotYetAccepted(RuleBroken):
    """Only a run whose plan was accepted has placements to repair."""

    code = "run-not-accepted"
    title = "Only an accepted run can be repaired"


class NotOfThisRun(RuleBroken):
    """A household that is named does not belong to the run."""

    code = "household-not-of-this-run"
    title = "The household does not belong to the run"

    def __init__(self, household: UUID) -> None:
        super().__init__(
            f"Household {household} does not belong to the run.", fix="Read the run's placements and name one of them."
        )
