"""The first person says what a budget title shall hold: a new title, or the correction of one that is there."""

from uuid import UUID

from kfi_applications.domain.budget import BudgetPlan
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.works import ApplicationsWork


async def propose_budget_title(key: str, plan: BudgetPlan, work: ApplicationsWork) -> UUID:
    """A new title waits for its approval and holds nothing until then. Raises AlreadyThere."""
    record = work.budget_plans.new(key)
    record.propose(plan, by=work.actor.person, on=work.calendar.today())
    await work.budget_plans.add(record)
    return record.id


async def correct_budget_title(
    key: str, plan: BudgetPlan, seen_version: int, work: ApplicationsWork
) -> MasterRecord[BudgetPlan]:
    """What is planned anew waits; what holds stays until it is approved. Raises BudgetExceeded, WrongState."""
    record = await work.budget_plans.get_to_change(key, seen_version=seen_version)
    if record.in_force is not None:
        (await work.budget.title(key)).must_hold_what_is_booked(plan)
    record.propose(plan, by=work.actor.person, on=work.calendar.today())
    await work.budget_plans.save(record)
    return record
