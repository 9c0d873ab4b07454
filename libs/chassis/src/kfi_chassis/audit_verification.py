"""Recomputes the audit: that no row was changed, removed from the middle or put in between."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.audit import BEFORE_THE_FIRST, CHAIN, PORTION, hash_after

_ALL: Final = text("""
    SELECT * FROM audit WHERE (aggregate, aggregate_id, number) > (:aggregate, :id, :number)
    ORDER BY aggregate, aggregate_id, number LIMIT :portion
""")


class ChainBroken(Exception):
    """The audit rows of an aggregate are not the ones that were written."""

    def __init__(self, aggregate: str, aggregate_id: UUID, number: int) -> None:
        super().__init__(f"the audit of {aggregate} {aggregate_id} is broken at row {number}")
        self.number = number


async def verify_chain(connection: AsyncConnection, aggregate: str, aggregate_id: UUID) -> int:
    """Recompute the chain of an aggregate and return its length. Raises ChainBroken with the first wrong row.

    A long chain is read portion by portion: it takes bounded memory, and others of the process work in between.
    """
    last: Row[Any] | None = None
    while True:
        after = 0 if last is None else last.number
        asked = {"aggregate": aggregate, "id": aggregate_id, "after": after, "portion": PORTION}
        rows = (await connection.execute(CHAIN, asked)).all()
        for row in rows:
            _must_follow(last, row)
            last = row
        if len(rows) < PORTION:
            return 0 if last is None else last.number


async def verify_all(connection: AsyncConnection, tell: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Recompute every chain, portion by portion; returns how many chains and rows there are.

    After each portion it tells how many rows are recomputed. Raises ChainBroken at the first wrong row.
    """
    chains = rows = 0
    last: Row[Any] | None = None
    while portion := await _next_portion(connection, last):
        for row in portion:
            chains += _must_follow(last, row)
            last = row
        rows += len(portion)
        tell(rows)
    return chains, rows


async def _next_portion(connection: AsyncConnection, last: Row[Any] | None) -> Sequence[Row[Any]]:
    place = ("", UUID(int=0), 0) if last is None else (last.aggregate, last.aggregate_id, last.number)
    aggregate, aggregate_id, number = place
    asked = {"aggregate": aggregate, "id": aggregate_id, "number": number, "portion": PORTION}
    return (await connection.execute(_ALL, asked)).all()


def _must_follow(last: Row[Any] | None, row: Row[Any]) -> bool:
    """Whether a row begins the next chain. Raises ChainBroken when it neither does nor continues the one before."""
    begins = last is None or (row.aggregate, row.aggregate_id) != (last.aggregate, last.aggregate_id)
    number, previous = (1, BEFORE_THE_FIRST) if last is None or begins else (last.number + 1, last.hash)
    unbroken = row.number == number and row.previous_hash == previous
    if not unbroken or row.hash != hash_after(previous, number, row, subject=row.subject, person=row.person):
        raise ChainBroken(row.aggregate, row.aggregate_id, number)
    return begins
