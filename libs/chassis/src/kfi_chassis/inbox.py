"""Remembers which records a consumer has dealt with, in the transaction that deals with them.

Rows must outlive the records in the topics that are read. Those are kept for good, so the inbox is never purged.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# sorted, so that two members which got the same records after a rebalance wait for one another and cannot deadlock
RECORD: Final = text("""
    INSERT INTO inbox (consumer, event_id)
    SELECT DISTINCT :consumer, id FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
    ON CONFLICT DO NOTHING RETURNING event_id
""")


async def record(connection: AsyncConnection, consumer: str, ids: Sequence[UUID]) -> set[UUID]:
    """Note ids and return those that were new; waits for a transaction that is noting the same id just now."""
    if not ids:
        return set()
    return set(await connection.scalars(RECORD, {"consumer": consumer, "ids": list(ids)}))
