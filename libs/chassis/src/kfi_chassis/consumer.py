"""What a service needs to take in events: the declaration for its `consumers.py`, and the object that runs it."""

from kfi_chassis.running_consumer import RunningConsumer
from kfi_chassis.subscriptions import Consumer, Subscription, Unprocessable

__all__ = ["Consumer", "RunningConsumer", "Subscription", "Unprocessable"]
