"""A webhook endpoint of a town: where it stands in the feed, how often it failed, and when it ends.

Events go one after the other, in the order of the feed; one that fails is tried again before the next. What is given up
after three days stays in the log and can be replayed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kfi_allocation.domain.doors.retries import DISABLED_AFTER, delay_after
from kfi_allocation.domain.errors import RuleBroken

MOST_PER_TOWN: Final = 10


class EndpointState(StrEnum):
    """Whether events go to the endpoint."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Ending(StrEnum):
    """Why an endpoint is disabled."""

    GONE = "gone"
    FAILING = "failing"
    BY_HAND = "by_hand"


class Outcome(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    GONE = "gone"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    ADDRESS_REFUSED = "address_refused"
    NOT_TRUSTED = "not_trusted"


class Next(StrEnum):
    """What follows from an attempt."""

    ONWARD = "onward"
    RETRY = "retry"
    GIVEN_UP = "given_up"
    DISABLED = "disabled"


class TooManyWebhooks(RuleBroken):
    """A town has at most ten endpoints."""

    code = "too-many-webhooks"
    title = "Too many webhooks"


class WebhookDisabled(RuleBroken):
    """Nothing goes to a disabled endpoint."""

    code = "webhook-disabled"
    title = "The webhook is disabled"


class ReplayRunning(RuleBroken):
    """A range is being replayed to this endpoint; the next one waits until it is through."""

    code = "webhook-replay-running"
    title = "A replay is running"


@dataclass
class Endpoint:
    """One endpoint. `position` is the last event that was dealt with; a replay goes before what is new."""

    id: UUID
    ags: str
    version: int
    url: str
    state: EndpointState
    ending: Ending | None
    position: int
    failures: int
    due_at: datetime | None
    failing_since: datetime | None
    replay_next: int | None = None
    replay_through: int | None = None

    @property
    def next_position(self) -> int:
        """The position that is sent next."""
        return self.position + 1 if self.replay_next is None else self.replay_next

    def is_due(self, last_position: int, now: datetime) -> bool:
        """Whether something is to be sent at this moment."""
        waits = self.replay_next is not None or self.position < last_position
        return self.state is EndpointState.ACTIVE and waits and (self.due_at is None or self.due_at <= now)

    def note(self, outcome: Outcome, now: datetime, chance: float) -> Next:
        """Take in what became of an attempt."""
        if outcome is Outcome.DELIVERED:
            self.failing_since = None
            self._go_on()
            return Next.ONWARD
        self.failures += 1
        self.failing_since = self.failing_since or now
        if outcome is Outcome.GONE:
            return self.disable(Ending.GONE)
        if now - self.failing_since >= DISABLED_AFTER:
            return self.disable(Ending.FAILING)
        delay = delay_after(self.failures, chance)
        if delay is None:
            self._go_on()
            return Next.GIVEN_UP
        self.due_at = now + delay
        return Next.RETRY

    def skip_to(self, first_kept: int) -> None:
        """Pass over what the feed does not hold any more."""
        if self.replay_next is not None and self.replay_next < first_kept:
            self.replay_next = first_kept
            self._end_replay()
        self.position = max(self.position, first_kept - 1)

    def disable(self, ending: Ending) -> Next:
        """Send nothing any more; what is in the feed waits for its activation."""
        self.state, self.ending, self.due_at = EndpointState.DISABLED, ending, None
        return Next.DISABLED

    def activate(self) -> None:
        """Send again, from where it stands, at once; also for one that waits for its next attempt."""
        self.state, self.ending = EndpointState.ACTIVE, None
        self.failures, self.due_at, self.failing_since = 0, None, None

    def replay(self, first: int, last: int) -> None:
        """Send a range once more, before what is new. Raises WebhookDisabled, ReplayRunning."""
        if self.state is EndpointState.DISABLED:
            raise WebhookDisabled("Nothing is sent to this endpoint.", fix="Activate it first.")
        if self.replay_next is not None:
            raise ReplayRunning("A replay is not through yet.", fix="Wait until it is, then ask for the next.")
        self.replay_next, self.replay_through = first, min(last, self.position)
        self._end_replay()
        self.failures, self.due_at = 0, None

    def _go_on(self) -> None:
        self.failures, self.due_at = 0, None
        if self.replay_next is None:
            self.position += 1
        else:
            self.replay_next += 1
            self._end_replay()

    def _end_replay(self) -> None:
        if self.replay_next is not None and self.replay_through is not None and self.replay_next > self.replay_through:
            self.replay_next = self.replay_through = None
