"""How a service says which events it takes in, one plain function each.

    consumer = Consumer(group="applications")

    @consumer.on(NotificationAnnounced, hold_key=True)
    async def announcement_starts_the_remedy_period(event: NotificationAnnounced, work: ApplicationsWork) -> None: ...

What holds for every handler: it runs in the transaction that also notes the record, so its effects happen once, however
often the record comes; it may run again before that transaction commits, so it does nothing outside of its Work.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kfi_contracts.event import Event

E = TypeVar("E", bound=Event)
W = TypeVar("W")

OneByOne = Callable[[E, W], Awaitable[None]]
WholeBatch = Callable[[Sequence[E], W], Awaitable[None]]


class Unprocessable(Exception):
    """A business rule forbids to act on this event: it is parked with this code, and never tried again by itself."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def reason_of(error: Exception) -> str:
    """A code: that of the rule, or the class of an error nobody expected; never its text, which may quote content."""
    return error.code if isinstance(error, Unprocessable) else f"unexpected:{type(error).__name__}"


@dataclass(frozen=True)
class Subscription:
    """One declared handler. With `hold_key`, later events of a key wait behind one that was parked."""

    event: type[Event]
    handle: Callable[[Any, Any], Awaitable[None]]
    takes_batch: bool
    hold_key: bool


class Consumer:
    """What one consumer group of a service subscribes to. Declared once per module; running it is another object's."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._subscriptions: dict[str, Subscription] = {}

    def on(self, event: type[E], *, hold_key: bool = False) -> Callable[[OneByOne[E, W]], OneByOne[E, W]]:
        """Handle events of a type one by one, in their order per key. Raises ValueError for a second handler."""

        def declare(handle: OneByOne[E, W]) -> OneByOne[E, W]:
            self._declare(Subscription(event, handle, takes_batch=False, hold_key=hold_key))
            return handle

        return declare

    def on_batch(self, event: type[E], *, hold_key: bool = False) -> Callable[[WholeBatch[E, W]], WholeBatch[E, W]]:
        """Handle consecutive events of a type together, for handlers that write in sets.

        The list is in order and not empty. After a failure the same handler gets the events one by one.
        """

        def declare(handle: WholeBatch[E, W]) -> WholeBatch[E, W]:
            self._declare(Subscription(event, handle, takes_batch=True, hold_key=hold_key))
            return handle

        return declare

    def subscription(self, event_type: str) -> Subscription | None:
        """The handler of a CloudEvents type; None when nobody here subscribed to it."""
        return self._subscriptions.get(event_type)

    def topics(self) -> list[str]:
        """The topics to read, each once."""
        return sorted({subscription.event.topic for subscription in self._subscriptions.values()})

    def holds_keys_of(self, topic: str) -> bool:
        """True when some handler of the topic lets later events of a parked key wait."""
        return any(s.hold_key and s.event.topic == topic for s in self._subscriptions.values())

    def _declare(self, subscription: Subscription) -> None:
        event_type = subscription.event.type
        if event_type in self._subscriptions:
            raise ValueError(f"{self.group} has two handlers for {event_type}")
        self._subscriptions[event_type] = subscription
