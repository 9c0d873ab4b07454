"""A stop of reception (Überlastungsanzeige): the town asks with dates and a reason, a planner approves or refuses."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.refusals import SettledAlready
from kfi_allocation.domain.towns.capacity import days_must_follow


class StopReason(StrEnum):
    """Why a town cannot take anybody for a time."""

    HOUSING = "housing"
    SCHOOLS_AND_CARE = "schools-and-care"
    STAFF = "staff"
    OTHER_ARRIVALS = "other-arrivals"
    EMERGENCY = "emergency"


class RefusalReason(StrEnum):
    """Why a stop is not approved."""

    QUOTA_NOT_FULFILLED = "quota-not-fulfilled"
    CAPACITY_IS_FREE = "capacity-is-free"
    NOT_SUBSTANTIATED = "not-substantiated"
    TOO_LONG = "too-long"


class StopState(StrEnum):
    """Where a stop stands; only an approved one counts."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


class StopStep(StrEnum):
    """What is done to a stop; the last part of its address, and the action of its audit row."""

    ASK = "ask"
    APPROVE = "approval"
    REFUSE = "refusal"
    END = "end"


@dataclass
class Stop:
    """Nobody new from `first_day` to `last_day`, if it is approved; `ended_on`: the town takes people again."""

    id: UUID
    ags: str
    first_day: date
    last_day: date
    reason: StopReason
    asked_on: date
    state: StopState = StopState.ASKED
    decided_by: str | None = None
    decided_on: date | None = None
    refused_because: RefusalReason | None = None
    ended_on: date | None = None
    version: int = 0
    steps: list[StopStep] = field(default_factory=list)

    @classmethod
    def ask(cls, stop_id: UUID, ags: str, *, first_day: date, last_day: date, reason: StopReason, on: date) -> "Stop":
        """The town asks. Raises DateNotPossible for days in the wrong order, or a stop that would be over already."""
        days_must_follow(first_day, last_day, "last_day")
        if last_day < on:
            raise DateNotPossible("The stop would be over already.", fix="Correct the days.", field="last_day")
        stop = cls(stop_id, ags, first_day, last_day, reason, on)
        stop._note(StopStep.ASK)
        return stop

    def approve(self, *, by: str, on: date) -> None:
        """From now on it counts. Raises SettledAlready."""
        self._decide(StopState.APPROVED, by, on, StopStep.APPROVE)

    def refuse(self, *, by: str, on: date, because: RefusalReason) -> None:
        """It never counts. Raises SettledAlready."""
        self._decide(StopState.REFUSED, by, on, StopStep.REFUSE)
        self.refused_because = because

    def end(self, on: date) -> None:
        """The town takes people again from this day on, or takes its request back. Raises SettledAlready."""
        if self.state not in (StopState.ASKED, StopState.APPROVED):
            raise SettledAlready(f"The stop is {self.state} already.", fix="Ask for another one where it is needed.")
        self.state, self.ended_on = StopState.ENDED, on
        self._note(StopStep.END)

    def counts_on(self, day: date) -> bool:
        """Whether nobody new may come on that day because of it."""
        last = self.last_day if self.ended_on is None else min(self.last_day, _day_before(self.ended_on))
        was_approved = self.decided_by is not None and self.state in (StopState.APPROVED, StopState.ENDED)
        return was_approved and self.first_day <= day <= last

    def allowed(self, *, decides: bool) -> tuple[StopStep, ...]:
        """The steps open to a planner, or else to the town, now."""
        if self.state is StopState.ASKED:
            return (StopStep.APPROVE, StopStep.REFUSE) if decides else (StopStep.END,)
        return (StopStep.END,) if self.state is StopState.APPROVED and not decides else ()

    def _decide(self, state: StopState, by: str, on: date, step: StopStep) -> None:
        if self.state is not StopState.ASKED:
            raise SettledAlready(f"The stop is {self.state} already.", fix="Read it again.")
        self.state, self.decided_by, self.decided_on = state, by, on
        self._note(step)

    def _note(self, step: StopStep) -> None:
        self.version += 1
        self.steps.append(step)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
