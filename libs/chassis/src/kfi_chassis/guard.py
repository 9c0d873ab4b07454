"""Stands between Kafka and the handlers: every record gets exactly one outcome, and no exception passes.

A batch is one transaction: inbox, effects, dead letters and outbox together. When it fails for good it is rolled back
and goes record by record, so that one bad record costs only itself. An outage parks nothing: records are given back.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Final, Generic, TypeVar
from uuid import UUID

from kfi_chassis import dead_letters, inbox, logs, tracing
from kfi_chassis.accounts import Outcome, partition_of
from kfi_chassis.broker import Record
from kfi_chassis.cancellation import asked_to_end
from kfi_chassis.cause import Cause
from kfi_chassis.dead_letters import BEHIND_ANOTHER, Key, Poison
from kfi_chassis.deliveries import Delivery, Readable, Skipped, Unreadable, read
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.redaction import conversation
from kfi_chassis.subscriptions import Consumer, Unprocessable, reason_of
from kfi_chassis.transient import Contention, is_outage
from kfi_chassis.work import Transactions, Work

W = TypeVar("W", bound=Work)

_AT_A_TIME: Final = 10


class HandlerEndedError(ConnectionError):
    """A handler let a cancellation or an exit out that nobody asked for; it must not end the consume loop."""


class Guard(Generic[W]):
    """Runs a consumer's handlers over records, whatever is in them and whatever fails."""

    def __init__(self, consumer: Consumer, transactions: Transactions[W], metrics: Metrics) -> None:
        self._consumer = consumer
        self._transactions = transactions
        self._metrics = metrics
        self._actor = SYSTEM(consumer.group)

    async def handle(self, records: Sequence[Record]) -> list[Outcome]:
        """Deal with a batch and tell the outcome of each record. Records of a partition are in their order.

        Raises nothing but the cancellation of its own task, after which nothing of the batch in flight is stored.
        """
        return await self.deal([read(record, self._consumer) for record in records])

    async def read(self, records: Sequence[Record]) -> list[Delivery]:
        """Read a batch ahead, without any effect, a few records at a time: the batch being dealt with goes first."""
        deliveries: list[Delivery] = []
        for begin in range(0, len(records), _AT_A_TIME):
            await asyncio.sleep(0)
            deliveries.extend(read(record, self._consumer) for record in records[begin : begin + _AT_A_TIME])
        return deliveries

    async def deal(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Deal with a batch that was read; as `handle`."""
        try:
            return await self._together(deliveries)
        except Exception as error:  # noqa: BLE001 - the promise of this class
            if _is_to_be_waited_out(error) and not isinstance(error, Contention):
                logs.event("batch_held", level=logging.WARNING, error=error, records=len(deliveries))
                return self._held_from(deliveries, {})
            return await self._one_by_one(deliveries)

    async def _one_by_one(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Each record in a transaction of its own; a held one stops its partition, an outage stops all of them."""
        outcomes: dict[int, Outcome] = {}
        stopped: set[object] = set()
        for index, delivery in enumerate(deliveries):
            if partition_of(delivery.record) in stopped:
                continue
            try:
                outcomes[index] = await self._alone(delivery)
            except Exception as error:  # noqa: BLE001 - whatever cannot even be parked is given back
                logs.event("record_held", level=logging.WARNING, error=error, **_place(delivery.record))
                stopped.add(partition_of(delivery.record))
                if not isinstance(error, Contention):
                    break
        return self._held_from(deliveries, outcomes)

    async def _alone(self, delivery: Delivery) -> Outcome:
        try:
            return (await self._together([delivery]))[0]
        except Exception as error:
            if not isinstance(delivery, Readable) or _is_to_be_waited_out(error):
                raise
            return await self._park(delivery, reason_of(error), error)

    async def _park(self, delivery: Readable, reason: str, error: Exception) -> Outcome:
        poison = _poison(delivery, reason)

        async def use(work: W) -> Outcome:
            if not await inbox.record(work.connection, self._consumer.group, [delivery.id]):
                return Outcome.DUPLICATE
            await dead_letters.park(work.connection, self._consumer.group, [poison])
            return Outcome.PARKED

        outcome = await self._transactions.run(use, actor=self._actor)
        if outcome is Outcome.PARKED:
            _tell(poison, error)
        return outcome

    async def _together(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Deal with records in one transaction, or with none of them."""
        if all(isinstance(delivery, Skipped) for delivery in deliveries):
            return [Outcome.SKIPPED] * len(deliveries)
        try:
            outcomes, parked = await self._transactions.run(
                lambda work: self._transact(deliveries, work), actor=self._actor
            )
        except (asyncio.CancelledError, SystemExit) as ending:
            if asked_to_end():
                raise
            raise HandlerEndedError from ending
        self._observe_age(deliveries, outcomes)
        for poison in parked:
            _tell(poison)
        return outcomes

    async def _transact(self, deliveries: Sequence[Delivery], work: W) -> tuple[list[Outcome], list[Poison]]:
        outcomes, poison = await self._sort(deliveries, work)
        await dead_letters.park(work.connection, self._consumer.group, poison)
        fresh = [d for d, outcome in zip(deliveries, outcomes, strict=True) if outcome is Outcome.HANDLED]
        await run_handlers([delivery for delivery in fresh if isinstance(delivery, Readable)], work)
        return outcomes, poison

    async def _sort(self, deliveries: Sequence[Delivery], work: W) -> tuple[list[Outcome], list[Poison]]:
        """Note the records in the inbox, and tell which are to be handled and which parked, in order."""
        ids = [delivery.id for delivery in deliveries if not isinstance(delivery, Skipped)]
        fresh = await inbox.record(work.connection, self._consumer.group, ids)
        held = await self._held_keys(deliveries, fresh, work)
        outcomes: list[Outcome] = []
        poison: list[Poison] = []
        for delivery in deliveries:
            if isinstance(delivery, Skipped):
                outcomes.append(Outcome.SKIPPED)
                continue
            if delivery.id not in fresh:
                outcomes.append(Outcome.DUPLICATE)
                continue
            fresh.discard(delivery.id)  # a second copy within the batch is a duplicate as well
            letter = _letter_for(delivery, held)
            outcomes.append(Outcome.HANDLED if letter is None else Outcome.PARKED)
            if letter is not None:
                poison.append(letter)
                held |= _keys([delivery])
        return outcomes, poison

    async def _held_keys(self, deliveries: Sequence[Delivery], fresh: set[UUID], work: W) -> set[Key]:
        asked = _keys([d for d in deliveries if not isinstance(d, Skipped) and d.id in fresh])
        return await dead_letters.held_keys(work.connection, self._consumer.group, asked) if asked else set()

    def _held_from(self, deliveries: Sequence[Delivery], outcomes: dict[int, Outcome]) -> list[Outcome]:
        """Complete the outcomes: whatever has none is held, and so is all that follows it in its partition."""
        held: set[object] = set()
        completed = []
        for index, delivery in enumerate(deliveries):
            partition = partition_of(delivery.record)
            known = outcomes.get(index)
            if known is None and isinstance(delivery, Skipped) and partition not in held:
                known = Outcome.SKIPPED
            if known is None or partition in held:
                held.add(partition)
                known = Outcome.HELD
            completed.append(known)
        return completed

    def _observe_age(self, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]) -> None:
        now = time.time()
        oldest: dict[str, float] = {}
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            if isinstance(delivery, Readable) and outcome is Outcome.HANDLED:
                age = now - delivery.envelope.time.timestamp()
                oldest[delivery.record.topic] = max(age, oldest.get(delivery.record.topic, 0.0))
        for topic, age in oldest.items():
            self._metrics.event_age_seconds.labels(topic).observe(age)


async def run_handlers(deliveries: Sequence[Readable], work: Work) -> None:
    """Call the handlers in the order of the records; neighbours of one batch handler go to it together."""
    for subscription, neighbours in groupby(deliveries, key=lambda delivery: delivery.subscription):
        together = list(neighbours)
        for delivery in together[:1] if subscription.takes_batch else together:
            logs.trace.set(delivery.envelope.traceparent)
            logs.handled.set((delivery.id, delivery.envelope.subject))
            with _span(delivery, together) if tracing.on() else tracing.OFF:
                work.follow(Cause.of(delivery.envelope, logs.trace.get()))
                logs.correlation.set(work.correlation_id)
                await subscription.handle(
                    [each.event for each in together] if subscription.takes_batch else delivery.event, work
                )
    logs.handled.set(None)


def _span(delivery: Readable, together: Sequence[Readable]) -> AbstractContextManager[object]:
    """Under the event's own place in its trace; a batch belongs to no single one of them and points to each."""
    attributes = {"event_id": delivery.id, "aggregate_id": conversation(delivery.envelope.subject)}
    is_batch = delivery.subscription.takes_batch and len(together) > 1
    return tracing.span(
        f"process {delivery.event_type}",
        "consumer",
        parent=None if is_batch else delivery.envelope.traceparent,
        links=[each.envelope.traceparent for each in together] if is_batch else (),
        messaging__destination__name=delivery.record.topic,
        messaging__batch__message_count=len(together) if is_batch else None,
        **({} if is_batch else attributes),
    )


def _letter_for(delivery: Readable | Unreadable, held: set[Key]) -> Poison | None:
    """Why a fresh record must be parked without asking a handler; None when it need not be."""
    if isinstance(delivery, Unreadable):
        return _poison(delivery, delivery.fault)
    return _poison(delivery, BEHIND_ANOTHER) if _keys([delivery]) & held else None


def _poison(delivery: Readable | Unreadable, reason: str) -> Poison:
    return Poison(
        record=delivery.record,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        reason=reason,
        holds_key=delivery.holds_key,
    )


def _keys(deliveries: Sequence[Delivery]) -> set[Key]:
    return set(_each_key(deliveries))


def _each_key(deliveries: Sequence[Delivery]) -> Iterator[Key]:
    for delivery in deliveries:
        if not isinstance(delivery, Skipped) and delivery.holds_key and delivery.record.key is not None:
            yield delivery.record.topic, delivery.record.key


def _is_to_be_waited_out(error: Exception) -> bool:
    return is_outage(error) and not isinstance(error, Unprocessable)


def _tell(poison: Poison, error: Exception | None = None) -> None:
    record = poison.record
    key = conversation((record.key or b"").decode(errors="replace"))
    about = {"event_id": str(poison.event_id), "aggregate_id": key}
    with logs.within(handled=None):
        logs.event("record_parked", level=logging.ERROR, error=error, reason=poison.reason, **about, **_place(record))


def _place(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
