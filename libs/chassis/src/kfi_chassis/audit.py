"""Who changed what, when and why: one row per change, hash chained per aggregate.

Rows hold ids and codes, never a name or a text about a person. The chain shows that a row was changed, removed from the
middle or put in between; that the newest rows were cut off shows only against a number or hash noted elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.canonical import canonical_json, digest
from kfi_chassis.cause import Cause
from kfi_chassis.clock import Clock
from kfi_chassis.identity import Principal

BEFORE_THE_FIRST: Final = "0" * 64
_NOTHING: Final[Mapping[str, str]] = {}

# One transaction at a time extends an aggregate's chain; the order of the locks is the same everywhere. Chains share
# 1,024 locks: PostgreSQL keeps its locks in a memory of fixed size, and a plan may be accepted for 50,000 households.
_LOCK: Final = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('audit ' || bucket, 0)) FROM (
        SELECT DISTINCT hashtextextended(name || ' ' || id::text, 0) & 1023 AS bucket
        FROM unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) AS chain (name, id) ORDER BY bucket
    ) AS buckets
""")
# One row of each chain is read, however long it is: that of a budget title grows with each of its cases.
_ENDS: Final = text("""
    SELECT name AS aggregate, id AS aggregate_id, number, hash
    FROM (SELECT DISTINCT * FROM unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) AS chain (name, id)) AS chains
    CROSS JOIN LATERAL (
        SELECT number, hash FROM audit WHERE aggregate = name AND aggregate_id = id ORDER BY number DESC LIMIT 1
    ) AS newest
""")
_INSERT: Final = text("""
    INSERT INTO audit (aggregate, aggregate_id, number, version, action, subject, person, reason, details,
                       correlation_id, recorded_at, previous_hash, hash)
    SELECT aggregate, aggregate_id, number, version, action, subject, person, reason, details::jsonb,
           correlation_id, recorded_at, previous_hash, hash
    FROM unnest(
        CAST(:aggregates AS text[]), CAST(:ids AS uuid[]), CAST(:numbers AS bigint[]), CAST(:versions AS bigint[]),
        CAST(:actions AS text[]), CAST(:subjects AS text[]), CAST(:persons AS text[]), CAST(:reasons AS text[]),
        CAST(:details AS text[]), CAST(:correlations AS text[]), CAST(:times AS timestamptz[]),
        CAST(:previous AS text[]), CAST(:hashes AS text[])
    ) AS change (aggregate, aggregate_id, number, version, action, subject, person, reason, details,
                 correlation_id, recorded_at, previous_hash, hash)
""")
PORTION: Final = 500
"""Rows of a chain read at once: that of a budget title holds two for each of its cases."""
CHAIN: Final = text("""
    SELECT * FROM audit WHERE aggregate = :aggregate AND aggregate_id = :id AND number > :after
    ORDER BY number LIMIT :portion
""")
HASHED: Final = (
    "number", "aggregate", "aggregate_id", "version", "action", "subject", "person", "reason", "details",
    "correlation_id", "recorded_at",
)  # fmt: skip
"""What of a row is hashed, together with the hash of the row before it."""
_LENGTH: Final = text("SELECT max(number) FROM audit WHERE aggregate = :aggregate AND aggregate_id = :id")


@dataclass(frozen=True)
class _Change:
    aggregate: str
    aggregate_id: UUID
    version: int
    action: str
    actor: Principal
    reason: str | None
    details: dict[str, str]
    correlation_id: str
    recorded_at: datetime

    def hash_after(self, previous: str, number: int) -> str:
        return hash_after(previous, number, self, subject=self.actor.subject, person=self.actor.person)


