"""A planner looked into numbers that differ."""

from uuid import UUID

from kfi_allocation.presence_ledger import PresenceTask, SettledAs
from kfi_allocation.work import AllocationWork


async def settle_task(task_id: UUID, as_: SettledAs, seen_version: int, work: AllocationWork) -> PresenceTask:
    """The task is settled; the numbers stay as they were said. Raises UnknownTask, SettledAlready, VersionConflict."""
    task = await work.presence.task(task_id, seen_version=seen_version)
    task.settle(as_, by=work.actor.person, on=work.calendar.today())
    await work.presence.save(task)
    return task
