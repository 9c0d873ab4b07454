"""What the worker does for the doors: gives positions, lets go of what is old, and tells how the doors stand."""

from datetime import timedelta
from typing import Final

from kfi_allocation.doors.feed import WRITER
from kfi_allocation.doors.feed_writer import give_positions
from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

_SELF: Final = SYSTEM("allocation")
_LOOK: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)


async def entries_get_their_positions(transactions: Transactions[AllocationWork]) -> int:
    """Whatever was told by committed transactions becomes readable, in an order that stays."""
    return len(await transactions.run(give_positions, actor=_SELF))


async def old_events_are_dropped(transactions: Transactions[AllocationWork]) -> int:
    """Feeds keep their events for so many days; who comes later begins with the snapshot."""

    async def drop(work: AllocationWork) -> int:
        return await work.feeds.drop_before(work.clock.now() - timedelta(days=work.settings.feed_days))

    await transactions.run(drop, actor=_SELF)
    return 0


async def feeds_stand(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """For how long the oldest told event waits for its position."""

    async def read(work: AllocationWork) -> float:
        oldest = await work.feeds.oldest_without_position()
        return 0.0 if oldest is None else (work.clock.now() - oldest).total_seconds()

    metrics.feed_oldest_age_seconds.set(await transactions.run(read, actor=_SELF))


def declare_doors(worker: Worker) -> None:
    """Add the steps of the doors to the service's worker."""
    worker.each(WRITER, every=_LOOK)(entries_get_their_positions)
    worker.each("feed-retention", every=_HOUR)(old_events_are_dropped)
    worker.measure("feeds")(feeds_stand)
