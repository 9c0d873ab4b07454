"""A consumer at work: takes batches from Kafka, has the guard deal with them, commits what is dealt with.

What is held is given back and its partition paused for a while; polling goes on meanwhile, so the group sees a living
member and rebalances nothing. When partitions move, a batch in flight is waited for.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from kfi_chassis import dead_letters, logs
from kfi_chassis.accounts import Outcome
from kfi_chassis.assignment import FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS, Assignment
from kfi_chassis.broker import KafkaSettings, Records, make_broker, subscribe
from kfi_chassis.guard import Guard
from kfi_chassis.in_flight import Batch, InFlight
from kfi_chassis.ledger import Ledger
from kfi_chassis.metrics import Metrics
from kfi_chassis.subscriptions import Consumer
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

W = TypeVar("W", bound=Work)

_START_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0
_MOST_CRASHES: Final = 10


class RunningConsumer(ConsumerRebalanceListener, Generic[W]):  # type: ignore[misc]
    """One member of a consumer group."""

    def __init__(
        self,
        consumer: Consumer,
        transactions: Transactions[W],
        settings: KafkaSettings,
        metrics: Metrics,
        *,
        grace_seconds: float = 20.0,
    ) -> None:
        self._ledger = Ledger(consumer.group, metrics)
        self.accounts = self._ledger.accounts
        self._consumer = consumer
        self._transactions = transactions
        self._settings = settings
        self._metrics = metrics
        self._grace_seconds = grace_seconds
        self._guard = Guard(consumer, transactions, metrics)
        self._broker: KafkaBroker | None = None
        self._subscriber: BatchSubscriber | None = None
        self._assignment = Assignment(accounts=self.accounts)
        self._open = False
        self._leaving = False
        self._in_flight = InFlight()
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy = 0
        self._busy_since = 0.0
        self._alive_at = 0.0
        self._own_stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin in the background; a broker that is away is waited for there."""
        self._own_stop.clear()
        self._task = asyncio.create_task(self.run(self._own_stop))

    async def stop(self) -> None:
        """Finish the batch in flight and leave; a static member's partitions wait for its return."""
        self._own_stop.set()
        if self._task is not None:
            await self._task

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop, then finish the batch in flight."""
        self._seen_alive(time.time())
        for topic in self._consumer.topics():
            self._metrics.event_age_seconds.labels(topic)
        pause = FIRST_DELAY_SECONDS
        try:
            while not stop.is_set() and not await self._opened():
                await _wait(stop, pause)
                pause = min(pause * 2, LONGEST_DELAY_SECONDS)
            while not stop.is_set():
                await self._look_after()
                await _wait(stop, _LOOK_SECONDS)
        finally:
            await asyncio.shield(self._close())

    def progressing(self) -> bool:
        """False when the consume task has ended, or a batch takes longer than a member may be silent; liveness asks."""
        busy = 0.0 if self._idle.is_set() else time.monotonic() - self._busy_since
        in_time = busy < self._settings.consumer_max_poll_interval_ms / 1000
        return in_time and (self._polling() or not self._open)

    async def details(self) -> Mapping[str, Any]:
        """What operators want to know: partitions, their accounts, what is paused and how far behind it is."""
        assignment = self._assignment
        return {
            "group": self._consumer.group,
            "instance": self._settings.instance,
            "polling": self._polling(),
            "last_heard_seconds_ago": _ago(self._alive_at or None),
            "last_commit_seconds_ago": _ago(assignment.committed_at),
            "assigned": len(assignment.partitions),
            "paused": sorted(f"{p.topic}/{p.partition}" for p in assignment.paused),
            "partitions": {
                f"{partition.topic}/{partition.partition}": {
                    "polled": account.polled,
                    **{outcome.value: account.outcomes[outcome] for outcome in Outcome},
                    "committed": account.committed,
                    "lag": assignment.lag(partition),
                }
                for partition, account in self.accounts.items()
                if partition in assignment.partitions
            },
        }

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's
        """Let the batch in flight end while its partitions are still ours, for half the time the group waits."""
        self._assignment.leaving = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.consumer_session_timeout_ms / 2000):
                await self._idle.wait()
        self._assignment.end()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take partitions on; whatever was paused before is not paused now."""
        self._assignment.end()
        kafka = None if self._subscriber is None else self._subscriber.consumer
        self._assignment = Assignment(kafka, assigned, accounts=self.accounts)
        self._metrics.consumer_lag.clear()  # of what another member has now, this one knows nothing any more
        self._ledger.begin_at_zero(self._assignment.partitions)
        count = len(self._assignment.partitions)
        self._metrics.consumer_assigned_partitions.labels(self._consumer.group).set(count)
        await self._assignment.learn_where_it_goes_on()
        logs.event("partitions_assigned", group=self._consumer.group, partitions=count)

    async def receive(self, records: Records) -> None:
        """Read a batch while the one before it is in its transaction, then begin with it and let the next be polled."""
        assignment = self._assignment
        deliveries = await self._guard.read(records)
        in_order = False
        try:
            in_order = await self._in_flight.turn()
        finally:
            begins = in_order and not assignment.leaving and not self._leaving
            if not begins:
                assignment.hand_back(records)
        if begins:
            self._in_flight.begin(lambda batch: self._deal(records, self._guard.deal(deliveries), assignment, batch))

    async def take(self, records: Records) -> None:
        """Deal with one batch: all accounted for, then committed or given back. Raises only its own cancellation."""
        await self._deal(records, self._guard.handle(records), self._assignment, Batch())

    async def _deal(
        self, records: Records, dealing: Awaitable[list[Outcome]], assignment: Assignment, batch: Batch
    ) -> None:
        outcomes = [Outcome.HELD] * len(records)
        self._begin(records)
        try:
            try:
                outcomes = await dealing
            finally:
                self._conclude(records, outcomes, assignment, batch)
            await assignment.commit()
        finally:
            self._end()

    def _conclude(self, records: Records, outcomes: Sequence[Outcome], assignment: Assignment, batch: Batch) -> None:
        """Account for a batch and give back what it holds; only then may the next one begin."""
        try:
            self._ledger.settle(records, outcomes)
            assignment.settle(records, outcomes)
        finally:
            self._ledger.measure_unaccounted(records)
            batch.end(held=Outcome.HELD in outcomes)

    def _begin(self, records: Records) -> None:
        self._busy_since = time.monotonic()
        self._busy += 1
        self._idle.clear()
        self._ledger.polled(records)

    def _end(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._idle.set()
        self._seen_alive(time.time())

    async def _opened(self) -> bool:
        """Start the clients; false when the broker is dead or frozen, with nothing left behind."""
        self._leaving = False
        self._broker = make_broker(self._settings, grace_seconds=self._grace_seconds)
        self._subscriber = subscribe(
            self._broker,
            self._consumer.topics(),
            self.receive,
            self._settings,
            group=self._consumer.group,
            listener=self,
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._broker.start()
        except (KafkaError, OSError, TimeoutError) as error:
            logs.event("consumer_waits_for_broker", level=logging.WARNING, error=error)
            await self._close()
            return False
        self._open = True
        return True

    async def _close(self) -> None:
        """Finish what is in flight while its offsets can still be committed, then leave."""
        broker, self._broker = self._broker, None
        self._leaving = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace_seconds):
                await self._idle.wait()
        await self._in_flight.cancel(_STOP_SECONDS)
        if broker is not None:
            with suppress(TimeoutError, KafkaError, OSError):
                async with asyncio.timeout(self._grace_seconds + _STOP_SECONDS):
                    await broker.stop()
        self._assignment.end()
        self._subscriber = None
        self._open = False

    async def _look_after(self) -> None:
        """Once a second: commit what could not be committed, measure, and say when nobody consumes any more."""
        group, assignment = self._consumer.group, self._assignment
        if not self._polling():
            logs.event("consume_task_ended", level=logging.CRITICAL, group=group)
            return
        await assignment.commit()
        failed, assignment.failed_commits = assignment.failed_commits, 0
        self._metrics.consumer_commit_failures_total.labels(group).inc(failed)
        if self._idle.is_set():
            self._seen_alive(assignment.last_heard() if assignment.partitions else time.time())
        self._metrics.consumer_paused_partitions.labels(group).set(len(assignment.paused))
        for partition in assignment.partitions:
            lag = assignment.lag(partition)
            if lag is not None:
                self._metrics.consumer_lag.labels(*self._ledger.labels(partition)).set(lag)
        await self._measure_dead_letters()

    def _seen_alive(self, when: float | None) -> None:
        self._alive_at = max(self._alive_at, when or 0.0)
        self._metrics.consumer_last_poll_timestamp_seconds.labels(self._consumer.group).set(self._alive_at)

    async def _measure_dead_letters(self) -> None:
        group = self._consumer.group
        try:
            async with self._transactions.engine.connect() as connection:
                count, age = await dead_letters.measure(connection, group)
        except Exception as error:
            if not is_outage(error):
                raise
            return
        self._metrics.dead_letter_open.labels(group).set(count)
        self._metrics.dead_letter_oldest_age_seconds.labels(group).set(age)

    def _polling(self) -> bool:
        """Whether the consume task lives. FastStream restarts one that crashed at once, for ever and in silence."""
        tasks = [] if self._subscriber is None else self._subscriber.tasks
        return len(tasks) <= _MOST_CRASHES and any(not task.done() for task in tasks)


def _ago(when: float | None) -> float | None:
    return None if when is None else round(time.time() - when, 1)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
