"""Reads records as they came from Kafka: whatever is in them, the answer is a value and never an exception."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from pydantic import ValidationError

from kfi_chassis.broker import Record
from kfi_chassis.subscriptions import Consumer, Subscription
from kfi_contracts.cloudevents import CloudEvent, InvalidEnvelope
from kfi_contracts.event import Event

_UNREADABLE: Final = UUID("6f0c2d0e-2a52-5a54-9d3c-0d8f7f5b8a11")
"""Namespace of the ids given to records whose envelope cannot be read."""


@dataclass(frozen=True)
class Skipped:
    """A record of a type nobody here subscribed to."""

    record: Record


@dataclass(frozen=True)
class Readable:
    """A record that became an event for a handler."""

    record: Record
    id: UUID
    holds_key: bool
    subscription: Subscription
    envelope: CloudEvent
    event: Event

    @property
    def event_id(self) -> UUID:
        """The CloudEvents id."""
        return self.envelope.id

    @property
    def event_type(self) -> str:
        """The CloudEvents type."""
        return self.envelope.type


@dataclass(frozen=True)
class Unreadable:
    """A record that should have become one. The fault is a code and never repeats content."""

    record: Record
    id: UUID
    event_id: UUID | None
    holds_key: bool
    event_type: str | None
    fault: str


Delivery = Skipped | Readable | Unreadable


def read(record: Record, consumer: Consumer) -> Delivery:
    """Tell what a record is to a consumer."""
    event_type = _event_type(record.headers)
    subscription = None if event_type is None else consumer.subscription(event_type)
    if event_type is not None and subscription is None:
        return Skipped(record)
    try:
        envelope = CloudEvent.from_kafka(record.headers, record.value)
    except InvalidEnvelope as invalid:
        fault = str(invalid.reason)
    except Exception as error:  # noqa: BLE001 - a record must not stop its partition, whatever is in it
        fault = f"unreadable:{type(error).__name__}"
    else:
        return _with_data(record, envelope, consumer)
    # of which type it was is unknown or not to be trusted, so it holds its key if anything on the topic does
    return Unreadable(record, _id_of(record), None, consumer.holds_keys_of(record.topic), event_type, fault)


def _with_data(record: Record, envelope: CloudEvent, consumer: Consumer) -> Delivery:
    subscription = consumer.subscription(envelope.type)
    if subscription is None:
        return Skipped(record)
    try:
        event = subscription.event.read(envelope.data)
    except ValidationError as invalid:
        fault = _fault(invalid, subscription.event)
    except Exception as error:  # noqa: BLE001 - see above
        fault = f"undecodable:{type(error).__name__}"
    else:
        return Readable(record, envelope.id, subscription.hold_key, subscription, envelope, event)
    return Unreadable(record, envelope.id, envelope.id, subscription.hold_key, envelope.type, fault)


def _event_type(headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    for name, value in headers:
        if name == "ce_type" and value is not None:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None


def _id_of(record: Record) -> UUID:
    """The same id for the same record at every delivery; the time tells a topic from one made anew under its name."""
    return uuid5(_UNREADABLE, f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}")


def _fault(invalid: ValidationError, event: type[Event]) -> str:
    first = invalid.errors(include_input=False, include_url=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    known = field if field in event.model_fields else "data"
    return f"invalid_data:{known}:{first['type']}"