class Audit:
    """The audit rows of one transaction, written when it ends."""

    def __init__(self, clock: Clock, actor: Principal) -> None:
        self._clock = clock
        self.actor = actor
        self._changes: list[_Change] = []
        self.cause = Cause.begin()

    def add(
        self,
        *,
        aggregate: str,
        aggregate_id: UUID,
        version: int,
        action: str,
        reason: str | None = None,
        details: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Record one change, or one look at a person's file; ids and codes only."""
        self._changes.append(
            _Change(
                aggregate,
                aggregate_id,
                version,
                action,
                self.actor,
                reason,
                dict(details),
                self.cause.correlation_id,
                self._clock.now(),
            )
        )

    async def flush(self, connection: AsyncConnection) -> None:
        """Append the recorded changes to their chains, all in one statement."""
        changes, self._changes = self._changes, []
        if not changes:
            return
        chains = {
            "names": [change.aggregate for change in changes],
            "ids": [change.aggregate_id for change in changes],
        }
        await connection.execute(_LOCK, chains)
        ends = {
            (end.aggregate, end.aggregate_id): (end.number, end.hash) for end in await connection.execute(_ENDS, chains)
        }
        await connection.execute(_INSERT, _columns(changes, ends))


def _columns(changes: Sequence[_Change], ends: dict[tuple[str, UUID], tuple[int, str]]) -> dict[str, list[object]]:
    numbers: list[object] = []
    hashes: list[object] = []
    previous: list[object] = []
    for change in changes:
        chain = (change.aggregate, change.aggregate_id)
        last_number, last_hash = ends.get(chain, (0, BEFORE_THE_FIRST))
        number, hash_ = last_number + 1, change.hash_after(last_hash, last_number + 1)
        ends[chain] = (number, hash_)
        numbers.append(number)
        hashes.append(hash_)
        previous.append(last_hash)
    return {
        "aggregates": [change.aggregate for change in changes],
        "ids": [change.aggregate_id for change in changes],
        "numbers": numbers,
        "versions": [change.version for change in changes],
        "actions": [change.action for change in changes],
        "subjects": [change.actor.subject for change in changes],
        "persons": [change.actor.person for change in changes],
        "reasons": [change.reason for change in changes],
        "details": [canonical_json(change.details).decode() for change in changes],
        "correlations": [change.correlation_id for change in changes],
        "times": [change.recorded_at for change in changes],
        "previous": previous,
        "hashes": hashes,
    }


def hash_after(previous: str, number: int, change: "_Change | Row[Any]", *, subject: str, person: str) -> str:
    """The hash of a row with this number that follows one with that hash."""
    return hash_of(
        {
            "previous_hash": previous,
            "number": number,
            "aggregate": change.aggregate,
            "aggregate_id": str(change.aggregate_id),
            "version": change.version,
            "action": change.action,
            "subject": subject,
            "person": person,
            "reason": change.reason,
            "details": dict(change.details),
            "correlation_id": change.correlation_id,
            "recorded_at": change.recorded_at.isoformat(),
        }
    )


def hash_of(record: Mapping[str, object]) -> str:
    """The hash of one row of the audit as plain JSON values; what else the record holds does not count.

    Raises KeyError for one that is not whole, NotCanonical for values no row can hold.
    """
    content = {name: record[name] for name in HASHED} | {"previous": record["previous_hash"]}
    return digest(canonical_json(content))


async def records_of(
    connection: AsyncConnection, aggregate: str, aggregate_id: UUID, *, after: int
) -> list[dict[str, object]]:
    """A portion of a chain after this number, in order, as plain JSON values: what `hash_of` needs, and the hash."""
    asked = {"aggregate": aggregate, "id": aggregate_id, "after": after, "portion": PORTION}
    return [_record(row) for row in await connection.execute(CHAIN, asked)]


async def length_of(connection: AsyncConnection, aggregate: str, aggregate_id: UUID) -> int:
    """How many rows the chain of an aggregate has now."""
    return int(await connection.scalar(_LENGTH, {"aggregate": aggregate, "id": aggregate_id}) or 0)


def _record(row: "Row[Any]") -> dict[str, object]:
    values = row._mapping
    record = {name: values[name] for name in (*HASHED, "previous_hash", "hash")}
    return record | {"aggregate_id": str(row.aggregate_id), "recorded_at": row.recorded_at.isoformat()}
