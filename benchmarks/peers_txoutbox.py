"""txoutbox 0.2.2, the one peer that keeps the order per key, as its author means it to be used.

His PostgreSQL storage with strict ordering, rows kept after the acknowledgement, woken by LISTEN; his three-line Kafka
publisher (`send_and_wait`), with key and headers, on the relay's own producer (idempotent, acks=all, zstd).
Batch and concurrency are the best of those tried, from 50 to 1,000: a thousand rows, all keys side by side, fill the
producer's batches. His defaults (50 and 10) are shown as well.
"""

import asyncpg
from txoutbox import Hooks, OutboxMessage, Relay, RelayConfig
from txoutbox.adapters.postgres import PostgresStorage
from txoutbox.protocols import RoundResultLike

from benchmarks.delivery_course import Course, Round, Stopwatch
from kfi_chassis.broker import make_producer

TABLE = "txoutbox_rows"
TAKE_OVER = f"""
    INSERT INTO {TABLE} (topic, key, payload, headers)
    SELECT topic, key, payload, headers FROM outbox ORDER BY position
"""  # noqa: S608 - the table is a constant of ours


def schema() -> str:
    """The table and its trigger."""
    return PostgresStorage(None, table=TABLE, notify_channel=TABLE).schema_sql()


async def tuned(course: Course) -> Round:
    """The best of the settings tried."""
    return await _relayed(course, RelayConfig(batch_size=1_000, concurrency=1_000))


async def by_default(course: Course) -> Round:
    """The settings nobody touched."""
    return await _relayed(course, RelayConfig())


async def _relayed(course: Course, config: RelayConfig) -> Round:
    async with (
        asyncpg.create_pool(course.plain_database_url) as pool,
        make_producer(course.settings()) as producer,
    ):
        storage, count = PostgresStorage(pool, table=TABLE, notify_channel=TABLE), _Count()

        async def publish(message: OutboxMessage) -> None:
            headers = [(name, text.encode()) for name, text in message.headers.items()]
            await producer.send_and_wait(
                message.topic, message.payload, key=(message.key or "").encode(), headers=headers
            )

        relay = Relay(storage, publish, config=config, hooks=count)
        async with await storage.listen(relay.wake), relay:
            return await Stopwatch.watch(lambda: count.published, course.events)


class _Count(Hooks):
    def __init__(self) -> None:
        self.published = 0

    async def on_round(self, result: RoundResultLike, duration: float) -> None:  # noqa: ARG002 - his signature
        self.published += result.published
