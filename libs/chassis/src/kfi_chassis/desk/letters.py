"""The open letters as the desk looks at them: page by page, by reason, and by their turn within a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.dead_letters import Key

_PAGE: Final = text("""
    SELECT number, topic, partition, "offset", event_id, event_type, reason, holds_key, parked_at, attempts,
           extract(epoch FROM now() - parked_at)::float AS age
    FROM dead_letter
    WHERE consumer = :consumer AND resolved_at IS NULL AND number > :after
      AND (CAST(:reason AS text) IS NULL OR :reason IN (reason, split_part(reason, ':', 1)))
      AND (CAST(:type AS text) IS NULL OR event_type = :type)
      AND parked_at <= now() - make_interval(secs => :age)
    ORDER BY number LIMIT :limit
""")
_ITS_TURN: Final = text("""
    SELECT number FROM dead_letter AS one
    WHERE consumer = :consumer AND resolved_at IS NULL AND number > :after
      AND :reason IN (reason, split_part(reason, ':', 1))
      AND NOT EXISTS (
          SELECT FROM dead_letter AS ahead
          WHERE ahead.consumer = one.consumer AND ahead.topic = one.topic AND ahead.key = one.key
            AND ahead.resolved_at IS NULL AND ahead.holds_key AND one.holds_key AND ahead.number < one.number)
    ORDER BY number LIMIT 1
""")
_LEFT: Final = text("""
    SELECT count(*) FROM dead_letter
    WHERE consumer = :consumer AND resolved_at IS NULL AND number > :after
      AND :reason IN (reason, split_part(reason, ':', 1))
""")
_STANDING: Final = text("""
    SELECT min(number) FILTER (WHERE number < :number) AS first, count(*) FILTER (WHERE number > :number) AS behind
    FROM dead_letter
    WHERE consumer = :consumer AND topic = :topic AND key = :key AND resolved_at IS NULL AND holds_key
""")


@dataclass(frozen=True)
class Wanted:
    """Which open letters: of a reason (whole, or its part before the colon), of a type, parked so long ago."""

    reason: str | None = None
    event_type: str | None = None
    older_than_seconds: float = 0.0


async def page(
    connection: AsyncConnection, consumer: str, wanted: Wanted, *, after: int = 0, limit: int
) -> Sequence[Row[Any]]:
    """The open letters after a number, oldest first, without what is in them."""
    asked = {"consumer": consumer, "after": after, "limit": limit, "reason": wanted.reason}
    asked |= {"type": wanted.event_type, "age": wanted.older_than_seconds}
    return (await connection.execute(_PAGE, asked)).all()


async def next_of_reason(connection: AsyncConnection, consumer: str, reason: str, *, after: int) -> int | None:
    """The first letter of a reason after a number that waits behind no other."""
    found = await connection.scalar(_ITS_TURN, {"consumer": consumer, "reason": reason, "after": after})
    return None if found is None else int(found)


async def left_of_reason(connection: AsyncConnection, consumer: str, reason: str, *, after: int) -> int:
    """How many letters of a reason are open after a number."""
    return int(await connection.scalar(_LEFT, {"consumer": consumer, "reason": reason, "after": after}) or 0)


async def standing(connection: AsyncConnection, consumer: str, key: Key, number: int) -> tuple[int | None, int]:
    """Which letter of the key comes before this one, and how many wait behind it."""
    asked = {"consumer": consumer, "topic": key[0], "key": key[1], "number": number}
    row = (await connection.execute(_STANDING, asked)).one()
    return row.first, row.behind
