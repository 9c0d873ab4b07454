"""The published language of the KfI platform: event models, their envelope and the content of letters."""

from kfi_contracts.catalogue import ALL_EVENTS, event_for
from kfi_contracts.cloudevents import CloudEvent, InvalidEnvelope
from kfi_contracts.event import Event

__all__ = ["ALL_EVENTS", "CloudEvent", "Event", "InvalidEnvelope", "event_for"]
