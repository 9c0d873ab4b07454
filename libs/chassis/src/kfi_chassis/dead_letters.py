"""Records that could not be handled, kept as they came until somebody replays or discards them.

A letter that holds its key keeps the later events of that key, for the same consumer, behind it. A lock per held key
sees to it that none is put behind a letter which the desk is resolving at that moment.
"""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.broker import Record

BEHIND_ANOTHER: Final = "behind_parked"
"""Reason of an event that is sound itself and waits for an earlier one of its key."""

Key = tuple[str, bytes]
"""Topic and key of a record."""

_PARK: Final = text("""
    INSERT INTO dead_letter (consumer, topic, partition, "offset", key, headers, value, recorded_at,
                             event_id, event_type, reason, holds_key)
    SELECT :consumer, letter.* FROM unnest(
        CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[]), CAST(:keys AS bytea[]),
        CAST(:headers AS bytea[]), CAST(:values AS bytea[]), CAST(:times AS timestamptz[]), CAST(:ids AS uuid[]),
        CAST(:types AS text[]), CAST(:reasons AS text[]), CAST(:holds AS boolean[])
    ) AS letter
""")
_HELD: Final = text("""
    SELECT DISTINCT topic, key FROM dead_letter
    JOIN unnest(CAST(:topics AS text[]), CAST(:keys AS bytea[])) AS asked (t, k) ON topic = t AND key = k
    WHERE consumer = :consumer AND resolved_at IS NULL AND holds_key
""")
_LOCK_KEYS: Final = text("""
    SELECT pg_advisory_xact_lock(lock) FROM (
        SELECT DISTINCT hashtextextended('held ' || :consumer || ' ' || t || ' ' || encode(k, 'hex'), 0) AS lock
        FROM unnest(CAST(:topics AS text[]), CAST(:keys AS bytea[])) AS asked (t, k) ORDER BY lock
    ) AS locks
""")
_LETTER: Final = text("SELECT * FROM dead_letter WHERE number = :number AND consumer = :consumer")
_FIRST_OF_KEY: Final = text("""
    SELECT * FROM dead_letter
    WHERE consumer = :consumer AND topic = :topic AND key = :key AND resolved_at IS NULL AND holds_key
    ORDER BY number LIMIT 1 FOR UPDATE
""")
_CLAIM: Final = text("SELECT * FROM dead_letter WHERE number = :number AND resolved_at IS NULL FOR UPDATE")
_RESOLVE: Final = text("""
    UPDATE dead_letter SET resolved_at = now(), resolution = :resolution, resolved_by = :by, resolution_reason = :reason
    WHERE number = :number AND resolved_at IS NULL
""")
_NOTE_ATTEMPT: Final = text("""
    UPDATE dead_letter SET attempts = attempts + 1, reason = :reason WHERE number = :number AND resolved_at IS NULL
""")
_MEASURE: Final = text("""
    SELECT count(*) AS open, coalesce(extract(epoch FROM now() - min(parked_at)), 0)::float AS age
    FROM dead_letter WHERE consumer = :consumer AND resolved_at IS NULL
""")


@dataclass(frozen=True)
class Poison:
    """A record about to be parked."""

    record: Record
    event_id: UUID | None
    event_type: str | None
    reason: str
    holds_key: bool


@dataclass(frozen=True)
class Letter:
    """A parked record."""

    number: int
    consumer: str
    record: Record
    event_id: UUID | None
    event_type: str | None
    reason: str
    holds_key: bool
    parked_at: datetime
    attempts: int
    resolution: str | None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution_reason: str | None = None

    @property
    def version(self) -> int:
        """Counts what happened to it: each failed replay, and the end."""
        return 1 + self.attempts + (self.resolution is not None)

    @property
    def key(self) -> Key | None:
        """The key it holds, if it does."""
        return (self.record.topic, self.record.key) if self.holds_key and self.record.key is not None else None


async def park(connection: AsyncConnection, consumer: str, poison: Sequence[Poison]) -> None:
    """Keep records with the reason, in one statement."""
    if not poison:
        return
    records = [letter.record for letter in poison]
    await connection.execute(
        _PARK,
        {
            "consumer": consumer,
            "topics": [record.topic for record in records],
            "partitions": [record.partition for record in records],
            "offsets": [record.offset for record in records],
            "keys": [record.key for record in records],
            "headers": [_write_headers(record.headers) for record in records],
            "values": [record.value for record in records],
            "times": [datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC) for record in records],
            "ids": [letter.event_id for letter in poison],
            "types": [_storable(letter.event_type) for letter in poison],
            "reasons": [letter.reason for letter in poison],
            "holds": [letter.holds_key and letter.record.key is not None for letter in poison],
        },
    )


