"""faststream-outbox 0.19.0 as its authors mean it to be used: a Kafka publisher stacked on an outbox subscriber.

Each row is relayed by a worker that awaits Kafka's acknowledgement (idempotent, acks=all, zstd, as the relay's
producer). Its table has no key, so key and headers of the event travel in the row's headers. Bodies are handed through
undecoded, injection is off, and rows are deleted a hundred at a time. One worker keeps the order per key; thirty-two
promise none, and are shown for what the library can carry.
"""

from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.security import SASLScram512
from faststream_outbox import OutboxBroker, make_outbox_table
from faststream_outbox.message import OutboxMessage
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from benchmarks.delivery_course import Course, Round, Stopwatch
from kfi_chassis.broker import PRODUCER_BATCH_BYTES

QUEUE = "events"
METADATA = MetaData()
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
TABLE = make_outbox_table(METADATA, table_name="faststream_outbox_rows")
TAKE_OVER = f"""
    INSERT INTO {TABLE.name} (queue, payload, headers)
    SELECT '{QUEUE}', payload, headers FROM outbox ORDER BY position
"""  # noqa: S608 - the names are constants of ours


def schema() -> list[str]:
    """The statements that make its table."""
    parts: list[ExecutableDDLElement] = [CreateTable(TABLE), *(CreateIndex(index) for index in TABLE.indexes)]
    return [str(part.compile(dialect=DIALECT)) for part in parts]


async def in_order(course: Course) -> Round:
    """One worker."""
    return await _relayed(course, workers=1)


async def side_by_side(course: Course) -> Round:
    """Thirty-two workers, each with a connection of its own."""
    return await _relayed(course, workers=32)


async def _relayed(course: Course, *, workers: int) -> Round:
    engine = create_async_engine(course.database_url, pool_size=workers + 4)
    count = _Count()
    outbox = OutboxBroker(engine, outbox_table=TABLE, metrics_recorder=count, apply_types=False, logger=None)
    kafka = _kafka(course)

    @kafka.publisher(course.target)
    @outbox.subscriber(
        QUEUE,
        max_workers=workers,
        fetch_batch_size=500,
        terminal_flush_batch_size=100,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=_as_it_is,
    )
    async def relay(row: OutboxMessage) -> KafkaResponse:
        headers = row.headers
        return KafkaResponse(row.body, key=headers["ce_subject"].encode(), headers=headers)

    await kafka.connect()
    await outbox.start()
    try:
        return await Stopwatch.watch(lambda: count.acked, course.events)
    finally:
        await outbox.stop()
        await kafka.stop()
        await engine.dispose()


async def _as_it_is(row: OutboxMessage, _default: Any) -> OutboxMessage:
    return row


def _kafka(course: Course) -> KafkaBroker:
    return KafkaBroker(
        course.bootstrap,
        security=SASLScram512(username=course.username, password=course.password, use_ssl=False),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_batch_size=PRODUCER_BATCH_BYTES,
        apply_types=False,
        logger=None,
    )


class _Count:
    def __init__(self) -> None:
        self.acked = 0

    def __call__(self, name: str, _tags: object) -> None:
        self.acked += name == "acked"
