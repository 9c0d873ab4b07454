"""The coordinated procedure: a town is agreed with the family, and nobody decides over it (§ 16 (2) TIntG)."""

from dataclasses import dataclass, replace
from datetime import date

from kfi_allocation.domain.hearing import FamilysAnswer
from kfi_allocation.domain.placement_objection import Objected
from kfi_allocation.domain.placement_states import Action


@dataclass
class Agreed(Objected):
    """The family's answer, and the agreement of both."""

    def record_familys_answer(self, answer: FamilysAnswer, *, today: date) -> None:
        """The family says yes or no to the town of now; a no waits for the planner's revision.

        Raises ObjectionOpen, DateNotPossible, WrongState.
        """
        self._must_be_the_town(Action.RECORD_FAMILYS_ANSWER, answer.ags)
        self._must_have_no_open_objection()
        self._must_lie_between("answered_on", answer.answered_on, self.proposed_on or answer.answered_on, today)
        self.proceedings = replace(self.proceedings, family=(*self.proceedings.family, answer))
        target = self._agreed_by_all()
        reason = "agrees" if answer.agrees else "declines"
        self._move(Action.RECORD_FAMILYS_ANSWER, target, reason=reason, details={"ags": answer.ags})
        self._agree_when(target, max(answer.answered_on, self.town_agreed_on or answer.answered_on))
