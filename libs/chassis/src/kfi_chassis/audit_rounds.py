"""The audit recomputed without end, a little at a time: from the newest chains back to the oldest, and again.

A turn looks at a bounded number of rows and recomputes the chains that end in one of them, so that a round over all
rows recomputes each chain once. A chain that grows meanwhile moves to the top and is met in the next round.
"""

import logging
import time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis import logs
from kfi_chassis.audit_verification import ChainBroken, verify_chain
from kfi_chassis.metrics import Metrics
from kfi_chassis.work import Transactions

ROWS_A_TURN: Final = 100
_ABOVE_ALL: Final = 2**63 - 1

_TURN: Final = text("""
    SELECT position, aggregate, aggregate_id, NOT EXISTS (
        SELECT FROM audit AS later WHERE later.aggregate = row.aggregate AND later.aggregate_id = row.aggregate_id
            AND later.position > row.position) AS ends_its_chain
    FROM audit AS row WHERE position < :below ORDER BY position DESC LIMIT :rows
""")

Chain = tuple[str, UUID]


class AuditRounds:
    """Where the rounds of one process stand, and which chains it has found broken."""

    def __init__(self, *, rows_a_turn: int = ROWS_A_TURN) -> None:
        self._rows_a_turn = rows_a_turn
        self._below = _ABOVE_ALL
        self._broken: set[Chain] = set()

    async def turn(self, transactions: Transactions[Any], metrics: Metrics) -> None:
        """Verify the chains of the next rows; a chain that was broken and is whole again counts no longer."""
        async with transactions.engine.connect() as connection:
            rows = (await connection.execute(_TURN, {"below": self._below, "rows": self._rows_a_turn})).all()
            for row in rows:
                if row.ends_its_chain:
                    await self._verify(connection, (row.aggregate, row.aggregate_id))
        metrics.audit_broken_chains.set(len(self._broken))
        if len(rows) == self._rows_a_turn:
            self._below = rows[-1].position
            return
        self._below = _ABOVE_ALL
        metrics.audit_last_round_timestamp_seconds.set(time.time())

    async def _verify(self, connection: AsyncConnection, chain: Chain) -> None:
        try:
            await verify_chain(connection, *chain)
        except ChainBroken as broken:
            self._broken.add(chain)
            aggregate, aggregate_id = chain
            logs.event(
                "audit_chain_broken",
                level=logging.CRITICAL,
                aggregate=aggregate,
                aggregate_id=str(aggregate_id),
                number=broken.number,
            )
        else:
            self._broken.discard(chain)
