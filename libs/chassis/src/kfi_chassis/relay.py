"""Brings the outbox to Kafka: one active relay per outbox, at least once, in order per key, for ever.

The relay that holds the session lock reads, publishes and marks on the lock's own connection. When that connection ends
it stops publishing at once; when it only goes silent, a round of publishing is over (8 s) before the server gives up on
it and the lock is free (11 s). What was sent and not yet marked is sent again by the next one with the same ids; the
consumers' inboxes know them.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import asyncpg
from pydantic_core import from_json

from kfi_chassis import logs, tracing
from kfi_chassis.broker import KafkaSettings
from kfi_chassis.cancellation import asked_to_end
from kfi_chassis.database import DRIVER_ERRORS, connect
from kfi_chassis.metrics import Metrics
from kfi_chassis.publisher import OutboxRow, Publisher, Round
from kfi_chassis.retention import sealed_topics
from kfi_chassis.tables import OUTBOX_CHANNEL

BATCH: Final = 500
_POLL_SECONDS: Final = 1.0
"""How long a lost notification can go unnoticed."""
_LONGEST_BACKOFF_SECONDS: Final = 2.0
_MEASURE_SECONDS: Final = 2.0
_STUCK_SECONDS: Final = 60.0
LOCK: Final = 0x6B66692D6F757462  # "kfi-outb": each service has its own database, so one number serves all

# After a burst the statistics are behind, and a plan that sorts all of a large backlog each round never catches up.
_WALK_THE_INDEX: Final = dict.fromkeys(
    ("enable_bitmapscan", "enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off"
)
# A mark that a crash of PostgreSQL loses is an event sent once more with its id; nobody needs to wait for the disk.
_MARK_WITHOUT_WAITING: Final = {"synchronous_commit": "off"}
# From the few that are due to their rows, never the other way: OFFSET 0 keeps the planner, whose statistics of a table
# that fills and empties are always wrong, from walking the whole outbox for them.
_ROWS_DUE: Final = """
    outbox_due CROSS JOIN LATERAL (SELECT * FROM outbox WHERE outbox.position = outbox_due.position OFFSET 0) AS due
"""
_DUE: Final = f"""
    SELECT due.position, topic, key, headers, payload, occurred_at FROM {_ROWS_DUE}
    WHERE parked_reason IS NULL AND topic <> ALL($1::text[])
    AND due.position <> ALL($3::bigint[]) AND NOT EXISTS (
        SELECT FROM outbox AS ahead
        WHERE ahead.parked_reason IS NOT NULL AND ahead.topic = due.topic AND ahead.key = due.key
              AND ahead.position < due.position)
    ORDER BY outbox_due.position LIMIT $2
"""  # noqa: S608 - our own
_MARK: Final = "DELETE FROM outbox_due WHERE position = ANY($1::bigint[])"
_DELETE: Final = f"WITH gone AS (DELETE FROM outbox WHERE position = ANY($1::bigint[])) {_MARK}"  # noqa: S608 - our own
_PARK: Final = """
    UPDATE outbox SET parked_reason = refused.reason
    FROM unnest($1::bigint[], $2::text[]) AS refused (place, reason) WHERE position = place
"""
MEASURE: Final = f"""
    SELECT count(*) FILTER (WHERE parked_reason IS NULL) AS pending,
           count(*) FILTER (WHERE parked_reason IS NOT NULL) AS parked,
           coalesce(extract(epoch FROM now() - min(occurred_at) FILTER (WHERE parked_reason IS NULL)), 0)::float AS age
    FROM {_ROWS_DUE}
"""  # noqa: S608 - our own

T = TypeVar("T")


class LockLostError(ConnectionError):
    """The connection that held the outbox's lock has ended; another relay may be at work already."""