async def held_keys(connection: AsyncConnection, consumer: str, keys: Collection[Key]) -> set[Key]:
    """Which of the keys have an open letter that holds them; those are locked until the transaction ends."""
    held = await _held(connection, consumer, keys)
    if not held:
        return held
    await lock_keys(connection, consumer, held)
    return await _held(connection, consumer, held)


async def lock_keys(connection: AsyncConnection, consumer: str, keys: Collection[Key]) -> None:
    """Let one transaction at a time park behind a key or resolve its letters."""
    await connection.execute(_LOCK_KEYS, {"consumer": consumer, **_columns(keys)})


async def _held(connection: AsyncConnection, consumer: str, keys: Collection[Key]) -> set[Key]:
    if not keys:
        return set()
    rows = await connection.execute(_HELD, {"consumer": consumer, **_columns(keys)})
    return {(row.topic, bytes(row.key)) for row in rows}


async def letter(connection: AsyncConnection, consumer: str, number: int) -> Letter | None:
    """Read one letter, resolved or not."""
    row = (await connection.execute(_LETTER, {"number": number, "consumer": consumer})).one_or_none()
    return None if row is None else _letter(row)


async def claim(connection: AsyncConnection, number: int) -> Letter | None:
    """Lock an open letter; None when somebody resolved it meanwhile."""
    row = (await connection.execute(_CLAIM, {"number": number})).one_or_none()
    return None if row is None else _letter(row)


async def first_of_key(connection: AsyncConnection, consumer: str, key: Key) -> Letter | None:
    """Lock the letter that is next in order for a held key; None when the key is free."""
    parameters = {"consumer": consumer, "topic": key[0], "key": key[1]}
    row = (await connection.execute(_FIRST_OF_KEY, parameters)).one_or_none()
    return None if row is None else _letter(row)


async def resolve(
    connection: AsyncConnection, number: int, resolution: str, *, by: str, reason: str | None = None
) -> None:
    """Close a letter as `replayed` or `discarded`, in the transaction that acted on it."""
    await connection.execute(_RESOLVE, {"number": number, "resolution": resolution, "by": by, "reason": reason})


async def note_attempt(connection: AsyncConnection, number: int, reason: str) -> None:
    """Count a replay that failed, with its reason."""
    await connection.execute(_NOTE_ATTEMPT, {"number": number, "reason": reason})


async def measure(connection: AsyncConnection, consumer: str) -> tuple[int, float]:
    """How many letters are open, and the age of the oldest in seconds."""
    row = (await connection.execute(_MEASURE, {"consumer": consumer})).one()
    return row.open, row.age


def _columns(keys: Collection[Key]) -> dict[str, list[object]]:
    return {"topics": [topic for topic, _ in keys], "keys": [key for _, key in keys]}


def _storable(code: str | None) -> str | None:
    """PostgreSQL's text takes everything but NUL, and a foreign header can hold it."""
    return None if code is None else code.replace("\0", "")[:200]


def _write_headers(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    listed = [(name, None if value is None else base64.b64encode(value).decode()) for name, value in headers]
    return json.dumps(listed).encode()


def _read_headers(stored: bytes) -> tuple[tuple[str, bytes | None], ...]:
    listed = json.loads(stored)
    return tuple((name, None if value is None else base64.b64decode(value)) for name, value in listed)


def _letter(row: Row[Any]) -> Letter:
    record = Record(
        topic=row.topic,
        partition=row.partition,
        offset=row.offset,
        timestamp=int(row.recorded_at.timestamp() * 1000),
        timestamp_type=0,
        key=None if row.key is None else bytes(row.key),
        value=None if row.value is None else bytes(row.value),
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=_read_headers(row.headers),
    )
    return Letter(
        number=row.number,
        consumer=row.consumer,
        record=record,
        event_id=row.event_id,
        event_type=row.event_type,
        reason=row.reason,
        holds_key=row.holds_key,
        parked_at=row.parked_at,
        attempts=row.attempts,
        resolution=row.resolution,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        resolution_reason=row.resolution_reason,
    )
