"""How fast events travel: relay and consumer beside their peers, in one run, as ratios. `make bench`

Events of about 1.2 KB on 4 partitions. The rounds of the contestants alternate; a figure is the median of its rounds.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import uuid4

from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from benchmarks.ground import Ground, ground
from kfi_chassis import inbox
from kfi_chassis.accounts import Accounts, Outcome
from kfi_chassis.broker import make_producer
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.work import Transactions, Work
from kfi_contracts.cloudevents import CloudEvent

EVENTS = 20_000
KEYS = 500
ROUNDS = 3
BATCH = 200
PARTITIONS = 4
PATIENTLY = {"within": 120.0, "every": 0.005}
NOTE = text("INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:s AS uuid[]), CAST(:n AS int[]))")
Contestant = Callable[[], Awaitable[float]]


class EffectsWork(Work):
    """Writes down what handlers did, in one statement."""

    async def note(self, events: Sequence[Happened]) -> None:
        """One row per event."""
        values = {"s": [event.subject_id for event in events], "n": [event.number for event in events]}
        await self.connection.execute(NOTE, values)


class Delivery:
    """The contestants; each returns events per second of one round."""

    def __init__(self, place: Ground) -> None:
        self._place = place
        self._transactions: Transactions[EffectsWork] = transactions_on(place.database_url, EffectsWork)
        self._event = happened_on(place.topic(PARTITIONS))
        self._keys = [uuid4() for _ in range(KEYS)]
        self._recorded = 0

    async def relay(self) -> float:
        """The outbox of a service, already full, until the broker has all of it."""
        for begin in range(0, EVENTS, BATCH):
            await self._transactions.run(partial(self._record, begin), actor=SYSTEM("benchmark"))
        metrics, stop = Metrics(), asyncio.Event()
        relay = Relay(self._place.database_url, self._place.settings(), metrics)
        running = asyncio.create_task(relay.run(stop))
        rate = await _rate(lambda: _published(metrics, self._event.topic))
        stop.set()
        await running
        return rate

    async def producer(self) -> float:
        """The bare idempotent producer with the relay's settings and the same bytes, without a database."""
        ready = [self._wrapped(number).to_kafka() for number in range(EVENTS)]
        topic = self._place.topic(PARTITIONS)
        begun = time.perf_counter()
        async with make_producer(self._place.settings()) as producer:
            sent = [await producer.send(topic, value, key=key, headers=headers) for key, value, headers in ready]
            await asyncio.gather(*sent)
        return EVENTS / (time.perf_counter() - begun)

    async def on_batch(self) -> float:
        """Consumer, inbox and one set-based effect per batch."""
        consumer = Consumer(group=f"batch-{uuid4().hex}")

        @consumer.on_batch(self._event)
        async def noted(events: Sequence[Happened], work: EffectsWork) -> None:
            await work.note(events)

        return await self._consumed(consumer)

    async def on(self) -> float:
        """Consumer, inbox and one effect statement per event."""
        consumer = Consumer(group=f"single-{uuid4().hex}")

        @consumer.on(self._event)
        async def noted(event: Happened, work: EffectsWork) -> None:
            await work.note([event])

        return await self._consumed(consumer)

    async def statements(self) -> float:
        """The statements of `on_batch` alone: no Kafka, no JSON."""
        group, begun = f"statements-{uuid4().hex}", time.perf_counter()
        for begin in range(0, EVENTS, BATCH):
            async with self._transactions.engine.begin() as connection:
                ids = [uuid4() for _ in range(BATCH)]
                await inbox.record(connection, group, ids)
                await connection.execute(NOTE, {"s": ids, "n": list(range(begin, begin + BATCH))})
        return EVENTS / (time.perf_counter() - begun)

    async def bare_consumer(self) -> float:
        """aiokafka alone: poll and commit each batch, no effect at all."""
        settings = self._place.kafka.client_settings()
        consumer = AIOKafkaConsumer(
            self._event.topic, group_id=uuid4().hex, auto_offset_reset="earliest", enable_auto_commit=False, **settings
        )
        await consumer.start()
        begun, seen = time.perf_counter(), 0
        while seen < EVENTS:
            batches = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            seen += sum(map(len, batches.values()))
            await consumer.commit()
        seconds = time.perf_counter() - begun
        await consumer.stop()
        return seen / seconds

    async def _consumed(self, consumer: Consumer) -> float:
        running: RunningConsumer[EffectsWork] = RunningConsumer(
            consumer, self._transactions, self._place.settings(), Metrics()
        )
        await running.start()
        rate = await _rate(lambda: _handled(running.accounts))
        await running.stop()
        running.accounts.check()
        return rate

    async def _record(self, begin: int, work: EffectsWork) -> None:
        for number in range(begin, begin + BATCH):
            self._recorded += 1
            work.outbox.add(self._happened(number), sequence=self._recorded)

    def _wrapped(self, number: int) -> CloudEvent:
        clock = self._transactions.clock
        return CloudEvent.wrap(self._happened(number), id=uuid4(), time=clock.now(), sequence=number + 1)

    def _happened(self, number: int) -> Happened:
        return self._event(subject_id=self._keys[number % KEYS], number=number, text="x" * 1_000)


async def _rate(count: Callable[[], float]) -> float:
    """Events per second from the first sign of work to the end: starting and joining a group are not measured."""
    await eventually(lambda: count() > 0, **PATIENTLY)
    first, begun = count(), time.perf_counter()
    await eventually(lambda: count() >= EVENTS, **PATIENTLY)
    return (count() - first) / (time.perf_counter() - begun)


def _handled(accounts: Accounts) -> int:
    return sum(account.outcomes[Outcome.HANDLED] for _, account in accounts.items())


def _published(metrics: Metrics, topic: str) -> float:
    return metrics.registry.get_sample_value("outbox_published_total", {"topic": topic}) or 0.0


async def compare(place: Ground) -> dict[str, float]:
    """The median of each contestant's rounds, in events per second."""
    delivery = Delivery(place)
    contestants: dict[str, Contestant] = {
        "relay": delivery.relay,
        "bare producer": delivery.producer,
        "consumer, on_batch": delivery.on_batch,
        "consumer, on": delivery.on,
        "statements alone": delivery.statements,
        "bare consumer, no effect": delivery.bare_consumer,
    }
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(1, ROUNDS + 1):
        for name, contest in contestants.items():
            found[name].append(await contest())
            print(f"round {number} of {ROUNDS}: {name:<26}{found[name][-1]:>10,.0f} events/s")
    return {name: statistics.median(rates) for name, rates in found.items()}


def main() -> None:
    """Run everything and print the table."""
    with ground() as place:
        rates = asyncio.run(compare(place))
    print(f"\n{'contestant':<28}{'events/s':>10}   ratio")
    for name, peer in (
        ("relay", "bare producer"),
        ("consumer, on_batch", "statements alone"),
        ("consumer, on_batch", "bare consumer, no effect"),
        ("consumer, on_batch", "consumer, on"),
    ):
        print(f"{name:<28}{rates[name]:>10,.0f}   {rates[name] / rates[peer]:.2f} x {peer} ({rates[peer]:,.0f})")


if __name__ == "__main__":
    main()