class Relay:
    """The relay of one outbox. Any number may run; one is active, the others stand by."""

    def __init__(
        self,
        database_url: str,
        settings: KafkaSettings,
        metrics: Metrics,
        *,
        delete_after_ack: Collection[str] | None = None,
    ) -> None:
        self._url = database_url
        self._name = f"kfi-relay {settings.instance}"[:63]
        self._metrics = metrics
        self._publisher = Publisher(settings)
        self._delete_after_ack = sealed_topics() if delete_after_ack is None else frozenset(delete_after_ack)
        self._wake = asyncio.Event()
        self._lost = asyncio.Event()
        self._stop = asyncio.Event()
        self._last_turn = time.monotonic()
        self._measured = float("-inf")
        self.active = False

    def progressing(self) -> bool:
        """False when the relay hangs where nothing should let it hang; liveness asks."""
        return time.monotonic() - self._last_turn < _STUCK_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; the batch in flight is finished. Outages of either side are waited out."""
        self._stop = stop
        pause = 0.1
        while not stop.is_set():
            self._last_turn = time.monotonic()
            try:
                await self._relay_on_one_connection()
                pause = 0.1
            except (OSError, TimeoutError, *DRIVER_ERRORS, asyncio.CancelledError) as error:
                if asked_to_end():
                    raise
                logs.event("relay_interrupted", level=logging.WARNING, error=error)
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_BACKOFF_SECONDS)
        await self._publisher.abandon()

    async def _relay_on_one_connection(self) -> None:
        connection = await connect(self._url, name=self._name, **_WALK_THE_INDEX, **_MARK_WITHOUT_WAITING)
        self._lost.clear()
        connection.add_termination_listener(lambda _: self._lost.set())
        try:
            await connection.add_listener(OUTBOX_CHANNEL, lambda *_: self._wake.set())
            if await self._locked(connection):
                await self._relay(connection)
        finally:
            self._set_active(active=False)
            with suppress(Exception):
                await asyncio.shield(self._publisher.abandon())
            connection.terminate()

    async def _locked(self, connection: "asyncpg.Connection") -> bool:
        """Stand by until the lock is ours; asking each second is the connection's health probe as well."""
        while not self._stop.is_set():
            self._last_turn = time.monotonic()
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                self._set_active(active=True)
                return True
            await self._sleep(_POLL_SECONDS)
        return False

    async def _relay(self, connection: "asyncpg.Connection") -> None:
        pause = 0.1
        while not self._stop.is_set():
            self._last_turn = time.monotonic()
            self._wake.clear()
            last = await self._catch_up(connection)
            if last.failures:
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_BACKOFF_SECONDS)
                continue
            pause = 0.1
            if not last.refused:  # after a refusal, what did not go out with it goes at once
                await self._until_woken()

    async def _catch_up(self, connection: "asyncpg.Connection") -> Round:
        """Publish round after round until nothing is left or a round is not all acknowledged; returns the last one.

        While a round is on its way to the broker, the one before is marked and the one after is read. A round begins
        only when all before it is acknowledged; whatever was read ahead of a failure is forgotten.
        """
        acked = Round()
        rows = await self._due(connection, ())
        while rows and not self._stop.is_set():
            self._last_turn = time.monotonic()
            publishing = asyncio.ensure_future(self._while_locked(self._publisher.publish(rows)))
            try:
                await self._settle(connection, acked)
                ahead = await self._due(connection, [row.position for row in rows]) if len(rows) == BATCH else []
                acked = await publishing
            finally:
                publishing.cancel()  # no effect once it is done; else the lock may be gone, so nothing may go out
            if len(acked.acked) < len(rows):
                break
            rows = ahead
        await self._settle(connection, acked)
        await self._measure(connection)
        return acked

    async def _due(self, connection: "asyncpg.Connection", in_flight: Sequence[int]) -> list[OutboxRow]:
        rows = await connection.fetch(_DUE, self._publisher.resting_topics(), BATCH, in_flight)
        return [OutboxRow._make(row) for row in rows]

    async def _while_locked(self, publishing: Awaitable[T]) -> T:
        """Publish only as long as the lock's connection lives. Raises LockLostError, with nothing left in flight."""
        task, lost = asyncio.ensure_future(publishing), asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if self._lost.is_set():
                raise LockLostError
            return await task
        finally:
            lost.cancel()
            if not task.done():
                task.cancel()
                await self._publisher.abandon()

    async def _settle(self, connection: "asyncpg.Connection", this_round: Round) -> None:
        """Mark what the broker has; rows of sealed topics go at once. Park what it refuses."""
        gone = [row.position for row in this_round.acked if row.topic in self._delete_after_ack]
        kept = [row.position for row in this_round.acked if row.topic not in self._delete_after_ack]
        if kept:
            await connection.execute(_MARK, kept)
        if gone:
            await connection.execute(_DELETE, gone)
        if this_round.refused:
            await connection.execute(_PARK, list(this_round.refused), list(this_round.refused.values()))
            logs.event("outbox_parked", level=logging.ERROR, positions=this_round.refused)
        self._account(this_round)

    def _account(self, this_round: Round) -> None:
        for topic, count in Counter(row.topic for row in this_round.acked).items():
            self._metrics.outbox_published_total.labels(topic).inc(count)
        if this_round.acked:
            oldest = min(row.occurred_at for row in this_round.acked)
            age = (datetime.now(UTC) - oldest).total_seconds()
            self._metrics.outbox_insert_to_publish_seconds.observe(age)
        if tracing.on():
            for row in this_round.acked:
                _trace(row)
        for failure in this_round.failures:
            self._metrics.outbox_publish_failures_total.labels(failure).inc()
        if this_round.failures:
            logs.event("publish_failed", level=logging.WARNING, reasons=this_round.failures)

    async def _measure(self, connection: "asyncpg.Connection") -> None:
        if time.monotonic() - self._measured < _MEASURE_SECONDS:
            return
        self._measured = time.monotonic()
        row: Any = await connection.fetchrow(MEASURE)
        self._metrics.outbox_pending.set(row["pending"])
        self._metrics.outbox_parked.set(row["parked"])
        self._metrics.outbox_oldest_age_seconds.set(row["age"])

    def _set_active(self, *, active: bool) -> None:
        self.active = active
        self._metrics.outbox_relay_active.set(active)

    async def _until_woken(self) -> None:
        """Wait for a commit that adds to the outbox, for the stop, or for the poll that finds what no one announced."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._wake, self._stop, self._lost)]
        try:
            await asyncio.wait(waits, timeout=_POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()


def _trace(row: OutboxRow) -> None:
    """A span from the record to the acknowledgement, under what caused the event; the record keeps its own place."""
    told = from_json(row.headers)
    tracing.ended(
        f"publish {told.get('ce_type')}",
        "producer",
        parent=told.get("ce_traceparent"),
        began=row.occurred_at,
        event_id=told.get("ce_id"),
        messaging__destination__name=row.topic,
    )
