"""What may happen to a case before it is decided, beside its way: it is withdrawn, or may begin early."""

from dataclasses import dataclass
from datetime import date

from kfi_applications.domain.case_record import CaseRecord, Happening
from kfi_applications.domain.decision import Proposal
from kfi_applications.domain.early_start import EarlyStart
from kfi_applications.domain.errors import AlreadyDecided, DateNotPossible, WrongState
from kfi_applications.domain.states import DECIDED, Action, State


@dataclass
class BeforeDecision(CaseRecord):
    """A case that nobody has signed yet."""

    def withdraw(self, received_on: date, *, today: date) -> Proposal | None:
        """The applicant takes the application back; the proposal whose money is to be released, if any was reserved.

        Raises AlreadyDecided once it is signed, DateNotPossible, WrongState.
        """
        self._must_not_be_decided("taken back")
        self._must_allow(Action.WITHDRAW)
        self._must_be_possible("received_on", received_on, today, not_before=self.filed_on)
        reserved = self.state is State.FUNDS_RESERVED or (
            self.state is State.SECOND_CHECK and self.proposal is not None and not self.proposal.is_rejection
        )
        self._move(Action.WITHDRAW, State.WITHDRAWN, details={"received_on": received_on.isoformat()})
        self.withdrawn_on = received_on
        self.happened.append(Happening.WITHDRAWN)
        return self.proposal if reserved else None

    def permit_early_start(self, begins_on: date, *, by: str, today: date) -> None:
        """The project may begin before the decision, from a day on; no claim follows from it (Nr. 1.3 VV zu § 44 LHO).

        Raises AlreadyDecided, DateNotPossible for a day that is over or a project that began before, WrongState.
        """
        self._must_not_be_decided("begun early")
        self._must_allow(Action.PERMIT_EARLY_START)
        if self.early_start is not None:
            raise WrongState("The early start is permitted already.", fix="Read the case; it says from which day on.")
        begun_on = self.project.begun_on
        last = self.project.period_to if begun_on is None else begun_on
        if not today <= begins_on <= last:
            raise DateNotPossible(
                f"The day must lie between {today} and {last}: a permission never reaches back.",
                fix="Correct the date; a project that has begun already cannot be permitted to.",
                field="begins_on",
            )
        self._move(Action.PERMIT_EARLY_START, self.state, details={"begins_on": begins_on.isoformat()})
        self.early_start = EarlyStart(begins_on, today, by)

    def _must_not_be_decided(self, what: str) -> None:
        if self.state in DECIDED:
            raise AlreadyDecided(
                f"The application is decided; it cannot be {what} any more.",
                fix="Wait for the letter; it says what can be done against the decision.",
            )
