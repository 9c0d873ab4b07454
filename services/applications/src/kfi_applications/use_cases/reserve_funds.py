"""The money of a proposal is set aside in the budget title of its call."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.work_on_case import represented_in
from kfi_applications.works import ApplicationsWork


async def reserve_funds(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Reserve all years or none. Raises BudgetExceeded, NotInBudget, NoMandate, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    if not work.actor.has_any(frozenset({Mover.BUDGET_OFFICER.value})):
        application.work_on(work.actor.person, await represented_in(application, work))
    proposal = application.reserve_funds()
    await work.budget.reserve(proposal.budget_title, application.id, proposal.by_year)
    await work.applications.save(application)
    return application
