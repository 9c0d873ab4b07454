"""Watches the domain topics of the running platform, so that the demo can show each event as it happens."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from pydantic import ValidationError

from kfi_contracts import ALL_EVENTS, event_for
from kfi_contracts.cloudevents import CloudEvent, InvalidEnvelope
from kfi_contracts.event import Event
from kfi_contracts.topics import ORDERS
from kfi_stack.errors import StackError

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Seen:
    """An event as it arrived: its envelope, its content, when (monotonic seconds)."""

    envelope: CloudEvent
    event: Event
    at: float


class Observer:
    """Keeps every event of the domain topics, also those from before it started; the sealed topic is not among them.

    What cannot be read as an event is passed over: telling it is the part of the consumers.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.seen: list[Seen] = []

    async def __aenter__(self) -> Self:
        topics = sorted({event.topic for event in ALL_EVENTS} - {ORDERS.name})
        self._consumer.subscribe(topics)
        await self._consumer.start()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        # aiokafka 0.14 lets out of `stop` that it cancelled a fetch which rested after an error, such as a time-out
        # that fell due while nobody ran this loop; only what is its own must not end whoever leaves here.
        await asyncio.gather(self._consumer.stop(), return_exceptions=True)

    async def wait_for(self, what: str, matches: Callable[[Seen], bool]) -> Seen:
        """Returns the first event that matches, seen already or still to come. Raises StackError after 30 s."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
                await self._changed.wait_for(lambda: any(map(matches, self.seen)))
        except TimeoutError:
            raise StackError(
                f"{what} did not come as an event within {PATIENCE_SECONDS:.0f} s: look into the services' logs."
            ) from None
        return next(filter(matches, self.seen))

    async def _watch(self) -> None:
        async for record in self._consumer:
            seen = _seen(record)
            if seen is not None:
                async with self._changed:
                    self.seen.append(seen)
                    self._changed.notify_all()


def _seen(record: ConsumerRecord[bytes, bytes]) -> Seen | None:
    try:
        envelope = CloudEvent.from_kafka(record.headers, record.value)
        model = event_for(envelope.type)
        return None if model is None else Seen(envelope, model.read(envelope.data), monotonic())
    except (InvalidEnvelope, ValidationError):
        return None
