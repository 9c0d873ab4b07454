"""What the service does by itself."""

from kfi_allocation.arrival_steps import declare_arrivals
from kfi_allocation.doors.steps import declare_doors
from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.outlook_steps import declare_outlook
from kfi_allocation.placement_steps import declare_placements
from kfi_allocation.promises import INVARIANTS
from kfi_allocation.run_steps import declare_runs
from kfi_allocation.standing_figures import declare_standing
from kfi_allocation.work import AllocationWork
from kfi_chassis import invariants
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

worker = Worker()
declare_arrivals(worker)
declare_outlook(worker)
declare_runs(worker)
declare_placements(worker)
declare_standing(worker)
declare_doors(worker)


@worker.measure("invariants", every=invariants.EVERY)
async def promises_are_kept(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """What households, placements, runs and accounts promise one another holds."""
    await invariants.measure(transactions, metrics, INVARIANTS)
