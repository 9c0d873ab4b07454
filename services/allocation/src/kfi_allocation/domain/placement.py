"""The placement of a household (Verteilvorgang): from its announcement to the town it lives in."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from kfi_allocation.domain import happenings
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.groups import Group, group_on
from kfi_allocation.domain.placement_agreement import Agreed
from kfi_allocation.domain.placement_arrival import Arrived
from kfi_allocation.domain.placement_decision import Decided
from kfi_allocation.domain.placement_letters import Lettered
from kfi_allocation.domain.placement_objection import Objected
from kfi_allocation.domain.placement_record import Revision, RevisionReason, StepTaken
from kfi_allocation.domain.placement_states import SETTLED, Action, State

__all__ = ["Placement", "Revision", "RevisionReason"]


@dataclass
class Placement(Agreed, Decided, Objected, Lettered, Arrived):
    """One household's way to its town; every step is one of the table of states."""

    @classmethod
    def announce(
        cls, household_id: UUID, *, list_id: UUID, group: Group, persons: int, arrival_on: date | None, on: date
    ) -> "Placement":
        """A household of a list, announced on a day. Raises NoSuchGroup when the law of that day has no such group."""
        group_on(group, on)
        placement = cls(household_id, list_id, group, persons, arrival_on, on)
        step = StepTaken(Action.ANNOUNCE, None, State.ANNOUNCED, details={"list_id": str(list_id)})
        placement.steps.append(step)
        placement.happened.append(happenings.HouseholdAnnounced(list_id, group.value, persons, arrival_on))
        return placement

    def amend(self, *, persons: int, arrival_on: date | None) -> None:
        """A corrected list: other persons, or another day. What was drafted is void.

        Raises WrongState when a settled placement would have other persons: that needs a revision.
        """
        self._must_allow(Action.AMEND)
        if self.state in SETTLED and persons != self.persons:
            raise WrongState(
                "The town was settled for a household of another size.", fix="Revise the placement first.",
                field="persons",
            )  # fmt: skip
        self._drop_draft()
        target = State.HEARD if self.state is State.READY else self.state
        self._move(Action.AMEND, target, details={"persons": str(persons)})
        self.persons, self.arrival_on = persons, arrival_on
        self.happened.append(happenings.HouseholdAmended(persons, arrival_on))

    def cancel(self, on: date) -> None:
        """The household will not come; a town that waits for it is told."""
        self._move(Action.CANCEL, State.CANCELLED, details={"ags": self.ags or ""})
        self._drop_draft()
        self.cancelled_on = on
        self.happened.append(happenings.HouseholdCancelled(on, self.ags))

    def propose(self, run_id: UUID, ags: str, *, object_until: date, on: date, fixed: bool = False) -> None:
        """An accepted plan names a town, which has notice and may object; ``fixed``: the planner had named it."""
        self._move(Action.PROPOSE, State.PROPOSED, details={"ags": ags, "run_id": str(run_id)})
        self._name(run_id, ags, object_until, on, fixed=fixed)
        self.happened.append(happenings.AllocationProposed(run_id, ags, self.persons, self.arrival_on, object_until))

    def revise(self, revision: Revision, *, run_id: UUID, object_until: date, fixed: bool = False) -> None:
        """Another town is named, and all that was said about the former one is said anew.

        After a decision the decision holds until two persons sign another. Raises TownExcluded, WrongState.
        """
        self._must_allow(Action.REVISE)
        self._must_not_be_excluded(revision.to_ags)
        former = self.town(Action.REVISE)
        if revision.from_ags != former or revision.to_ags == former:
            raise WrongState("The town is another one by now.", fix="Read the placement again.", field="ags")
        details = {"from_ags": former, "ags": revision.to_ags, "run_id": str(run_id)}
        self._move(Action.REVISE, State.PROPOSED, reason=revision.reason, details=details)
        self._drop_draft()
        self._close_objection(revision)
        self._name(run_id, revision.to_ags, object_until, revision.revised_on, fixed=fixed)
        self.agreed_on = None
        self.proceedings = replace(self.proceedings, revisions=(*self.proceedings.revisions, revision))
        self.happened.append(
            happenings.AllocationRevised(run_id, former, revision.to_ags, revision.reason.value, object_until)
        )

    def erase(self, on: date) -> None:
        """Its personal data is gone; the days and numbers stay. Raises WrongState before it has ended."""
        self._move(Action.ERASE)
        self.erased_on = on
        self.happened.append(happenings.HouseholdErased(on))

    def _name(self, run_id: UUID, ags: str, object_until: date, on: date, *, fixed: bool) -> None:
        self.run_id, self.ags, self.proposed_on, self.object_until = run_id, ags, on, object_until
        self.town_agreed_on, self.fixed = None, fixed
