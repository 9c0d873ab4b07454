"""What the service does by itself for placements: it acts on the days for which somebody waits, and measures."""

from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.placement_deadlines import HEARING, OBJECTION
from kfi_allocation.use_cases.hear_family import end_hearing_period
from kfi_allocation.use_cases.hear_town import end_objection_period
from kfi_allocation.work import AllocationWork
from kfi_chassis.deadlines import Deadline
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker


async def a_silent_town_agrees(deadline: Deadline, work: AllocationWork) -> None:
    """Its last day to object has passed."""
    await end_objection_period(deadline.subject, work)


async def a_time_to_be_heard_is_over(deadline: Deadline, work: AllocationWork) -> None:
    """It is decided on the file; nothing is decided by itself."""
    await end_hearing_period(deadline.subject, work)


async def measure_placements(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """How old open proposals are, and how many objections wait."""

    async def read(work: AllocationWork) -> None:
        for age, count in (await work.placement_list.open_by_age()).items():
            metrics.proposals_open.labels(age).set(count)
        metrics.objections_open.set(await work.placement_list.objections_open())

    await transactions.run(read, actor=SYSTEM("allocation"))


def declare_placements(worker: Worker) -> None:
    """Let the worker do all of this."""
    worker.on_deadline(OBJECTION)(a_silent_town_agrees)
    worker.on_deadline(HEARING)(a_time_to_be_heard_is_over)
    worker.measure("placements")(measure_placements)
