"""A notification on its way: ordered, prepared, dispatched, announced, its remedy period over; or failed.

A letter through an inbox is provided there and retrieved; what is not retrieved in time goes by post like any other.

Every change is a method that says what must be true before it; events carry their number, from 1 without gaps.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationOrdered,
    NotificationRecalled,
    NotificationReturned,
    RecallReason,
    RemedyPeriodEnded,
    ReturnReason,
)
from kfi_law.announcement import last_day_for_retrieval
from kfi_law.errors import NotRetrievedInTime
from kfi_law.remedies import RemedyPeriod, final_from
from kfi_law.traces import trace_to_json
from kfi_notifications.domain.announcement import period_after, period_after_retrieval


class State(StrEnum):
    """How far a notification has come."""

    ORDERED = "ordered"
    PREPARED = "prepared"
    DISPATCHED = "dispatched"
    ANNOUNCED = "announced"
    REMEDY_PERIOD_ENDED = "remedy-period-ended"
    FAILED = "failed"
    HANDED_OVER = "handed-over"
    """In a print batch; only the print room knows when it is posted."""
    RECALLED = "recalled"
    """Stopped by a person before it left."""
    RETURNED = "returned"
    """The post brought it back: it was never announced."""
    COVERED = "covered"
    """An e-mail that is not sent: the letter it points to lies in an inbox and brings a notice of its own."""
    PROVIDED = "provided"
    """In the inbox, and the organisation was told that a message waits."""
    RETRIEVED = "retrieved"
    NOT_RETRIEVED = "not-retrieved"
    """The ten days are over; it goes by post."""


STILL_HERE: Final = frozenset({State.ORDERED, State.PREPARED, State.NOT_RETRIEVED})
"""Where a notification can be held back and recalled."""
_BEFORE_THE_HAND_OVER: Final = frozenset({State.PREPARED, State.NOT_RETRIEVED})
_POSTED: Final = frozenset({State.DISPATCHED, State.ANNOUNCED, State.REMEDY_PERIOD_ENDED})


class WrongState(Exception):
    """The notification is not where this step begins."""

    def __init__(self, state: State) -> None:
        super().__init__(f"not in state {state}")


class AlreadyHandedOver(WrongState):
    """It has left the house: what it says can be corrected by another letter alone."""


class NeverPosted(WrongState):
    """It was not posted, or is back already: nothing of it can come back."""


class ReturnedBeforePosting(ValueError):
    """A letter comes back after it was posted, and not in the future."""


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
    organisation: str | None = None
    through_inbox: bool = False
    provided_on: date | None = None
    retrieve_by: date | None = None
    """The last day on which retrieving it announces it."""
    retrieved_on: date | None = None
    version: int = 0
    sequence: int = 0
    recorded: list[tuple[int, Event]] = field(default_factory=list)
    """Events of this transaction with their numbers; the repository takes them."""

    @classmethod
    def accept(cls, order: NotificationOrdered, *, on: date, consented: bool = False) -> "Notification":
        """Take an order as it came, its content still sealed.

        Where the organisation has consented, a letter goes to its inbox, and the e-mail that points to it is covered.
        """
        ordered = order.model_dump(exclude={"notification_id", "accompanies"})
        through_inbox = consented and order.organisation is not None and order.channel is Channel.LETTER
        taken = cls(id=order.notification_id, accepted_on=on, through_inbox=through_inbox, **ordered)
        if consented and order.channel is Channel.EMAIL and order.accompanies is not None:
            taken.state, taken.content = State.COVERED, None
        return taken

    def prepare(self) -> None:
        """Its document is made and kept. Raises WrongState."""
        self._move(State.PREPARED, since={State.ORDERED})

    def hand_over(self) -> None:
        """It lies in a print batch, for the first time or once more; nothing is counted yet. Raises WrongState."""
        self._move(State.HANDED_OVER, since={*_BEFORE_THE_HAND_OVER, State.HANDED_OVER})
        self.content = None

    def dispatch(self, on: date) -> RemedyPeriod | None:
        """It left the house on that day; the period of an act begins to be counted. Raises WrongState."""
        self._move(State.DISPATCHED, since={*_BEFORE_THE_HAND_OVER, State.HANDED_OVER})
        self.dispatched_on, self.content = on, None
        self._record(NotificationDispatched, dispatched_on=on)
        if self.legal_effect is LegalEffect.NONE:
            return None
        period = period_after(self.channel, on)
        self.period_trace = trace_to_json(period.final_from.steps)
        return period

    def provide(self, on: date) -> date:
        """It lies in the inbox, and the organisation was told on that day; the last day for it. Raises WrongState."""
        self._move(State.PROVIDED, since={State.PREPARED})
        self.provided_on = self.dispatched_on = on
        self.content = None
        self.retrieve_by = last_day_for_retrieval(on).value
        self._record(NotificationDispatched, dispatched_on=on, through_inbox=True)
        return self.retrieve_by

    def post_instead(self) -> None:
        """Nobody can be told that it waits: it will be posted. Raises WrongState once somebody was told."""
        self._move(State.PREPARED, since={State.PREPARED})
        self.through_inbox = False

    def retrieve(self, on: date) -> RemedyPeriod | None:
        """The organisation takes it out of its inbox; the period of an act begins to be counted.

        Raises NotRetrievedInTime after the last day for it, WrongState where it was retrieved before or is not there.
        """
        provided_on, last_day = self.provided_on, self.retrieve_by
        if provided_on is None or last_day is None or self.state not in {State.PROVIDED, State.NOT_RETRIEVED}:
            raise WrongState(self.state)
        if on > last_day or self.state is State.NOT_RETRIEVED:
            raise NotRetrievedInTime(f"It could be retrieved until {last_day}; it goes by post.")
        self._move(State.RETRIEVED, since={State.PROVIDED})
        self.retrieved_on = on
        if self.legal_effect is LegalEffect.NONE:
            return None
        period = period_after_retrieval(provided_on, on)
        self.period_trace = trace_to_json(period.final_from.steps)
        return period

    def not_retrieved(self) -> None:
        """Its last day in the inbox has passed: nothing is announced that way, it goes by post. Raises WrongState."""
        self._move(State.NOT_RETRIEVED, since={State.PROVIDED})
        self.through_inbox = False
        self._record(NotificationNotAnnounced, provided_on=self.provided_on, last_day=self.retrieve_by)

    def announce(self) -> RemedyPeriod:
        """The act counts as announced; the remedy period runs. Raises WrongState."""
        period = self._period()
        self._move(State.ANNOUNCED, since={State.DISPATCHED, State.RETRIEVED})
        self.announced_on, self.remedy_ends_on = period.announced.value, period.latest_last_day.value
        facts = {"announced_on": self.announced_on, "remedy_ends_on": self.remedy_ends_on}
        self._record(NotificationAnnounced, **facts, through_inbox=self.through_inbox)
        return period

    def _period(self) -> RemedyPeriod:
        if self.dispatched_on is None:
            raise WrongState(self.state)
        if not self.through_inbox:
            return period_after(self.channel, self.dispatched_on)
        if self.retrieved_on is None:
            raise WrongState(self.state)
        return period_after_retrieval(self.dispatched_on, self.retrieved_on)

    def end_remedy_period(self) -> None:
        """Nobody can bring an action any more; whether one is pending only the orderer knows. Raises WrongState."""
        announced_on, last_day = self.announced_on, self.remedy_ends_on
        if announced_on is None or last_day is None:
            raise WrongState(self.state)
        self._move(State.REMEDY_PERIOD_ENDED, since={State.ANNOUNCED})
        self._record(RemedyPeriodEnded, announced_on=announced_on, last_day=last_day, ended_on=final_from(last_day))

    def fail(self, reason: FailureReason) -> None:
        """It will never leave the house; a person has to act. Raises WrongState once it has left or was retrieved."""
        if self.state not in STILL_HERE | {State.PROVIDED}:
            raise WrongState(self.state)
        self.state, self.failure, self.content = State.FAILED, reason, None
        self._record(NotificationFailed, reason=reason, final=True)

    @property
    def was_posted(self) -> bool:
        """Whether it went by post and is not back."""
        return self.state in _POSTED and self.channel is Channel.LETTER and not self.through_inbox

    def recall(self, reason: RecallReason, on: date) -> None:
        """A person stops it; it will never leave the house. Raises AlreadyHandedOver once it has left or failed."""
        if self.state not in STILL_HERE:
            raise AlreadyHandedOver(self.state)
        self.state, self.content = State.RECALLED, None
        self._record(NotificationRecalled, recalled_on=on, reason=reason)

    def come_back(self, reason: ReturnReason, on: date, *, today: date) -> None:
        """The post brought it back: it does not count as announced, neither did it before.

        § 41 (2) S. 3 VwVfG NRW. Raises NeverPosted, ReturnedBeforePosting.
        """
        if not self.was_posted:
            raise NeverPosted(self.state)
        if self.dispatched_on is None or not self.dispatched_on <= on <= today:
            raise ReturnedBeforePosting
        facts = {"dispatched_on": self.dispatched_on, "announced_on": self.announced_on}
        self.state, self.announced_on, self.remedy_ends_on = State.RETURNED, None, None
        self._record(NotificationReturned, **facts, returned_on=on, reason=reason)

    def _move(self, to: State, *, since: Set[State]) -> None:
        if self.state not in since:
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
