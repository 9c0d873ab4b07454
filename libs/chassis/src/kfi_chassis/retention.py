"""How long the chassis keeps what, and the purge that keeps it so, in small batches.

The inbox is not purged: it must remember longer than the topics keep their records, and most keep them for good. Sealed
content goes first: outbox rows at the broker's acknowledgement (the relay does that), parked records after thirty days.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions, Work
from kfi_contracts import ALL_EVENTS
from kfi_contracts.classification import Classification, classification_of

PUBLISHED_KEPT: Final = timedelta(days=14)
SEALED_LETTERS_KEPT: Final = timedelta(days=30)
RESOLVED_LETTERS_KEPT: Final = timedelta(days=90)
IDEMPOTENCY_KEYS_KEPT: Final = timedelta(days=7)
_BATCH: Final = 2000

_PURGES: Final = (
    (
        """DELETE FROM outbox WHERE position IN (
               SELECT position FROM outbox WHERE occurred_at < now() - CAST(:age AS interval)
               AND NOT EXISTS (SELECT FROM outbox_due AS due WHERE due.position = outbox.position)
               ORDER BY position LIMIT :batch)""",
        PUBLISHED_KEPT,
    ),
    (
        """DELETE FROM dead_letter WHERE number IN (
               SELECT number FROM dead_letter WHERE resolved_at < now() - CAST(:age AS interval) LIMIT :batch)""",
        RESOLVED_LETTERS_KEPT,
    ),
    (
        """DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM idempotency_key WHERE recorded_at < now() - CAST(:age AS interval) LIMIT :batch))""",
        IDEMPOTENCY_KEYS_KEPT,
    ),
)
_EXPIRE_SEALED: Final = text("""
    UPDATE dead_letter SET value = NULL, headers = '[]', resolved_at = coalesce(resolved_at, now()),
        resolution = coalesce(resolution, 'expired'), resolved_by = coalesce(resolved_by, :by)
    WHERE topic = ANY(CAST(:topics AS text[])) AND value IS NOT NULL AND parked_at < now() - CAST(:age AS interval)
""")


def sealed_topics() -> frozenset[str]:
    """Topics whose events carry a person, sealed."""
    return frozenset(event.topic for event in ALL_EVENTS if classification_of(event) is Classification.SEALED)


async def purge(transactions: Transactions[Any]) -> int:
    """Remove one batch of what is past its time, and tell how many rows went; call again while there are any."""

    async def use(work: Work) -> int:
        connection, gone = work.connection, 0
        for statement, age in _PURGES:
            gone += (await connection.execute(text(statement), {"age": age, "batch": _BATCH})).rowcount
        expired = {"topics": sorted(sealed_topics()), "age": SEALED_LETTERS_KEPT, "by": work.actor.subject}
        return gone + (await connection.execute(_EXPIRE_SEALED, expired)).rowcount

    return await transactions.run(use, actor=SYSTEM("retention"))
