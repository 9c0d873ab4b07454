"""The town's part: it has notice and a period, agrees or objects, and the planner decides about an objection."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from kfi_allocation.domain import happenings
from kfi_allocation.domain.errors import ObjectionOpen, PeriodOver, TownExcluded, WrongState
from kfi_allocation.domain.groups import Procedure
from kfi_allocation.domain.objection import Objection, ObjectionReason, Ruling
from kfi_allocation.domain.placement_record import PlacementRecord, Revision
from kfi_allocation.domain.placement_states import Action, State


@dataclass
class Objected(PlacementRecord):
    """Notice, agreement and objection of the town."""

    def object_to(self, ags: str, reason: ObjectionReason, text: str, *, on: date) -> None:
        """The town of now objects within its period. Raises PeriodOver, ObjectionOpen, WrongState (another town)."""
        self._must_be_the_town(Action.OBJECT, ags)
        if self.object_until is None or on > self.object_until or self.town_agreed_on is not None:
            raise PeriodOver("The town's period to object is over.", fix="Ask the planner for a revision.")
        if self.open_objection is not None:
            raise ObjectionOpen("This objection is known already.", fix="Wait for the planner's answer.")
        self._move(Action.OBJECT, reason=reason, details={"ags": ags})
        self.proceedings = replace(
            self.proceedings, objections=(*self.proceedings.objections, Objection(ags, reason, text, on))
        )
        self.happened.append(happenings.AllocationObjected(ags, reason.value, on))

    def uphold_objection(self, by: str, text: str, *, on: date) -> None:
        """The town is right: the next plan gives the household another one; nothing more happens with this town."""
        objection = self._open_objection(Action.UPHOLD_OBJECTION)
        self._move(Action.UPHOLD_OBJECTION, State.PROPOSED, reason=objection.reason, details={"ags": objection.ags})
        self._rule(objection, Ruling(upheld=True, ruled_on=on, by=by, text=text))
        self.excluded = (*self.excluded, objection.ags)
        self._drop_draft()

    def reject_objection(self, by: str, text: str, *, on: date) -> None:
        """The town's reason does not hold; its period has then been used."""
        objection = self._open_objection(Action.REJECT_OBJECTION)
        self._rule(objection, Ruling(upheld=False, ruled_on=on, by=by, text=text))
        self.town_agreed_on = on
        target = self._agreed_by_all()
        self._move(Action.REJECT_OBJECTION, target, reason=objection.reason, details={"ags": objection.ags})
        self._agree_when(target, on)

    def record_towns_agreement(self, ags: str, *, on: date) -> None:
        """The town says yes before its period is over. Raises ObjectionOpen, WrongState."""
        self._must_be_the_town(Action.RECORD_TOWNS_AGREEMENT, ags)
        self._must_have_no_open_objection()
        if self.town_agreed_on is not None:
            raise WrongState("The town has agreed already.", fix="Read the placement again.")
        self.town_agreed_on = on
        target = self._agreed_by_all()
        self._move(Action.RECORD_TOWNS_AGREEMENT, target, details={"ags": ags})
        self._agree_when(target, on)

    def end_objection_period(self, today: date) -> bool:
        """Its last day has passed: a town that was silent agrees. Whether anything was to be done."""
        until = self.object_until
        silent = self.town_agreed_on is None and self.open_objection is None and not self.needs_another_town
        if until is None or today <= until or not silent or self.state in (State.CANCELLED, State.ANNOUNCED):
            return False
        self.town_agreed_on = until + timedelta(days=1)
        target = self._agreed_by_all()
        self._move(Action.END_OBJECTION_PERIOD, target, details={"ags": self.ags or ""})
        self._agree_when(target, today)
        return True

    def _must_be_the_town(self, action: Action, ags: str) -> None:
        self._must_allow(action)
        if self.ags != ags or self.needs_another_town:
            raise WrongState("The household is not proposed to this town.", fix="Read the placement again.")

    def _must_have_no_open_objection(self) -> None:
        if self.open_objection is not None:
            raise ObjectionOpen("The town's objection is open.", fix="Uphold it or reject it first.")

    def _must_not_be_excluded(self, ags: str) -> None:
        if ags in self.excluded:
            raise TownExcluded("This town's objection was upheld.", fix="Name another town.", field="ags")

    def _open_objection(self, action: Action) -> Objection:
        self._must_allow(action)
        objection = self.open_objection
        if objection is None:
            raise WrongState("No objection is open.", fix="Read the placement again.")
        return objection

    def _rule(self, objection: Objection, ruling: Ruling) -> None:
        ruled = (replace(each, ruling=ruling) if each is objection else each for each in self.proceedings.objections)
        self.proceedings = replace(self.proceedings, objections=tuple(ruled))

    def _close_objection(self, revision: Revision) -> None:
        """A planner who names another town while an objection is open has upheld it."""
        objection = self.open_objection
        if objection is not None:
            self._rule(objection, Ruling(upheld=True, ruled_on=revision.revised_on, by=revision.by, text=revision.text))
            self.excluded = (*self.excluded, objection.ags)

    def _drop_draft(self) -> None:
        if self.proceedings.draft is not None:
            self.proceedings = replace(self.proceedings, draft=None)

    def _agreed_by_all(self) -> State:
        """Agreed when the family of a coordinated procedure and the town have said yes; else the state of now."""
        answer = self.familys_answer
        both = self.town_agreed_on is not None and answer is not None and answer.agrees
        coordinated = self.procedure is Procedure.COORDINATED
        return State.AGREED if coordinated and both and self.state is State.PROPOSED else self.state

    def _agree_when(self, target: State, on: date) -> None:
        if target is State.AGREED and self.ags is not None:
            self.agreed_on = on
            self.happened.append(happenings.PlacementAgreed(self.ags, on))
