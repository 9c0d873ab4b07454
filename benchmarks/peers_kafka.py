"""aiokafka alone: what the broker and the client take, with neither database nor effect."""

import asyncio
from collections.abc import Iterator
from itertools import cycle, islice
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.delivery_course import KEYS, Course, Round, Stopwatch, records
from kfi_chassis.broker import make_producer

Ready = tuple[bytes, bytes, list[tuple[str, bytes]]]


async def producer(course: Course) -> Round:
    """An idempotent producer with the relay's settings (acks=all, zstd), record by record, all at once."""
    ready = islice(_endless(course), course.events)
    async with make_producer(course.settings()) as sending:
        await sending.partitions_for(course.target)
        watch, sent = Stopwatch(), []
        for key, value, headers in ready:
            sent.append(await sending.send(course.target, value, key=key, headers=headers))
        await asyncio.gather(*sent)
        return watch.stop(course.events)


async def hand_made_batches(course: Course) -> Round:
    """The same producer with batches made by hand, several of each partition on the way: the client's own limit."""
    async with make_producer(course.settings()) as sending:
        partitions = sorted(await sending.partitions_for(course.target))
        shares = [islice(_endless(course), course.events // len(partitions)) for _ in partitions]
        watch = Stopwatch()
        await asyncio.gather(*(_fill(sending, course.target, *each) for each in zip(partitions, shares, strict=True)))
        return watch.stop(course.events)


def _endless(course: Course) -> Iterator[Ready]:
    return cycle(list(records(course.answer(), KEYS)))


async def _fill(sending: AIOKafkaProducer, topic: str, partition: int, share: Iterator[Ready]) -> None:
    sent, builder = [], sending.create_batch()
    for key, value, headers in share:
        if builder.append(timestamp=None, key=key, value=value, headers=headers) is None:
            sent.append(await sending.send_batch(builder, topic, partition=partition))
            builder = sending.create_batch()
            builder.append(timestamp=None, key=key, value=value, headers=headers)
    sent.append(await sending.send_batch(builder, topic, partition=partition))
    await asyncio.gather(*sent)


async def consumer(course: Course) -> Round:
    """Poll and commit each batch, nothing else."""
    reading = AIOKafkaConsumer(
        course.source, group_id=uuid4().hex, auto_offset_reset="earliest", enable_auto_commit=False, **course.client()
    )
    await reading.start()
    try:
        watch, seen = Stopwatch(), 0
        while seen < course.events:
            batches = await reading.getmany(timeout_ms=1000, max_records=course.batch)
            seen += sum(map(len, batches.values()))
            await reading.commit()
        return watch.stop(course.events)
    finally:
        await reading.stop()
