"""What the worker does for forward notice."""

from datetime import timedelta
from typing import Final

from kfi_allocation.use_cases.compute_outlook import OUTLOOK, compute_when_changed
from kfi_allocation.work import AllocationWork
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

_LOOK: Final = timedelta(minutes=1)


async def towns_are_told_what_to_expect(transactions: Transactions[AllocationWork]) -> int:
    """All outlooks are computed anew when something they depend on has changed."""
    await compute_when_changed(transactions)
    return 0


def declare_outlook(worker: Worker) -> None:
    """Add the step to the service's worker."""
    worker.each(OUTLOOK, every=_LOOK)(towns_are_told_what_to_expect)
