"""Who works on a case: one person, whoever that person gives it to, and while it is away its deputy."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from kfi_applications.domain.case_record import CaseRecord
from kfi_applications.domain.errors import NoMandate, WrongState
from kfi_applications.domain.states import Action


class Handover(StrEnum):
    """How a case came to the person who works on it."""

    TAKEN = "taken"
    GIVEN = "given"
    GIVEN_BACK = "given-back"


@dataclass
class Assigned(CaseRecord):
    """A case that is somebody's or nobody's. ``represented`` are the persons whom the actor stands in for today."""

    def may_be_worked_on_by(self, person: str, represented: Set[str] = frozenset()) -> bool:
        """Nobody's case by any caseworker, somebody's by that person and whoever has a mandate to stand in."""
        return self.assignee is None or self.assignee == person or self.assignee in represented

    def work_on(self, person: str, represented: Set[str] = frozenset()) -> None:
        """A caseworker acts next; a deputy's steps say for whom. Raises NoMandate."""
        if not self.may_be_worked_on_by(person, represented):
            raise NoMandate(
                f"{self.assignee} works on the case, and there is no mandate to stand in today.",
                fix="Ask for the case, or have a mandate entered.",
            )
        self.acting_for = None if self.assignee in {None, person} else self.assignee

    def assign(self, to: str | None, *, by: str, represented: Set[str] = frozenset()) -> None:
        """Take the case, give it to another person, or back to nobody. Raises NoMandate, WrongState."""
        self._must_allow(Action.ASSIGN)
        self.work_on(by, represented)
        if to == self.assignee:
            raise WrongState("That person works on the case already.", fix="Read the case again.")
        handover = Handover.GIVEN_BACK if to is None else Handover.TAKEN if to == by else Handover.GIVEN
        details = {"assignee": to or "", "before": self.assignee or ""}
        self._move(Action.ASSIGN, self.state, reason=handover, details=details)
        self.assignee = to
