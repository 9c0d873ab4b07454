"""Events that come in."""

from kfi_chassis.consumer import Consumer

consumer = Consumer(group="allocation")
