"""What must be true of a service's database at any moment, looked at again and again while it works.

A service declares queries that find what breaks a promise, and measures them:

    @worker.measure("invariants", every=invariants.EVERY)
    async def promises_are_kept(transactions: Transactions[MyWork], metrics: Metrics) -> None:
        await invariants.measure(transactions, metrics, INVARIANTS)
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.work import Transactions, Work

EVERY: Final = timedelta(minutes=5)
"""Each round reads whole tables."""


async def measure(transactions: Transactions[Any], metrics: Metrics, invariants: Mapping[str, str]) -> None:
    """Count what breaks each promise, all in one transaction, which sees one moment."""

    async def count(work: Work) -> dict[str, int]:
        return {
            name: int(await work.connection.scalar(text(f"SELECT count(*) FROM ({query}) AS broken")) or 0)  # noqa: S608 - ours
            for name, query in invariants.items()
        }

    for name, broken in (await transactions.run(count, actor=SYSTEM("worker"))).items():
        metrics.invariant_violations.labels(name).set(broken)
