"""The chassis' own contestants: the relay, and the consumer with a handler of each kind."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from sqlalchemy import text

from benchmarks.delivery_course import Course, Round, Stopwatch
from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.metrics import Metrics
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened
from kfi_chassis.testkit.transactions import transactions_on
from kfi_chassis.work import Work

NOTE: Final = text("INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:s AS uuid[]), CAST(:n AS int[]))")


class EffectsWork(Work):
    """Writes down what handlers did, in one statement, and records an event for each."""

    async def note(self, events: Sequence[Happened], answer: type[Happened]) -> None:
        """One row of effect and one of the outbox per event."""
        values = {"s": [event.subject_id for event in events], "n": [event.number for event in events]}
        await self.connection.execute(NOTE, values)
        for event in events:
            answered = answer(subject_id=event.subject_id, number=event.number, text=event.text)
            self.outbox.add(answered, sequence=event.number + 1)


async def relay(course: Course) -> Round:
    """The outbox of a service, already full, until the broker has all of it and it is marked."""
    metrics, stop = Metrics(), asyncio.Event()
    published = metrics.outbox_published_total.labels(course.target)
    running = asyncio.create_task(Relay(course.database_url, course.settings(), metrics).run(stop))
    figures = await Stopwatch.watch(published._value.get, course.events)
    stop.set()
    await running
    return figures


async def on_batch(course: Course) -> Round:
    """Inbox, one set-based effect and the outbox rows of a batch in one transaction."""
    consumer, answer = Consumer(group=f"batch-{uuid4().hex}"), course.answer()

    @consumer.on_batch(course.heard())
    async def noted(events: Sequence[Happened], work: EffectsWork) -> None:
        await work.note(events, answer)

    return await _consumed(course, consumer)


async def on(course: Course) -> Round:
    """The same with one effect statement per event."""
    consumer, answer = Consumer(group=f"single-{uuid4().hex}"), course.answer()

    @consumer.on(course.heard())
    async def noted(event: Happened, work: EffectsWork) -> None:
        await work.note([event], answer)

    return await _consumed(course, consumer)


async def _consumed(course: Course, consumer: Consumer) -> Round:
    transactions = transactions_on(course.database_url, EffectsWork)
    running: RunningConsumer[EffectsWork] = RunningConsumer(consumer, transactions, course.settings(), Metrics())
    await running.start()
    figures = await Stopwatch.watch(lambda: running.accounts.total(Outcome.HANDLED), course.events)
    await running.stop()
    running.accounts.check()
    return figures
