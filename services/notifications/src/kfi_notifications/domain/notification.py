"""A notification on its way: ordered, prepared, dispatched, announced, its remedy period over; or failed.

Every change is a method that says what must be true before it; events carry their number, from 1 without gaps.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationOrdered,
    RemedyPeriodEnded,
)
from kfi_law.remedies import RemedyPeriod, final_from
from kfi_law.traces import trace_to_json
from kfi_notifications.domain.announcement import period_after


class State(StrEnum):
    """How far a notification has come."""

    ORDERED = "ordered"
    PREPARED = "prepared"
    DISPATCHED = "dispatched"
    ANNOUNCED = "announced"
    REMEDY_PERIOD_ENDED = "remedy-period-ended"
    FAILED = "failed"


class WrongState(Exception):
    """The notification is not where this step begins."""

    def __init__(self, state: State) -> None:
        super().__init__(f"not in state {state}")


@dataclass
class Notification:
    """One letter or e-mail to one addressee, as it was ordered and what became of it."""

    id: UUID
    ordered_by: str
    concerns: UUID
    act_id: UUID | None
    channel: Channel
    legal_effect: LegalEffect
    template: str
    template_version: int
    language: str
    not_before: date | None
    content_digest: str
    content: str | None
    """The sealed content; none once the notification has left or failed."""
    accepted_on: date
    state: State = State.ORDERED
    dispatched_on: date | None = None
    announced_on: date | None = None
    remedy_ends_on: date | None = None
    period_trace: str | None = None
    """How the period was computed, recomputable without this service (kfi_law)."""
    failure: FailureReason | None = None
    version: int = 0
    sequence: int = 0
    recorded: list[tuple[int, Event]] = field(default_factory=list)
    """Events of this transaction with their numbers; the repository takes them."""

    @classmethod
    def accept(cls, order: NotificationOrdered, *, on: date) -> "Notification":
        """Take an order as it came, its content still sealed."""
        ordered = order.model_dump(exclude={"notification_id"})
        return cls(id=order.notification_id, accepted_on=on, **ordered)

    def prepare(self) -> None:
        """Its document is made and kept. Raises WrongState."""
        self._move(State.PREPARED, since=State.ORDERED)

    def dispatch(self, on: date) -> RemedyPeriod | None:
        """It left the house on that day; the period of an act begins to be counted. Raises WrongState."""
        self._move(State.DISPATCHED, since=State.PREPARED)
        self.dispatched_on, self.content = on, None
        self._record(NotificationDispatched, dispatched_on=on)
        if self.legal_effect is LegalEffect.NONE:
            return None
        period = period_after(self.channel, on)
        self.period_trace = trace_to_json(period.final_from.steps)
        return period

    def announce(self) -> RemedyPeriod:
        """The act counts as announced; the remedy period runs. Raises WrongState."""
        dispatched_on = self.dispatched_on
        if dispatched_on is None:
            raise WrongState(self.state)
        self._move(State.ANNOUNCED, since=State.DISPATCHED)
        period = period_after(self.channel, dispatched_on)
        self.announced_on, self.remedy_ends_on = period.announced.value, period.latest_last_day.value
        self._record(NotificationAnnounced, announced_on=self.announced_on, remedy_ends_on=self.remedy_ends_on)
        return period

    def end_remedy_period(self) -> None:
        """Nobody can bring an action any more; whether one is pending only the orderer knows. Raises WrongState."""
        announced_on, last_day = self.announced_on, self.remedy_ends_on
        if announced_on is None or last_day is None:
            raise WrongState(self.state)
        self._move(State.REMEDY_PERIOD_ENDED, since=State.ANNOUNCED)
        self._record(RemedyPeriodEnded, announced_on=announced_on, last_day=last_day, ended_on=final_from(last_day))

    def fail(self, reason: FailureReason) -> None:
        """It will never leave the house; a person has to act. Raises WrongState once it has left."""
        if self.state not in {State.ORDERED, State.PREPARED}:
            raise WrongState(self.state)
        self.state, self.failure, self.content = State.FAILED, reason, None
        self._record(NotificationFailed, reason=reason, final=True)

    def _move(self, to: State, *, since: State) -> None:
        if self.state is not since:
            raise WrongState(self.state)
        self.state = to

    def _record(self, event: type[Event], **facts: object) -> None:
        self.sequence += 1
        common = {
            "notification_id": self.id,
            "ordered_by": self.ordered_by,
            "concerns": self.concerns,
            "act_id": self.act_id,
        }
        if "channel" in event.model_fields:
            facts["channel"] = self.channel
        self.recorded.append((self.sequence, event(**common, **facts)))
