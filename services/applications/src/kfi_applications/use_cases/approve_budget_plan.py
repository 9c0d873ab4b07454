"""The second person puts in force what a budget title may hold."""

from kfi_applications.domain.budget import BudgetPlan
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.works import ApplicationsWork


async def approve_budget_plan(key: str, seen_version: int, work: ApplicationsWork) -> MasterRecord[BudgetPlan]:
    """From now on the years hold it. Raises BudgetExceeded, FourEyesViolated, WrongState."""
    record = await work.budget_plans.get_to_change(key, seen_version=seen_version)
    approved = record.approve(by=work.actor.person, on=work.calendar.today())
    await work.budget.plan(key, approved.content)
    await work.budget_plans.save(record)
    return record
