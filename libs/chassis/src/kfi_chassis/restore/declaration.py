"""How a service brings its aggregates to where its own events say they are, after its database was set back.

    recovery = Recovery()

    @recovery.on(NotificationDispatched)
    async def it_has_left(event: NotificationDispatched, past: Past, work: NotificationsWork) -> Left | None: ...

An event that was published is the truth: others have acted on it, and it cannot be unsent. The function changes the
aggregate in the given transaction and records nothing new; an event it records again by its usual code must come out as
the published one. It raises whatever its rules raise when the aggregate is not there yet: it is then called once more,
after what else there is. It returns `Left` when a person has to add what the event does not tell.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Left:
    """What is left to a person: a code, under which the event is put on the desk of the dead letters."""

    code: str


@dataclass(frozen=True)
class Past:
    """What is known of the event at hand, and what else the service had published by then."""

    envelope: CloudEvent
    published: tuple[Event, ...]

    @property
    def sequence(self) -> int:
        """The number of the event, which the aggregate has reached with it."""
        return self.envelope.sequence

    def all(self, kind: type[E]) -> Iterable[E]:
        """All events of a kind that the service has published since the time the database was set back to."""
        return (event for event in self.published if isinstance(event, kind))


Rebuild = Callable[[E, Past, Any], Awaitable[Left | None]]
Afterwards = Callable[[Any], Awaitable[list[str]]]


class Recovery:
    """What a service can rebuild from its own events; declared once per service."""

    def __init__(self) -> None:
        self._rebuilders: dict[str, Rebuild[Any]] = {}
        self.last_step: Afterwards | None = None

    def on(self, event: type[E]) -> Callable[[Rebuild[E]], Rebuild[E]]:
        """Rebuild an aggregate from events of a type."""

        def declare(rebuild: Rebuild[E]) -> Rebuild[E]:
            self._rebuilders[event.type] = rebuild
            return rebuild

        return declare

    def afterwards(self, step: Afterwards) -> Afterwards:
        """Look last, in a transaction of its own, at what the outside shows besides events; returns what was found."""
        self.last_step = step
        return step

    def rebuilder(self, event_type: str) -> Rebuild[Any] | None:
        """The function for events of a type; None when the service declares none."""
        return self._rebuilders.get(event_type)
