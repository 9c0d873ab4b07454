"""Why something happens: the conversation it belongs to, the event before it, and the trace that shows both."""

from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from kfi_contracts.cloudevents import CloudEvent


@dataclass(frozen=True)
class Cause:
    """What a transaction follows from; every event and audit row it writes carries it on."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None

    @classmethod
    def begin(
        cls, correlation_id: str | None = None, causation_id: str | None = None, traceparent: str | None = None
    ) -> Self:
        """Take up a conversation, or begin a new one when there is no id."""
        return cls(correlation_id or str(uuid4()), causation_id, traceparent)

    @classmethod
    def of(cls, envelope: CloudEvent, traceparent: str | None = None) -> Self:
        """What follows from an event: its conversation and trace go on, it is itself the cause.

        `traceparent` is the place in the trace where the event is handled, if that is known.
        """
        place = traceparent or envelope.traceparent
        return cls(envelope.correlationid or str(envelope.id), str(envelope.id), place)
