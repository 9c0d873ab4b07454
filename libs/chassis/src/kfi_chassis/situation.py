"""What operators ask first when something stands still, read from the service's own database: ids, ages and counts.

Every process answers for the whole service, whatever its roles: who relays, what waits, what is due, what is parked.
"""

import time
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kfi_chassis import dead_letters, relay
from kfi_chassis.compatibility import works_with
from kfi_chassis.subscriptions import Consumer

_REVISIONS: Final = text(
    "SELECT revision, compatible_from, applied_at FROM schema_revision ORDER BY position DESC LIMIT 1"
)
_HOLDER: Final = text("""
    SELECT application_name AS name, pid, backend_start AS since FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND classid::bigint = CAST(:lock AS bigint) >> 32 AND objid::bigint = CAST(:lock AS bigint) & 4294967295
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
_DEADLINES: Final = text("""
    SELECT kind, count(*) AS open, count(*) FILTER (WHERE due_on <= :today) AS due, min(due_on) AS earliest,
           count(*) FILTER (WHERE failure IS NOT NULL) AS failing
    FROM deadline WHERE closed_at IS NULL GROUP BY kind ORDER BY kind
""")
_REASONS: Final = text("""
    SELECT split_part(reason, ':', 1) AS reason, count(*) AS letters FROM dead_letter
    WHERE consumer = :consumer AND resolved_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20
""")


async def database(engine: AsyncEngine, newest_known: str) -> Mapping[str, Any]:
    """How fast it answers, the revision it is at, and whether this release works with it."""
    began = time.perf_counter()
    async with engine.connect() as connection:
        row = (await connection.execute(_REVISIONS)).one_or_none()
        answered = time.perf_counter() - began
        works = await works_with(connection, newest_known)
    return {
        "answered_in_milliseconds": round(answered * 1000, 1),
        "schema_revision": None if row is None else row.revision,
        "applied_at": None if row is None else row.applied_at.isoformat(),
        "works_with_releases_from": None if row is None else row.compatible_from,
        "newest_revision_known_here": newest_known,
        "works_with_this_release": works,
    }


async def outbox(connection: AsyncConnection) -> Mapping[str, Any]:
    """Which connection holds the relay's lock and since when, and what waits to go out."""
    holder = (await connection.execute(_HOLDER, {"lock": relay.LOCK})).one_or_none()
    row = (await connection.execute(text(relay.MEASURE))).one()
    return {
        "lock_holder": None if holder is None else {"connection": holder.name, "backend": holder.pid},
        "lock_held_since": None if holder is None else holder.since.isoformat(),
        "pending": row.pending,
        "oldest_age_seconds": round(row.age, 1),
        "parked": row.parked,
    }


async def parked_letters(connection: AsyncConnection, consumer: Consumer) -> Mapping[str, Any]:
    """The open dead letters: how many, how old, and for which reasons."""
    count, age = await dead_letters.measure(connection, consumer.group)
    rows = await connection.execute(_REASONS, {"consumer": consumer.group})
    return {"open": count, "oldest_age_seconds": round(age, 1), "reasons": {row.reason: row.letters for row in rows}}


async def due_deadlines(connection: AsyncConnection, today: date) -> Mapping[str, Any]:
    """The open deadlines by kind: how many, how many of them are due, and the earliest."""
    rows = await connection.execute(_DEADLINES, {"today": today})
    return {
        row.kind: {"open": row.open, "due": row.due, "earliest": row.earliest.isoformat(), "failing": row.failing}
        for row in rows
    }
