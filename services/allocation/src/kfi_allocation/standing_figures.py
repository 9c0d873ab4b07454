"""For how long objections of towns and lists of arrivals have stood still, for the metrics."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions, Work
from kfi_chassis.worker import Worker

_SELF: Final = SYSTEM("allocation")
_EVERY: Final = timedelta(seconds=10)
_OBJECTIONS: Final = text("""
    SELECT coalesce(:today - min(objected_on), 0) FROM placement
    WHERE objected_on IS NOT NULL AND state IN ('proposed', 'heard', 'ready')
""")
_LISTS: Final = text("""
    SELECT min(last_step) FROM (
        SELECT max(recorded_at) AS last_step FROM arrival_list JOIN audit ON aggregate_id = arrival_list.id
        WHERE state IN ('received', 'importing') GROUP BY arrival_list.id) AS at_work
""")


async def days_of_the_oldest_objection(work: Work) -> int:
    """Days since the oldest objection that nobody has decided about; 0 without any."""
    days = await work.connection.scalar(_OBJECTIONS, {"today": work.calendar.today()})
    return int(days or 0)


async def seconds_of_the_oldest_list(work: Work) -> float:
    """Seconds since a list that waits for the service was last moved; 0 without any."""
    since = await work.connection.scalar(_LISTS)
    return 0.0 if since is None else float((work.clock.now() - since).total_seconds())


async def what_stands_still(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """Set the gauges."""

    async def read(work: AllocationWork) -> tuple[int, float]:
        return await days_of_the_oldest_objection(work), await seconds_of_the_oldest_list(work)

    days, seconds = await transactions.run(read, actor=_SELF)
    metrics.objection_oldest_age_days.set(days)
    metrics.arrival_list_oldest_age_seconds.set(seconds)


def declare_standing(worker: Worker) -> None:
    """Add the measure to the service's worker."""
    worker.measure("standing", every=_EVERY)(what_stands_still)
